"""Question 5: two levels in a row, one's own reward, one's own unit: who acted where they must not have.

The rules are those of `domain/duties.py`, which a proof of a history asks as well; besides, nobody who is
named on a reward list signs it (迴避).
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from engine.clock import TAIPEI
from engine.domain.duties import Moment, breaches
from engine.domain.history import EventType, Origin, origin_of
from engine.queries.questions.answer import Answer, Column, Mark, Question, Row, Words, cell
from engine.queries.questions.organisation import organisation_over_time
from engine.queries.questions.scope import Scene
from engine.queries.questions.trail import Recorded, Told, Trail
from engine.store.unit_of_work import Reader

TYPES = (EventType.TASK_OPENED, *(t for t in EventType if origin_of(t) is not Origin.EFFECT))
REWARD_LIST = "reward_list"


def separation(reader: Reader, scene: Scene) -> Answer:
    """Every breach, the oldest first; no row when everybody kept to the rules."""
    trail = Trail(reader, scene)
    asked = [told for told in trail.events(*TYPES) if trail.is_asked(told.event.stream)]
    organisation = organisation_over_time(reader)
    documents = trail.documents("signature", REWARD_LIST)
    found: list[tuple[Told, Words]] = []
    for _, events in groupby(sorted(asked, key=_in_streams), key=lambda told: told.event.stream):
        of_stream = list(events)
        by_seq = {told.event.seq: told for told in of_stream}
        for breach in breaches([(told.event, _moment(told)) for told in of_stream], organisation):
            params = {name: trail.person(value) for name, value in breach.params.items()}
            found.append((by_seq[breach.seq], Words(template=breach.template, params=params)))
    found += _own_rewards(trail, documents)
    found.sort(key=lambda each: (each[0].at, each[0].event.stream, each[0].event.seq))
    rows = [_row(trail, told, words) for told, words in found]
    return Answer(rows=tuple(rows), summary=tuple(_summary(trail, asked, documents, rows)))


def _summary(
    trail: Trail, asked: Iterable[Told], documents: Sequence[Recorded], rows: Sequence[Row]
) -> Iterator[Words]:
    completed = [told for told in asked if told.event.type is EventType.TASK_COMPLETED]
    inputs = [trail.opened.get(told.event.task_id or 0, {}).get("inputs", {}) for told in completed]
    signed = sum(1 for given in inputs if given.get("next_level") and given.get("open_round"))
    scored = sum(1 for given in inputs if given.get("scored_unit"))
    lists = sum(1 for d in _list_signatures(documents) if trail.is_asked(d.told.event.stream))
    yield Words(
        template="Signatures of sign-offs checked: {signed}; signatures on reward lists: {lists}; scores of "
        "units: {scored}; completed tasks: {completed}.",
        params={"signed": signed, "lists": lists, "scored": scored, "completed": len(completed)},
    )
    if rows:
        yield Words(template="Breaches of the separation of duties: {rows}.", params={"rows": len(rows)})
    else:
        yield Words(template="Nobody acted where they must not have.")


def _in_streams(told: Told) -> tuple[int, int]:
    return told.event.stream, told.event.seq


def _moment(told: Told) -> Moment:
    return Moment(at=told.at, day=told.at.astimezone(TAIPEI).date())


def _list_signatures(documents: Iterable[Recorded]) -> Iterator[Recorded]:
    """The signatures on reward lists as they were given."""
    for document in documents:
        body = document.body
        if document.kind == "signature" and body["document"]["kind"] == REWARD_LIST and not body["void"]:
            yield document


def _own_rewards(trail: Trail, documents: Sequence[Recorded]) -> Iterator[tuple[Told, Words]]:
    """Who signed a list on which they, or the one in whose place they signed, are named."""
    named = {
        (d.owner, d.key, d.no): {line["person"].get("user") for line in d.body.get("lines", ())}
        for d in documents
        if d.kind == REWARD_LIST
    }
    for signature in _list_signatures(documents):
        signed = signature.body["document"]
        people = named.get((signature.owner, signed["key"], signed["no"]), set())
        for name in sorted(signature.told.names & people):
            if trail.is_asked(signature.told.event.stream):
                template = "{name} signed a reward list on which they are named"
                yield signature.told, Words(template=template, params={"name": trail.person(name)})


def _row(trail: Trail, told: Told, words: Words) -> Row:
    opened = trail.opened.get(told.event.task_id or 0, {})
    return Row(
        cells=(
            cell(told.at, told.place),
            (*cell(trail.person(told.event.actor)), *cell(trail.capacity(told.event))),
            cell(trail.person(told.event.on_behalf_of)),
            cell(trail.task(told.event.task_id)),
            cell(opened.get("subject") or trail.instance_name(told.event.stream)),
            cell(words),
        ),
        place=told.place,
        mark=Mark.BREACH,
        why=(words,),
    )


QUESTION = Question(
    number=5,
    slug="separation-of-duties",
    title="Separation of duties",
    sentence="Did anyone sign two consecutive levels, sign their own reward, or score their own unit?",
    columns=(
        Column(key="at", title="When it happened"),
        Column(key="by", title="By whom"),
        Column(key="principal", title="In whose place"),
        Column(key="task", title="Under the task"),
        Column(key="subject", title="About what"),
        Column(key="rule", title="What was broken"),
    ),
    ask=separation,
)
