"""The words of a proof: what each check looks at, and what is said when it holds or not."""

from dataclasses import dataclass

from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

from engine.replay import Check


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckWords:
    """One check: its icon and name, what it looks at, and how it ends."""

    check: Check
    icon: str
    name: LazyString
    about: LazyString
    holds: LazyString
    fails: LazyString


CHECKS = (
    CheckWords(
        check=Check.CHAIN, icon="link-45deg", name=lazy_gettext("Chain"),
        about=lazy_gettext("The digest of every event is computed again, from the first to the last one."),
        holds=lazy_gettext("Chain whole"), fails=lazy_gettext("Chain broken"),
    ),
    CheckWords(
        check=Check.ANCHOR, icon="pin-angle-fill", name=lazy_gettext("Anchor"),
        about=lazy_gettext("Every history still shows what the daily anchors saw of it."),
        holds=lazy_gettext("Anchors agree"), fails=lazy_gettext("Anchors differ"),
    ),
    CheckWords(
        check=Check.REPLAY, icon="arrow-repeat", name=lazy_gettext("Replay"),
        about=lazy_gettext("Every process is executed again by its own definition, every effect compared."),
        holds=lazy_gettext("Replay agrees"), fails=lazy_gettext("Replay differs"),
    ),
    CheckWords(
        check=Check.CONTENT, icon="paperclip", name=lazy_gettext("Content"),
        about=lazy_gettext("Documents, files and definitions have the digests that events name."),
        holds=lazy_gettext("Content agrees"), fails=lazy_gettext("Content was changed"),
    ),
    CheckWords(
        check=Check.PROJECTION, icon="list", name=lazy_gettext("Rows"),
        about=lazy_gettext("Tasks, letters, people, roles and settings are as history tells them."),
        holds=lazy_gettext("Rows agree"), fails=lazy_gettext("Rows differ"),
    ),
    CheckWords(
        check=Check.DUTIES, icon="people", name=lazy_gettext("Separation of duties"),
        about=lazy_gettext("Nobody did what recusal, deputyship or four eyes forbid."),
        holds=lazy_gettext("No breach"), fails=lazy_gettext("Breached"),
    ),
)  # fmt: skip
# What the badges of one instance say at a glance.
BADGES = tuple(words for words in CHECKS if words.check in (Check.CHAIN, Check.ANCHOR, Check.REPLAY))
