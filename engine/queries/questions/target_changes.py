"""Question 1: who changed a target, from what to what, when, under which task, and who approved it (捌).

Also what the audit asks of numbers: whether a target was changed after its result was known.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from engine.activities.signatures import APPROVALS
from engine.clock import TAIPEI
from engine.domain.history import EventType
from engine.plan.amendment import LoweredTarget, lowered_targets, target_words
from engine.plan.differences import Change, diff_plans
from engine.plan.document import Plan, from_json
from engine.plan.roc import roc_to_ad_year
from engine.queries.questions.answer import (
    Answer,
    Cell,
    Column,
    Mark,
    Part,
    PlanPlace,
    Question,
    Row,
    Words,
    cell,
    strongest,
)
from engine.queries.questions.scope import Scene
from engine.queries.questions.trail import Recorded, Trail
from engine.store.unit_of_work import Reader

TARGETS = ".targets."
Key = tuple[str, str, str]  # owner, action, indicator


@dataclass(frozen=True, slots=True, kw_only=True)
class _Changed:
    """One field of a target that a version changed."""

    version: Recorded
    plan: Plan
    action: str
    indicator: str
    change: Change
    is_lowered: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Signing:
    """The standing signatures of a round that was decided, with the events that gave them."""

    version_no: int
    signatures: tuple[Recorded, ...]

    @property
    def decided(self) -> Recorded:
        return self.signatures[-1]


class _Approvals:
    """Who approved what: the chiefs of units at once, the levels of the sign-off afterwards."""

    def __init__(self, trail: Trail, documents: Sequence[Recorded]) -> None:
        self._trail = trail
        self._rounds = _decided_rounds(documents)
        self._completed = trail.events(EventType.TASK_COMPLETED)

    def of(self, changed: _Changed, until: datetime | None) -> tuple[Cell, str, bool]:
        """The names with their events, the reason that the director gave, and whether somebody decided."""
        signing = self._round(changed.version, until)
        given = [*self._chiefs(changed.version), *(self._signed(signing) if signing else ())]
        reason = str(signing.decided.body.get("lowering_reason", "")) if signing else ""
        return tuple(given), reason, signing is not None

    def _round(self, version: Recorded, until: datetime | None) -> _Signing | None:
        """The first round after a version that was decided before the target changed again."""
        return next(
            (
                signing
                for signing in self._rounds.get(version.owner, ())
                if signing.version_no >= version.no
                and signing.decided.at >= version.at
                and (until is None or signing.decided.at <= until)
            ),
            None,
        )

    def _signed(self, signing: _Signing) -> Iterator[Part]:
        for signature in signing.signatures:
            yield Part(self._trail.person(signature.body["signed_by"]), signature.place)

    def _chiefs(self, version: Recorded) -> Iterator[Part]:
        scope = self._trail.scope_of(version.task_id)
        for told in self._completed if scope else ():
            if (
                told.event.stream == version.told.event.stream
                and told.event.seq > version.told.event.seq
                and self._trail.scope_of(told.event.task_id) == scope
            ):
                if told.values.get("decision") in APPROVALS:
                    yield Part(self._trail.person(told.event.actor), told.place)
                return


def _decided_rounds(documents: Sequence[Recorded]) -> dict[str, list[_Signing]]:
    """The rounds over a plan that were decided, by owner, in their order."""
    given: dict[tuple[str, str], Recorded] = {}
    latest: dict[tuple[str, str], Recorded] = {}
    for document in documents:
        if document.kind == "signature" and document.body["document"]["kind"] == "plan":
            latest[document.owner, document.key] = document
            if not document.body["void"]:
                given[document.owner, document.key] = document
    rounds: dict[tuple[str, str], list[Recorded]] = {}
    for key, document in given.items():
        if not latest[key].body["void"] and document.body["decision"] in APPROVALS:
            rounds.setdefault((document.owner, key[1].rpartition(":")[0]), []).append(document)
    found: dict[str, list[_Signing]] = {}
    for (owner, _), signatures in rounds.items():
        in_order = tuple(sorted(signatures, key=lambda each: int(each.body["no"])))
        if in_order[-1].body["decision"] == "decide":
            no = int(in_order[-1].body["document"]["no"])
            found.setdefault(owner, []).append(_Signing(version_no=no, signatures=in_order))
    for signings in found.values():
        signings.sort(key=lambda signing: signing.decided.at)
    return found


def target_changes(reader: Reader, scene: Scene) -> Answer:
    """Every change of a target between two versions of a plan, the oldest first."""
    trail = Trail(reader, scene)
    documents = trail.documents("plan", "signature", "self_report", "progress")
    known = _known_results(documents)
    approvals = _Approvals(trail, documents)
    changes = list(_changes([document for document in documents if document.kind == "plan"]))
    rows = []
    for index, changed in enumerate(changes):
        if trail.is_asked(changed.version.told.event.stream):
            until = next((c.version.at for c in changes[index + 1 :] if _same(c, changed)), None)
            rows.append(_row(trail, changed, known, approvals.of(changed, until)))
    return Answer(rows=tuple(rows), summary=_summary(rows))


def _summary(rows: Sequence[Row]) -> tuple[Words, ...]:
    late = sum(1 for row in rows if any(words.template == KNOWN for words in row.why))
    lowered = sum(1 for row in rows if any(words.template == LOWERED for words in row.why))
    return (
        Words(
            template="Changes of targets: {changes}, of which lowered: {lowered}, "
            "and after the result was known: {late}.",
            params={"changes": len(rows), "lowered": lowered, "late": late},
        ),
    )


def _same(one: _Changed, other: _Changed) -> bool:
    return (one.version.owner, one.change.path) == (other.version.owner, other.change.path) and (
        one.version.no > other.version.no
    )


def _changes(versions: Sequence[Recorded]) -> Iterator[_Changed]:
    """Every field of a target that differs from the version before, in the order of the versions."""
    before: dict[str, Plan] = {}
    for version in versions:
        after = from_json(version.body)
        earlier = before.get(version.owner)
        if earlier is not None:
            lowered = {(each.action_id, each.indicator): each for each in lowered_targets(earlier, after)}
            yield from _of_version(version, earlier, after, lowered)
        before[version.owner] = after


def _of_version(
    version: Recorded, before: Plan, after: Plan, lowered: Mapping[tuple[str, str], LoweredTarget]
) -> Iterator[_Changed]:
    for change in diff_plans(before, after):
        action, found, rest = change.path.partition(TARGETS)
        if found:
            indicator = _indicator(action, rest, before, after)
            yield _Changed(
                version=version, plan=after, action=action, indicator=indicator,
                change=_in_units(change, action, indicator, before, after),
                is_lowered=(action, indicator) in lowered,
            )  # fmt: skip
    gone = {action.id for action in before.actions()} - {action.id for action in after.actions()}
    for each in lowered.values():
        if each.action_id in gone:
            path = f"{each.action_id}{TARGETS}{each.indicator}"
            change = Change(path=path, label=each.indicator, before=each.before, after=None)
            yield _Changed(
                version=version, plan=after, action=each.action_id, indicator=each.indicator, change=change,
                is_lowered=True,
            )  # fmt: skip


def _in_units(change: Change, action_id: str, indicator: str, before: Plan, after: Plan) -> Change:
    """The change of a number as what the target asks for, with its unit."""
    texts = [_asks(plan, action_id, indicator) for plan in (before, after)]
    if not change.path.endswith(f"{indicator}.value"):
        return replace(change, after=texts[1]) if change.before is None else change
    return replace(change, before=texts[0], after=texts[1])


def _asks(plan: Plan, action_id: str, indicator: str) -> str | None:
    targets = (t for a in plan.actions() if a.id == action_id for t in a.targets if t.indicator == indicator)
    target = next(targets, None)
    return None if target is None else target_words(target)


def _indicator(action_id: str, rest: str, *plans: Plan) -> str:
    """The indicator at the beginning of a path: it may itself hold a point."""
    names = {t.indicator for plan in plans for a in plan.actions() if a.id == action_id for t in a.targets}
    fitting = [name for name in names if rest == name or rest.startswith(f"{name}.")]
    return max(fitting, key=len, default=rest)


def _known_results(documents: Sequence[Recorded]) -> dict[Key, Recorded]:
    """The report by which the result of each target became known: at year end, or 已完成 before."""
    known: dict[Key, Recorded] = {}
    for document in documents:
        if document.kind in ("self_report", "progress"):
            for row in document.body.get("rows", ()):
                if _tells_result(document.kind, row):
                    known.setdefault((document.owner, str(row["action_id"]), str(row["indicator"])), document)
    return known


def _tells_result(kind: str, row: Mapping[str, Any]) -> bool:
    if not row.get("indicator") or "actual" not in row:
        return False
    return kind == "self_report" or row.get("status") == "completed"


def _row(
    trail: Trail, changed: _Changed, known: Mapping[Key, Recorded], approval: tuple[Cell, str, bool]
) -> Row:
    version, change = changed.version, changed.change
    approved, reason, is_decided = approval
    result = known.get((version.owner, changed.action, changed.indicator))
    is_late = result is not None and result.at <= version.at
    mark, why = strongest(_why(changed, is_late=is_late, unexplained=is_decided and not reason))
    plan = PlanPlace(roc_year=changed.plan.roc_year, no=version.no)
    return Row(
        cells=(
            cell(changed.action, plan),
            cell(change.label if change.label.startswith(changed.indicator) else changed.indicator),
            cell(change.before),
            cell(change.after),
            cell(version.at, version.place),
            (Part(trail.person(version.by)), *cell(trail.capacity(version.told.event))),
            cell(trail.task(version.task_id)),
            approved or cell(Words(template="Nobody yet")),
            _result(result, is_late=is_late),
            cell(reason),
        ),
        place=version.place,
        mark=mark,
        why=why,
    )


KNOWN = "Changed after the result was known"
LOWERED = "Asks for less than before"


def _why(changed: _Changed, *, is_late: bool, unexplained: bool) -> Iterator[tuple[Mark, Words]]:
    october = date(roc_to_ad_year(changed.plan.roc_year), 10, 1)
    after_october = changed.version.at.astimezone(TAIPEI).date() > october
    if is_late:
        yield Mark.REMARKABLE, Words(template=KNOWN)
    if changed.is_lowered:
        yield Mark.REMARKABLE, Words(template=LOWERED)
    if changed.is_lowered and (is_late or after_october) and unexplained:
        yield Mark.BREACH, Words(template="Lowered so late without a reason of the director")


def _result(result: Recorded | None, *, is_late: bool) -> Cell:
    if result is None:
        return cell(Words(template="Before any result was known"))
    template = "After it was known on {on}" if is_late else "Before it was known on {on}"
    return cell(Words(template=template, params={"on": result.at}), result.place)


QUESTION = Question(
    number=1,
    slug="target-changes",
    title="Changes of targets",
    sentence="Who changed a target from what to what, when, under which task, approved by whom, and was it "
    "before or after the result was known?",
    columns=(
        Column(key="action", title="Action"),
        Column(key="target", title="Indicator"),
        Column(key="from", title="Changed from"),
        Column(key="to", title="Changed to"),
        Column(key="at", title="Changed at"),
        Column(key="by", title="Changed by"),
        Column(key="task", title="Under the task"),
        Column(key="approved_by", title="Approved by"),
        Column(key="result", title="Before or after the result"),
        Column(key="reason", title="Reason of the director"),
    ),
    ask=target_changes,
)
