"""Question 6: every return (退件): by whom, why, what changed before it came again, how often, how long."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from engine.domain.giving_back import gives_back
from engine.domain.history import EventType
from engine.domain.identity import role_label
from engine.plan.differences import diff_plans
from engine.plan.document import from_json
from engine.queries.questions.answer import Answer, Cell, Column, Mark, Part, Question, Row, Term, Words, cell
from engine.queries.questions.scope import Scene
from engine.queries.questions.trail import Recorded, Told, Trail
from engine.queries.questions.value_changes import change_line, form_fields, value_changes
from engine.queries.statistics import REASONS, reason_labels
from engine.queries.task_page import OPINIONS
from engine.queries.working_time import WorkingDays
from engine.store.unit_of_work import Reader

UNCHANGED = Words(template="Handed in again without a change")
MANY_ROUNDS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class _Return:
    """One return: the task that it opened again, the completion of it, and the one before."""

    told: Told
    opened: Told | None
    again: Told | None
    before: Told | None
    round_no: int

    @property
    def is_of_a_level(self) -> bool:
        """True for what goes back to an earlier signer: nothing has to be changed to sign it again."""
        return self.opened is not None and "next_level" in self.opened.data["inputs"]


def returns(reader: Reader, scene: Scene) -> Answer:
    """Every return, the oldest first; when nothing has come again yet, what is open says so."""
    trail = Trail(reader, scene)
    events = trail.events(EventType.TASK_OPENED, EventType.TASK_COMPLETED, EventType.MESSAGE_RECEIVED)
    found = list(_found(trail, events))
    documents = trail.documents("plan", "reply") if found else []
    labels = reason_labels(reader) if found else {}
    clock = WorkingDays(reader.calendar)
    rows = [_row(trail, each, documents, labels, clock) for each in found]
    return Answer(rows=tuple(rows), summary=_summary(found, rows))


def _summary(found: Sequence[_Return], rows: Sequence[Row]) -> tuple[Words, ...]:
    counts = {
        "returns": len(rows),
        "open": sum(1 for each in found if each.again is None),
        "most": max((each.round_no for each in found), default=0),
        "unchanged": sum(1 for row in rows if UNCHANGED in row.why),
    }
    return (
        Words(
            template="All returns: {returns}, of which not handed in again yet: {open}. Most rounds of one "
            "step: {most}. Handed in again without a change: {unchanged}.",
            params=counts,
        ),
    )


def _found(trail: Trail, events: Sequence[Told]) -> Iterator[_Return]:
    streams: dict[int, list[Told]] = {}
    for told in events:
        if trail.is_asked(told.event.stream):
            streams.setdefault(told.event.stream, []).append(told)
    found = [each for of_stream in streams.values() for each in _of_stream(of_stream)]
    return iter(sorted(found, key=lambda each: (each.told.at, each.told.event.stream, each.told.event.seq)))


def _of_stream(events: Sequence[Told]) -> Iterator[_Return]:
    """The returns of one instance; a step that opens for the first time was returned to nobody."""
    rounds: Counter[str] = Counter()
    paths = {e.event.task_id: e.data["path"] for e in events if e.event.type is EventType.TASK_OPENED}
    completed = [e for e in events if e.event.type is EventType.TASK_COMPLETED]
    for index, told in enumerate(events):
        if not gives_back(told.event.type, told.data):
            continue
        opened = _opened_by(told, events[index + 1 :])
        path = opened.data["path"] if opened else ""
        same = [e for e in completed if paths.get(e.event.task_id) == path]
        before = next((e for e in reversed(same) if e.event.seq < told.event.seq), None)
        if opened is not None and before is None:
            continue
        rounds[path] += 1
        yield _Return(
            told=told,
            opened=opened,
            again=next((e for e in same if opened and e.event.task_id == opened.event.task_id), None),
            before=before,
            round_no=rounds[path],
        )


def _opened_by(told: Told, later: Sequence[Told]) -> Told | None:
    """The first task that was opened in the same moment: what goes back to somebody."""
    for event in later:
        if event.event.occurred_at != told.event.occurred_at:
            return None
        if event.event.type is EventType.TASK_OPENED:
            return event
    return None


def _row(
    trail: Trail,
    each: _Return,
    documents: Sequence[Recorded],
    labels: Mapping[str, str],
    clock: WorkingDays,
) -> Row:
    told, again = each.told, each.again
    changed = (
        tuple(_changed(trail, each, [d for d in documents if d.kind == "plan"])) if again is not None else ()
    )
    marks = [UNCHANGED] if again is not None and not changed and not each.is_of_a_level else []
    if each.round_no >= MANY_ROUNDS:
        marks.append(Words(template="Came back three times or more"))
    return Row(
        cells=(
            cell(told.at, told.place),
            (*cell(trail.person(told.event.actor)), *cell(trail.capacity(told.event))),
            (*cell(trail.task(told.event.task_id)), *cell(trail.instance_name(told.event.stream))),
            (*_reasons(told, labels), *_comments(told, documents)),
            _whom(trail, each.opened),
            cell(each.round_no),
            changed or cell(Words(template="Nothing was changed") if again is not None else None),
            _again(again),
            cell(_lasted(each, clock)),
        ),
        place=told.place,
        mark=Mark.REMARKABLE if marks else None,
        why=tuple(marks),
    )


def _reasons(told: Told, labels: Mapping[str, str]) -> Iterator[Part]:
    values = told.values or told.data.get("payload") or {}
    chosen = values.get(REASONS) or []
    for reason in chosen if isinstance(chosen, list) else [chosen]:
        yield Part(Term(labels.get(str(reason), str(reason))))
    for name in OPINIONS:
        if isinstance(values.get(name), str) and values[name]:
            yield Part(values[name])


def _comments(told: Told, documents: Sequence[Recorded]) -> Iterator[Part]:
    """What another agency wrote with its reply, which was recorded together with its message."""
    for document in documents:
        is_with_it = (document.told.event.stream, document.at) == (told.event.stream, told.at)
        if told.event.type is EventType.MESSAGE_RECEIVED and document.kind == "reply" and is_with_it:
            for comment in document.body.get("comments", ()):
                yield Part("：".join(filter(None, (comment["label"], comment["comment"]))))


def _whom(trail: Trail, opened: Told | None) -> Cell:
    if opened is None:
        return ()
    holders = [
        f"{trail.units[unit]} {role_label(role)}" if unit in trail.units else role_label(role)
        for role, unit in opened.data["candidates"]
    ]
    return (Part(Term(opened.data["label"]), opened.place), *(Part(Term(holder)) for holder in holders))


def _again(again: Told | None) -> Cell:
    if again is None:
        return cell(Words(template="Not handed in again yet"))
    return cell(again.at, again.place)


def _lasted(each: _Return, clock: WorkingDays) -> Words | None:
    if each.again is None:
        return None
    days = Decimal(str(clock.between(each.told.at, each.again.at)))
    return Words(template="Working days: {days}", params={"days": days})


def _changed(trail: Trail, each: _Return, plans: Sequence[Recorded]) -> Iterator[Part]:
    """What differs in the form that was handed in again, and in the plan that was written meanwhile."""
    again, before, opened = each.again, each.before, each.opened
    if again is None or opened is None:
        return
    if before is not None and not each.is_of_a_level:
        stream, process = again.event.stream, opened.data["process"]
        fields = form_fields(trail.reader, trail, stream, process, str(again.event.element_id))
        yield from value_changes(fields, before.values, again.values)
    written = [p for p in plans if p.told.event.stream == again.event.stream]
    new = [p for p in written if each.told.event.seq < p.told.event.seq <= again.event.seq]
    if new:
        earlier = next((p for p in plans if (p.owner, p.no) == (new[0].owner, new[0].no - 1)), None)
        if earlier is not None:
            for change in diff_plans(from_json(earlier.body), from_json(new[-1].body)):
                yield change_line(change.label, change.before, change.after)


QUESTION = Question(
    number=6,
    slug="returns",
    title="Returns and what came of them",
    sentence="Every return: by whom, for which reason, what changed before it was handed in again, how many "
    "rounds, and how long each?",
    columns=(
        Column(key="at", title="Returned at"),
        Column(key="by", title="Returned by"),
        Column(key="subject", title="About what"),
        Column(key="reason", title="Reason"),
        Column(key="to", title="Returned to"),
        Column(key="round", title="Which round"),
        Column(key="changed", title="What was changed"),
        Column(key="again", title="Handed in again"),
        Column(key="lasted", title="How long it took"),
    ),
    ask=returns,
)
