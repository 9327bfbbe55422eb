"""Question 7: which units disagreed when they were asked (會辦), how each was answered, who stayed silent."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from engine.activities.countersign import KIND_LABELS
from engine.queries.questions.answer import (
    Answer,
    Cell,
    Column,
    Mark,
    Part,
    Question,
    Row,
    Term,
    Words,
    cell,
    strongest,
)
from engine.queries.questions.scope import Scene
from engine.queries.questions.trail import Recorded, Trail
from engine.store.unit_of_work import Reader

KINDS = ("countersign", "merged_opinions", "signature", "signoff")
HANDLINGS = {
    "adopted": Words(template="Adopted as proposed"),
    "partly_adopted": Words(template="Adopted in part"),
    "not_adopted": Words(template="Not adopted at all"),
}
DISAGREE, SILENT = "disagree", "silent"
NOT_FOLLOWED = Words(template="Disagreed and was not followed")
UNANSWERED = Words(template="Disagreed and went up without an answer")
STAYED_SILENT = Words(template="Stayed silent, which counts as consent")


def countersigning(reader: Reader, scene: Scene) -> Answer:
    """Every opinion that a unit gave, or failed to give, with what the owner answered."""
    trail = Trail(reader, scene)
    documents = trail.documents(*KINDS)
    opinions = [d for d in documents if d.kind == "countersign" and trail.is_asked(d.told.event.stream)]
    rows = [_row(trail, opinion, documents) for opinion in opinions]
    return Answer(rows=tuple(rows), summary=_summary(opinions, rows))


def _summary(opinions: Sequence[Recorded], rows: Sequence[Row]) -> tuple[Words, ...]:
    kinds = [opinion.body["kind"] for opinion in opinions]
    return (
        Words(
            template="Opinions asked for: {asked}. Disagreed: {disagreed}, of which not followed: {ignored}, "
            "and not answered: {unanswered}. Stayed silent: {silent}.",
            params={
                "asked": len(kinds),
                "disagreed": kinds.count(DISAGREE),
                "ignored": sum(1 for row in rows if NOT_FOLLOWED in row.why),
                "unanswered": sum(1 for row in rows if UNANSWERED in row.why),
                "silent": kinds.count(SILENT),
            },
        ),
    )


def _row(trail: Trail, opinion: Recorded, documents: Sequence[Recorded]) -> Row:
    body = opinion.body
    subject, _, unit = opinion.key.rpartition(":")
    answer, row = _answer(opinion, subject, unit, documents)
    went_up = _went_up(opinion, subject, documents)
    mark, why = strongest(_why(body["kind"], row, went_up=went_up is not None))
    by = () if body["by"] is None else (*cell(trail.person(opinion.by)),)
    return Row(
        cells=(
            (*cell(_label(opinion, subject, documents)), Part(_round(subject))),
            cell(body["label"]),
            cell(Term(KIND_LABELS[body["kind"]])),
            (*cell(body["opinion"]), *cell(_target(body))),
            (*cell(opinion.at, opinion.place), *by),
            tuple(_answered(trail, answer, row)),
        ),
        place=opinion.place,
        mark=mark,
        why=why,
    )


def _label(opinion: Recorded, subject: str, documents: Sequence[Recorded]) -> str:
    """What was signed, as the round called it."""
    name = subject.rpartition(":")[0]
    rounds = (d for d in documents if d.kind == "signoff" and (d.owner, d.key) == (opinion.owner, name))
    return next((str(d.body["label"]) for d in rounds), name)


def _round(subject: str) -> Words:
    return Words(template="Round {no}", params={"no": subject.rpartition(":")[2]})


def _target(body: Mapping[str, Any]) -> Words | None:
    target = body.get("suggestion_target")
    return Words(template="About {target}", params={"target": str(target)}) if target else None


def _answer(
    opinion: Recorded, subject: str, unit: str, documents: Sequence[Recorded]
) -> tuple[Recorded | None, Mapping[str, Any] | None]:
    """The first answer of the owner after the opinion, and its row about this unit."""
    for document in documents:
        is_answer = document.kind == "merged_opinions" and document.key == subject
        if is_answer and document.owner == opinion.owner and document.at >= opinion.at:
            for row in document.body["rows"]:
                if row["unit"] == unit:
                    return document, row
    return None, None


def _went_up(opinion: Recorded, subject: str, documents: Sequence[Recorded]) -> Recorded | None:
    """The first signature of the round after the opinion."""
    return next(
        (
            d
            for d in documents
            if d.kind == "signature"
            and d.owner == opinion.owner
            and d.key.rpartition(":")[0] == subject
            and d.at > opinion.at
        ),
        None,
    )


def _why(kind: str, row: Mapping[str, Any] | None, *, went_up: bool) -> Iterator[tuple[Mark, Words]]:
    if kind == SILENT:
        yield Mark.REMARKABLE, STAYED_SILENT
    if kind != DISAGREE:
        return
    if row is None and went_up:
        yield Mark.BREACH, UNANSWERED
    elif row is not None and row["handling"] == "not_adopted":
        yield Mark.REMARKABLE, NOT_FOLLOWED


def _answered(trail: Trail, answer: Recorded | None, row: Mapping[str, Any] | None) -> Cell:
    if answer is None or row is None:
        return ()
    return (
        Part(HANDLINGS.get(row["handling"], row["handling"]), answer.place),
        *cell(row.get("reason")),
        *cell(answer.at),
        *cell(trail.person(answer.by)),
    )


QUESTION = Question(
    number=7,
    slug="countersigning",
    title="Opinions of countersigning units",
    sentence="Which countersigning units disagreed, how was each opinion answered, and who stayed silent?",
    columns=(
        Column(key="subject", title="About what"),
        Column(key="unit", title="Unit"),
        Column(key="kind", title="What the unit said"),
        Column(key="opinion", title="In which words"),
        Column(key="at", title="Told when and by whom"),
        Column(key="answer", title="How it was answered"),
    ),
    ask=countersigning,
)
