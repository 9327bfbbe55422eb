"""Question 9: the numbers of D2 that differ from D1 and from the unit's own entry, and why.

A number that the unit, D1 and D2 tell alike stands in no row. Every other one has a row for each time it
became another one, with what the three tell in the end, and with the deliveries that had left by then.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from engine.plan.document import decimal_text
from engine.queries.questions.answer import Answer, Column, Mark, Question, Row, Words, cell, strongest
from engine.queries.questions.reported import (
    ReportedRow,
    delivered_row,
    of_scope,
    reported_row,
    row_cell,
    told_value,
)
from engine.queries.questions.scope import Scene
from engine.queries.questions.trail import Recorded, Trail
from engine.store.unit_of_work import Reader

KINDS = ("self_report", "d1", "d2", "delivery", "correction")
FROZEN, CORRECTED = "frozen", "更正"


class _Where(StrEnum):
    """Where a number became another one; the value is what people read."""

    UNIT = "The unit's own entry"
    D1 = "D1"
    D1_CORRECTED = "Correction of D1"
    D2 = "D2"
    D2_CORRECTED = "Correction of D2"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Version:
    """The numbers of one version: who wrote them when, and why some differ from those before."""

    recorded: Recorded
    numbers: Mapping[ReportedRow, str]
    by: str
    at: datetime
    reasons: Mapping[ReportedRow, str] = field(default_factory=dict)
    corrects: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """A number became another one."""

    where: _Where
    version: _Version
    before: str
    after: str


def changed_numbers(reader: Reader, scene: Scene) -> Answer:
    """Every change of a number between the units' entries, D1 and D2, in the order of the plan."""
    trail = Trail(reader, scene)
    plans: dict[str, list[Recorded]] = defaultdict(list)
    for document in of_scope(trail, *KINDS):
        plans[document.owner].append(document)
    rows = tuple(row for key in sorted(plans) for row in _Plan(trail, plans[key]).rows())
    counted = sum(
        len(document.body["rows"]) for documents in plans.values() for document in _newest(documents)
    )
    summary = Words(
        template="{changes} changes of numbers; D1 holds {numbers} numbers and statuses in all.",
        params={"changes": len(rows), "numbers": counted},
    )
    return Answer(rows=rows, summary=(summary,))


class _Plan:
    """What was recorded of the numbers of one plan."""

    def __init__(self, trail: Trail, documents: Sequence[Recorded]) -> None:
        of = {kind: [d for d in documents if d.kind == kind] for kind in KINDS}
        self.trail = trail
        self.deliveries = of["delivery"]
        self.corrections = of["correction"]
        self.own: dict[str, list[_Version]] = defaultdict(list)
        for report in of["self_report"]:
            self.own[report.key].append(_version(report, _own_numbers(report)))
        self.d1 = self._versions("d1", of["d1"], {d.no for d in of["d1"] if d.note == FROZEN})
        self.d2 = self._versions("d2", of["d2"], self._sent("d2") or {d.no for d in of["d2"][-1:]})

    def rows(self) -> Iterator[Row]:
        """The changes of every number, in the order of the plan."""
        reports = [report for reports in self.own.values() for report in reports]
        keys = {key for version in (*reports, *self.d1, *self.d2) for key in version.numbers}
        for key in sorted(keys, key=lambda key: key.order):
            own, d1, d2 = (
                [(version, version.numbers.get(key, "")) for version in versions]
                for versions in (self.own.get(key.unit, ()), self.d1, self.d2)
            )
            last = tuple(values[-1][1] if values else "" for values in (own, d1, d2))
            for change in sorted(self._changes(own, d1, d2), key=lambda change: change.version.at):
                yield self._row(key, last, change)

    def _changes(
        self,
        own: Sequence[tuple[_Version, str]],
        d1: Sequence[tuple[_Version, str]],
        d2: Sequence[tuple[_Version, str]],
    ) -> Iterator[_Change]:
        """D1 is compared with what the unit told by then, D2 with the D1 from which it was written."""
        compiled = d1[0][0].at if d1 else None
        written = d2[0][0].at if d2 else None
        yield from _steps(_by(own, compiled), d1, _Where.D1, _Where.D1_CORRECTED)
        yield from _steps(_by(d1, written), d2, _Where.D2, _Where.D2_CORRECTED)
        for change in _steps("", own, _Where.UNIT, _Where.UNIT):
            if compiled is not None and change.version.at > compiled:
                yield change

    def _row(self, key: ReportedRow, last: tuple[str, ...], change: _Change) -> Row:
        version = change.version
        reason = version.reasons.get(key, "")
        sent = sorted({d.key.upper() for d in self.deliveries if d.at < version.at})
        mark, why = strongest(_remarks(change, reason, sent))
        changed = Words(
            template="{before} became {after}",
            params={"before": told_value(change.before), "after": told_value(change.after)},
        )
        return Row(
            cells=(
                row_cell(self.trail, key),
                *(cell(told_value(value)) for value in last),
                (*cell(Words(template=change.where)), *cell(changed, version.recorded.place)),
                cell(reason),
                cell(self.trail.person(version.by)),
                cell(version.at),
                cell("、".join(sent)),
            ),
            place=version.recorded.place,
            mark=mark,
            why=why,
        )

    def _versions(self, kind: str, documents: Sequence[Recorded], kept: set[int]) -> list[_Version]:
        """The versions that counted: what was frozen or sent, and its corrections.

        Whoever froze or sent the numbers did not write them: a version names the one who did.
        """
        found = []
        for document in documents:
            numbers = {delivered_row(document, row): _number(row) for row in document.body["rows"]}
            if document.note == CORRECTED:
                proposed = [c for c in self.corrections if c.key == kind and c.at <= document.at][-1]
                reasons = _reasons(document, proposed.body["changes"])
                found.append(_version(document, numbers, by=proposed.by, reasons=reasons, corrects=True))
            elif document.no in kept:
                drafts = [d for d in documents if d.no <= document.no and d.note not in (FROZEN, CORRECTED)]
                draft = drafts[-1]
                reasons = _reasons(
                    document, document.body.get("late_changes" if kind == "d1" else "changes", ())
                )
                found.append(_version(document, numbers, by=draft.by, at=draft.at, reasons=reasons))
        return found

    def _sent(self, kind: str) -> set[int]:
        """The numbers of the versions that left the house, corrections apart."""
        own = [d.body for d in self.deliveries if d.key == kind and not d.body.get("correction")]
        return {int(body["document"]["no"]) for body in own}


def _remarks(change: _Change, reason: str, sent: Sequence[str]) -> Iterator[tuple[Mark, Words]]:
    if not reason and change.where is not _Where.UNIT:
        yield Mark.BREACH, Words(template="No reason was written down")
    if change.where is _Where.UNIT:
        yield Mark.REMARKABLE, Words(template="The unit changed its entry after D1 had been compiled")
    for delivery in sent:
        template = "Changed when the results of {delivery} were known already"
        yield Mark.REMARKABLE, Words(template=template, params={"delivery": delivery})


def _by(values: Sequence[tuple[_Version, str]], at: datetime | None) -> str:
    """What was told last by a moment; nothing where nobody told anything yet."""
    return next((value for version, value in reversed(values) if at is not None and version.at <= at), "")


def _steps(
    before: str, versions: Iterable[tuple[_Version, str]], first: _Where, corrected: _Where
) -> Iterator[_Change]:
    """Every step at which a number became another one; what was told for the first time changed nothing."""
    for version, after in versions:
        if before and after != before:
            yield _Change(
                where=corrected if version.corrects else first, version=version, before=before, after=after
            )
        before = after


def _version(
    recorded: Recorded,
    numbers: Mapping[ReportedRow, str],
    *,
    by: str = "",
    at: datetime | None = None,
    reasons: Mapping[ReportedRow, str] | None = None,
    corrects: bool = False,
) -> _Version:
    return _Version(
        recorded=recorded, numbers=numbers, by=by or recorded.by, at=at or recorded.at, reasons=reasons or {},
        corrects=corrects,
    )  # fmt: skip


def _number(row: Mapping[str, Any]) -> str:
    """The number of a row of a delivery, or its status where there is no number."""
    return str(row["status"] if row["actual"] is None else row["actual"])


def _own_numbers(report: Recorded) -> dict[ReportedRow, str]:
    """The same of a unit's own report, which counts only where it says something."""
    numbers = {}
    for row in report.body["rows"]:
        actual = row.get("actual") if row.get("indicator") else None
        numbers[reported_row(report, row)] = (
            str(row.get("status") or "") if actual is None else decimal_text(Decimal(actual))
        )
    return numbers


def _reasons(delivery: Recorded, changes: Iterable[Mapping[str, Any]]) -> dict[ReportedRow, str]:
    found = {}
    for change in changes:
        action, unit, indicator = str(change["row"]).split("|")
        row = ReportedRow(plan_key=delivery.owner, action=action, unit=unit, indicator=indicator)
        found[row] = str(change.get("reason", ""))
    return found


def _newest(documents: Iterable[Recorded]) -> list[Recorded]:
    return [d for d in documents if d.kind == "d1"][-1:]


QUESTION = Question(
    number=9,
    slug="delivered-numbers",
    title="Numbers of D1 and D2",
    sentence="Which numbers in D2 differ from D1 and from the unit's own entry, and why?",
    columns=(
        Column(key="row", title="Action and target"),
        Column(key="own", title="The unit's own entry"),
        Column(key="d1", title="D1"),
        Column(key="d2", title="D2"),
        Column(key="changed", title="Changed in"),
        Column(key="reason", title="Reason"),
        Column(key="by", title="Done by"),
        Column(key="at", title="At what time"),
        Column(key="sent", title="Sent before"),
    ),
    ask=changed_numbers,
)
