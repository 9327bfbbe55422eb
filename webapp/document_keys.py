"""Which document of a kind it is: its key in the words of the house."""

import re
from collections.abc import Mapping

from flask_babel import gettext

from engine.activities.publication import PLACES, WEB
from engine.domain.identity import Unit, User
from engine.plan.reward_list import OUTCOMES, RELATIONS
from webapp.definition_words import in_language
from webapp.document_names import kind_words

PLACE_NAMES = {place["id"]: place["label"] for place in (WEB, *PLACES)}
LEVELS = {"chief_review": "主任核稿", "decide": "核定"}  # of the bureau's signatures
AWARD_ENTRY = re.compile(r"[a-z_]+:award:(\d+):(outside:)?(\d+)")
OWNER_YEAR = re.compile(r"[a-z_]+:(?:award:)?(\d{2,3})(?::.*)?")
RULING = re.compile(rf"(\d+):({'|'.join(OUTCOMES)}):({'|'.join(RELATIONS)})")
NUMBERED_UNIT = re.compile(r"(\w+)-(\d+)")


def key_words(key: str, units: Mapping[str, Unit], people: Mapping[str, User] | None = None) -> str:
    """Which one of a kind: a unit, a place, a person, an award entry, a round, a level of its signatures.

    What is none of these stands as it is, as does the account of a person who is not among `people`.
    """
    words = (_part(part, units, people or {}) for part in key.split("|"))
    return " ".join(filter(None, words))


def owner_words(owner: str) -> str:
    """Whose document it is: the year of a plan or award, or an entry of an award; empty for the agency's."""
    entry = AWARD_ENTRY.fullmatch(owner)
    if entry:
        return _entry(entry)
    year = OWNER_YEAR.fullmatch(owner)
    return str(gettext("of %(year)s", year=year[1])) if year else ""


def _part(part: str, units: Mapping[str, Unit], people: Mapping[str, User]) -> str:
    entry = AWARD_ENTRY.fullmatch(part)
    if entry:
        return _entry(entry)
    if part.startswith("outside:"):
        name, _, agency = part.removeprefix("outside:").partition("@")
        return f"{name}（{agency}）" if agency else name
    ruling = RULING.fullmatch(part)
    if ruling:
        words = (in_language(OUTCOMES[ruling[2]]), in_language(RELATIONS[ruling[3]]))
        return " ".join((_numbered(int(ruling[1]), 0), *words))
    return _pieces(part.removeprefix("account:"), units, people)


def _pieces(part: str, units: Mapping[str, Unit], people: Mapping[str, User]) -> str:
    numbers = 0
    words = []
    for piece in filter(None, part.split(":")):
        if piece.isdecimal():
            words.append(_numbered(int(piece), numbers))
            numbers += 1
        else:
            words.append(_name(piece, units, people))
    return " ".join(words)


def _name(piece: str, units: Mapping[str, Unit], people: Mapping[str, User]) -> str:
    numbered = NUMBERED_UNIT.fullmatch(piece)
    if numbered and numbered[1] in units:
        return f"{units[numbered[1]].label} {numbered[2]}"
    if piece in units:
        return units[piece].label
    if piece in people:
        return people[piece].name
    return PLACE_NAMES.get(piece) or in_language(LEVELS.get(piece, "")) or kind_words(piece)


def _entry(found: re.Match[str]) -> str:
    year, no = found[1], found[3]
    if found[2]:
        return str(gettext("outside entry %(no)s of the award of %(year)s", no=no, year=year))
    return str(gettext("entry %(no)s of the award of %(year)s", no=no, year=year))


def _numbered(no: int, numbers_before: int) -> str:
    """The first number of a key is a round, the second the place of a level, counted from 0."""
    if numbers_before:
        return str(gettext("level %(n)d", n=no + 1))
    return str(gettext("round %(n)d", n=no))
