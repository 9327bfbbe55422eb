"""Names of agencies as people write them: whole or short, with blanks, with a unit behind."""

import re
import unicodedata
from collections.abc import Collection, Iterator

# The short names that are in use, in place of the whole word.
_SHORT = (("台", "臺"), ("標檢局", "標準檢驗局"), ("國發會", "國家發展委員會"))
# 臺灣大學 means 國立臺灣大學, while 大學 means none.
_SHORTEST_END = 4
_NO_LETTER = re.compile(r"[\W_]+")
# 經濟部・標準檢驗局・高雄分局: each level of a name stands for all above it as well.
_LEVEL = re.compile(r".+?(?:部|分局|局|署|院|會|府)|.+$")


def agency_called(name: str, known: Collection[str]) -> str:
    """The agency among those known that a name means, else the name itself without blanks and signs.

    A unit of an agency means the agency; the most special one is meant where several fit.
    """
    plain = _plain(name)
    by_length = sorted(known, key=lambda full: (-len(full), full))
    return next((full for full in by_length if _means(plain, _plain(full))), plain)


def is_same_agency(one: str, other: str, known: Collection[str]) -> bool:
    """True where two names mean one agency; a branch is another agency than the one above it."""
    known = {*known, other}
    return agency_called(one, known) == agency_called(other, known)


def _plain(name: str) -> str:
    plain = _NO_LETTER.sub("", unicodedata.normalize("NFKC", name))
    for short, whole in _SHORT:
        plain = plain.replace(short, whole)
    return plain


def _means(plain: str, full: str) -> bool:
    is_end = len(plain) >= _SHORTEST_END and full.endswith(plain)
    return is_end or any(plain.startswith(form) for form in _forms(full))


def _forms(full: str) -> Iterator[str]:
    """The whole name, and what is left of it without the levels above."""
    levels = _LEVEL.findall(full)
    return ("".join(levels[first:]) for first in range(len(levels)))
