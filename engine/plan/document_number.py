"""The number of an official letter, e.g. 經標高秘字第11490000470號函."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from engine.plan.roc import roc_year
from engine.plan.rule_error import PlanRuleError
from engine.plan.vocabulary import LETTER_KINDS

_HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_PREFIX = re.compile(f"[{_HAN}]{{1,10}}")
_NUMBER = re.compile(r"[0-9]{10,11}")
_FORMAT = re.compile(r"(.+?)第([0-9]+)號(.*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentNumber:
    """Prefix (字), 10 or 11 digits, and the kind of letter; PlanRuleError when one of them cannot be."""

    prefix: str
    number: str
    kind: str = "函"

    def __post_init__(self) -> None:
        if not _PREFIX.fullmatch(self.prefix):
            raise PlanRuleError(
                "{prefix} is not a document prefix of 1 to 10 Chinese characters", prefix=self.prefix
            )
        if not _NUMBER.fullmatch(self.number):
            raise PlanRuleError("{number} is not a document number of 10 or 11 digits", number=self.number)
        if self.kind not in LETTER_KINDS:
            raise PlanRuleError("{kind} is not a kind of letter", kind=self.kind)

    def format(self) -> str:
        """As it is quoted in letters."""
        return f"{self.prefix}第{self.number}號{self.kind}"

    def year_differs(self, issued_on: date) -> bool:
        """True when the first three digits are not the ROC year of the letter: a warning only.

        Around New Year the two may rightly differ.
        """
        return self.number[:3] != f"{roc_year(issued_on):03d}"


def parse_document_number(text: str) -> DocumentNumber:
    """Read a quoted number, blanks forgiven, kind 函 when none is given; PlanRuleError when it is none."""
    compact = "".join(text.split())
    found = _FORMAT.fullmatch(compact)
    if not found:
        raise PlanRuleError("{text} is not a document number", text=text)
    return DocumentNumber(prefix=found[1], number=found[2], kind=found[3] or "函")
