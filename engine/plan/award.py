"""The Government Service Award (政府服務獎): keys of editions and entries, outcomes, ranking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from types import MappingProxyType

# In the order in which they rise: who won was a finalist, who was a finalist had been recommended (stage 9).
OUTCOMES: Mapping[str, str] = MappingProxyType(
    {"not_recommended": "未獲推薦", "recommended": "薦送參選", "finalist": "入圍實地訪查", "won": "得獎"}
)
NOT_RECOMMENDED, RECOMMENDED, FINALIST, WON = OUTCOMES
# 柒.二: these give rights to a reward; finalist and won only with the number of the certificate (A12).
NEEDS_CERTIFICATE = frozenset({FINALIST, WON})
_HUNDREDTH = Decimal("0.01")


def default_award_year(plan_year: int) -> int:
    """The edition in which the results of a plan year are entered: they exist after its end only (A4)."""
    return plan_year + 1


def edition_key(agency_id: str, award_year: int) -> str:
    """The edition (屆) of an award year as one agency takes part in it."""
    return f"{agency_id}:award:{award_year}"


def entry_key(edition: str, no: int) -> str:
    """One entry in an edition: the agency and a unit of it may both enter, each with a number of its own."""
    return f"{edition}:{no}"


def screening_key(award_year: int) -> str:
    """The ministry's screening of an award year."""
    return f"ministry:award:{award_year}"


def rises(outcome: str, before: Sequence[str]) -> bool:
    """True for an outcome that gives rights that no earlier one of the entry gave."""
    order = list(OUTCOMES)
    reached = max((order.index(name) for name in before), default=0)
    return order.index(outcome) > reached


def falls(outcome: str, before: Sequence[str]) -> bool:
    """True for an outcome below the one that was recorded last."""
    order = list(OUTCOMES)
    return bool(before) and order.index(outcome) < order.index(before[-1])


def stands(outcome: str, latest: str) -> bool:
    """False for an outcome that was corrected: one recorded later for the same entry is below it."""
    order = list(OUTCOMES)
    return order.index(outcome) <= order.index(latest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """An entry with the average of its reviewers' totals, and its place; equal averages share a place."""

    key: str
    average: Decimal
    place: int
    scores: int


def ranked(totals: Mapping[str, Sequence[int]]) -> tuple[Ranked, ...]:
    """Entries by the average of their totals, the best first; an entry that nobody scored comes last."""
    averages = {key: _average(values) for key, values in totals.items()}
    order = sorted(averages, key=lambda key: (-averages[key], key))
    return tuple(
        Ranked(
            key=key,
            average=averages[key],
            place=1 + sum(other > averages[key] for other in averages.values()),
            scores=len(totals[key]),
        )
        for key in order
    )


def _average(values: Sequence[int]) -> Decimal:
    if not values:
        return Decimal("0.00")
    return (Decimal(sum(values)) / len(values)).quantize(_HUNDREDTH, ROUND_HALF_UP)
