"""Beside the fifteen: the same words in reports of several units or years, or under several actions."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.plan.document import from_json
from engine.queries.questions.answer import (
    Answer,
    Cell,
    Column,
    Mark,
    Part,
    Place,
    PlanPlace,
    Question,
    Row,
    Value,
    Words,
    cell,
    strongest,
)
from engine.queries.questions.reported import of_scope
from engine.queries.questions.scope import Scene
from engine.queries.questions.trail import Recorded, Trail
from engine.store.unit_of_work import Reader

PLAN = "plan"
KINDS = {
    "self_report": Words(template="Report at the end of the year"),
    "progress": Words(template="Report on progress"),
    PLAN: Words(template="Text of the plan"),
}
FIELDS = ("narrative", "text", "difficulty", "cause", "improvement", "shortfall_reason")
# Shorter texts are the same by nature: 如期辦理, 無.
SHORTEST = 12
ACROSS_YEARS = Words(template="The same words in several years")
ACROSS_UNITS = Words(template="The same words of several units")
ACROSS_ACTIONS = Words(template="The same words under several actions of the plan")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Use:
    """Where somebody entered a text for the first time."""

    text: str
    document: Recorded
    unit: str
    action: str

    @property
    def year(self) -> str:
        return self.document.owner.rpartition(":")[2]

    @property
    def is_report(self) -> bool:
        return self.document.kind != PLAN


def identical_texts(reader: Reader, scene: Scene) -> Answer:
    """Each text that stands in more than one place, with all its places, the first one first."""
    trail = Trail(reader, scene)
    documents = of_scope(trail, *KINDS)
    uses = [*_reported(documents), *_planned(documents)]
    groups: dict[tuple[bool, str], list[_Use]] = {}
    for use in sorted(uses, key=lambda use: use.document.at):
        groups.setdefault((use.is_report, _plain(use.text)), []).append(use)
    rows = [row for group in groups.values() if (row := _row(trail, group)) is not None]
    return Answer(rows=tuple(rows), summary=_summary(len(groups), rows))


def _summary(texts: int, rows: Sequence[Row]) -> tuple[Words, ...]:
    params = {"texts": texts, "shared": len(rows)}
    return (Words(template="Texts compared: {texts}. Standing in several places: {shared}.", params=params),)


def _plain(text: str) -> str:
    """What is compared: the words without blanks."""
    return "".join(text.split())


def _reported(documents: Sequence[Recorded]) -> Iterator[_Use]:
    """What units wrote about their actions; a text that the next version repeats is there once."""
    known: set[tuple[str, str, str, str]] = set()
    for document in documents:
        for row in document.body.get("rows", ()) if document.kind != PLAN else ():
            for text in (str(row.get(name) or "") for name in FIELDS):
                use = _Use(text=text, document=document, unit=document.key, action=str(row["action_id"]))
                key = (document.owner, use.unit, use.action, _plain(text))
                if len(_plain(text)) >= SHORTEST and key not in known:
                    known.add(key)
                    yield use


def _planned(documents: Sequence[Recorded]) -> Iterator[_Use]:
    """The actions of the newest version of each plan."""
    newest = {document.owner: document for document in documents if document.kind == PLAN}
    for document in newest.values():
        for action in from_json(document.body).actions():
            if len(_plain(action.summary)) >= SHORTEST:
                units = "、".join(action.owner_units)
                yield _Use(text=action.summary, document=document, unit=units, action=action.id)


def _row(trail: Trail, group: Sequence[_Use]) -> Row | None:
    """The text with its places, if that is worth a look."""
    mark, why = strongest(_why(group))
    if mark is None:
        return None
    first = group[0]
    return Row(
        cells=(
            cell(first.text),
            cell(len(group)),
            tuple(_places(trail, group)),
            (*cell(first.document.at, first.document.place), *cell(trail.person(first.document.by))),
        ),
        place=first.document.place,
        mark=mark,
        why=why,
    )


def _why(group: Sequence[_Use]) -> Iterator[tuple[Mark, Words]]:
    """Reports are compared between units and years; a plan only within itself, as each follows the last."""
    if not group[0].is_report:
        if len({(use.year, use.action) for use in group}) > len({use.year for use in group}):
            yield Mark.REMARKABLE, ACROSS_ACTIONS
        return
    if len({use.year for use in group}) > 1:
        yield Mark.REMARKABLE, ACROSS_YEARS
    if len({use.unit for use in group}) > 1:
        yield Mark.REMARKABLE, ACROSS_UNITS


def _places(trail: Trail, group: Sequence[_Use]) -> Cell:
    return tuple(Part(_named(trail, use), _place(use)) for use in group)


def _named(trail: Trail, use: _Use) -> Value:
    units = "、".join(trail.units.get(unit, unit) for unit in use.unit.split("、"))
    params = {"year": use.year, "units": units, "action": use.action, "kind": KINDS[use.document.kind]}
    return Words(template="In {year}, {units}, action {action}: {kind}", params=params)


def _place(use: _Use) -> Place | None:
    if use.is_report:
        return use.document.place
    return PlanPlace(roc_year=int(use.year), no=use.document.no)


QUESTION = Question(
    number=None,
    slug="identical-texts",
    title="Identical texts",
    sentence="Which texts stand word for word in reports of several units or years, or under several actions "
    "of a plan?",
    columns=(
        Column(key="text", title="The text itself"),
        Column(key="times", title="How often"),
        Column(key="places", title="In which places"),
        Column(key="first", title="Entered first when and by whom"),
    ),
    ask=identical_texts,
)
