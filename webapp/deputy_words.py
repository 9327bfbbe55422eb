"""Deputies in the words of the page: why somebody is away, how a deputy signs, and both names in one line."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext, lazy_gettext
from flask_babel.speaklater import LazyString

from engine.domain.deputy import DeputyCause, DeputyKind

CAUSE_WORDS: dict[DeputyCause, LazyString] = {
    DeputyCause.OFFICIAL_DUTY: lazy_gettext("on official duty"),
    DeputyCause.BUSINESS_TRIP: lazy_gettext("on a business trip"),
    DeputyCause.VACATION: lazy_gettext("on vacation"),
    DeputyCause.LEAVE: lazy_gettext("on leave"),
    DeputyCause.SICK_LEAVE: lazy_gettext("on sick leave"),
    DeputyCause.TRAINING: lazy_gettext("in training"),
    DeputyCause.VACANCY: lazy_gettext("post vacant"),
    DeputyCause.AUTHORITY: lazy_gettext("by authority"),
}
KIND_WORDS: dict[DeputyKind, LazyString] = {
    DeputyKind.ACTING: lazy_gettext("acting for"),
    DeputyKind.IN_ABSENCE: lazy_gettext("signing in the absence of"),
    DeputyKind.BY_AUTHORITY: lazy_gettext("deciding by authority of"),
}


def in_place_of(deputy: Mapping[str, Any] | None) -> str:
    """`代理 林雅惠 主任（公出）`, from what an event or a signature keeps of a deputy; empty without one."""
    if not deputy:
        return ""
    return str(
        gettext(
            "%(kind)s %(who)s (%(cause)s)",
            kind=KIND_WORDS[DeputyKind(deputy["kind"])],
            who=f"{deputy['name']} {deputy['title']}".strip(),
            cause=CAUSE_WORDS[DeputyCause(deputy["cause"])],
        )
    )
