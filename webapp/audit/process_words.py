"""The process view in words: shades of the map, what deviates, and every table for page and file alike."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext, lazy_gettext
from flask_babel.speaklater import LazyString

from engine.domain.identity import role_label
from engine.mining.deviation import Deviation, Why
from engine.mining.figures import ElementFigures, Shade
from engine.plan.statistics import Duration
from engine.queries.process_view import ProcessView
from webapp.definition_words import in_language

Table = list[list[Any]]
NONE = "–"

SHADES: dict[Shade, LazyString] = {
    Shade.TIMES: lazy_gettext("How often"),
    Shade.DURATIONS: lazy_gettext("How long"),
    Shade.WAITING: lazy_gettext("Before it is taken"),
    Shade.REWORK: lazy_gettext("Sent back"),
}
SHADES_TOLD: dict[Shade, LazyString] = {
    Shade.TIMES: lazy_gettext("How often each element was passed."),
    Shade.DURATIONS: lazy_gettext("Median working days from the opening of an element to its end."),
    Shade.WAITING: lazy_gettext("Median working days until somebody took the task."),
    Shade.REWORK: lazy_gettext("How often work was sent back from an element, or came back to it."),
}
# What is wrong with an event; {element} is where, {waiting} what waited instead.
WHY_WORDS: dict[Why, LazyString] = {
    Why.UNKNOWN: lazy_gettext("“{element}” does not stand in the diagram."),
    Why.NOT_REACHED: lazy_gettext("“{element}” came although nothing had led to it."),
    Why.NO_CAUSE: lazy_gettext("“{element}” was passed although no timer or message had come."),
    Why.NOT_WAITING: lazy_gettext("A timer or message came for “{element}”, which did not wait for one."),
    Why.OTHER_BRANCH: lazy_gettext("At “{element}” another way was taken than its conditions lead to."),
    Why.NOT_OPEN: lazy_gettext("“{element}” was completed or withdrawn although it was not open."),
    Why.WITHDRAWN: lazy_gettext("“{element}” was withdrawn although nothing had ended it."),
    Why.LEFT_OVER: lazy_gettext("“{element}” ended it although something was still to be done."),
    Why.STOPPED: lazy_gettext("It stopped before “{element}”, which should have followed at once."),
    Why.UNREADABLE: lazy_gettext("The event at “{element}” does not say what such an event says."),
    Why.AFTER_END: lazy_gettext("“{element}” came after the end."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of the table of elements; `shade` is the map that shows the same figure."""

    word: str
    of: Callable[[ElementFigures], float | int | str]
    shade: Shade | None = None


def element_words(view: ProcessView, element: str, process: str | None = None) -> str:
    """What an element is called, in the language of the page; its id where it has no name."""
    return in_language(view.labels.get(process or view.key, {}).get(element, "")) or element


def columns() -> tuple[Column, ...]:
    """The columns of the table of elements."""
    return (
        Column(word=gettext("Times"), of=lambda e: e.times, shade=Shade.TIMES),
        Column(word=gettext("Open"), of=lambda e: e.still_open),
        Column(word=gettext("Median"), of=lambda e: middle(e.duration), shade=Shade.DURATIONS),
        Column(word=gettext("90 of 100"), of=lambda e: ninetieth(e.duration)),
        Column(word=gettext("Calendar days"), of=lambda e: middle(e.calendar)),
        Column(word=gettext("Until taken"), of=lambda e: middle(e.waiting), shade=Shade.WAITING),
        Column(word=gettext("After taking"), of=lambda e: middle(e.working)),
        Column(word=gettext("Sent from here"), of=lambda e: e.returned, shade=Shade.REWORK),
        Column(word=gettext("Came back here"), of=lambda e: e.redone, shade=Shade.REWORK),
    )


def middle(duration: Duration | None) -> float | str:
    """The median, or a dash where nothing was measured."""
    return NONE if duration is None else duration.middle


def ninetieth(duration: Duration | None) -> float | str:
    """What nine of ten reached, or a dash where nothing was measured."""
    return NONE if duration is None else duration.ninetieth


def shown_elements(view: ProcessView) -> list[ElementFigures]:
    """The elements worth a row: people, calls and waits first, by their median; then what has a name."""
    found = [e for e in view.figures.elements.values() if e.duration or view.labels[view.key].get(e.element)]
    return sorted(
        found, key=lambda e: (e.duration is None, -(e.duration.middle if e.duration else 0), -e.times)
    )


def percent(share: float) -> str:
    """A share as people read it."""
    return f"{share:.0%}"


def fitness_words(fitness: float) -> str:
    """Fitness to three digits, never rounded up to a full one."""
    return "1.000" if fitness >= 1 else f"{min(fitness, 0.999):.3f}"


def deviation_words(view: ProcessView, deviation: Deviation) -> str:
    """One deviation as a sentence, with what waited instead."""
    labels = view.labels.get(deviation.process, {})
    name = in_language(labels.get(deviation.element, "")) or deviation.element or view.name
    told = str(WHY_WORDS[deviation.why]).format(element=name)
    waiting = [in_language(labels.get(e, "")) or e for e in deviation.waiting if e != deviation.element]
    if waiting:
        told = gettext("%(told)s Waiting was: %(names)s.", told=told, names="、".join(waiting))
    return told


def who_words(view: ProcessView, role: str | None, unit: str | None) -> str:
    """A role with its unit."""
    label = in_language(role_label(role)) if role else ""
    return " ".join(part for part in (view.units.get(unit or "", ""), label) if part) or NONE


def reason_words(view: ProcessView, reasons: Mapping[str, int]) -> str:
    """The reasons of returns with how often each was chosen."""
    found = sorted(reasons.items(), key=lambda each: (-each[1], each[0]))
    names = {"": gettext("No reason chosen"), **{k: in_language(v) for k, v in view.reasons.items()}}
    return "、".join(f"{names.get(reason, reason)} {count}" for reason, count in found)


def element_rows(view: ProcessView) -> Table:
    """The table beside the map."""
    head = [gettext("Element"), *(column.word for column in columns())]
    return [
        head,
        *([element_words(view, e.element), *(c.of(e) for c in columns())] for e in shown_elements(view)),
    ]


def flow_rows(view: ProcessView) -> Table:
    """Every way that was taken, the most frequent first."""
    flows = sorted(view.figures.flows.items(), key=lambda each: (-each[1], each[0]))
    head = [gettext("From element"), gettext("Flow"), gettext("To element"), gettext("Times")]
    found = ((view.net.flows[flow], count) for flow, count in flows if flow in view.net.flows)
    return [
        head,
        *(
            [
                element_words(view, flow.source), in_language(flow.name), element_words(view, flow.target),
                count,
            ]
            for flow, count in found
        ),
    ]  # fmt: skip


def people_rows(view: ProcessView) -> Table:
    """Who completed what, and how long it had been open."""
    head = [
        gettext("Person"), gettext("Role"), gettext("Tasks"), gettext("Median"), gettext("90 of 100"),
        gettext("Steps"),
    ]  # fmt: skip
    return [
        head,
        *(
            [
                view.people.get(person.user_id, person.user_id), who_words(view, person.role, person.unit),
                person.duration.times, person.duration.middle, person.duration.ninetieth,
                "、".join(f"{element_words(view, e)} {n}" for e, n in person.elements.items()),
            ]
            for person in view.figures.people
        ),
    ]  # fmt: skip


def variant_rows(view: ProcessView) -> Table:
    """The ways through the process."""
    head = [gettext("Runs"), gettext("Share"), gettext("Median"), gettext("Steps in their order")]
    return [
        head,
        *([v.count, percent(v.share), v.days, way_words(view, v.activities)] for v in view.figures.variants),
    ]


def way_words(view: ProcessView, activities: Sequence[str]) -> str:
    """The steps of a way in one line."""
    return " → ".join(element_words(view, e) for e in activities) or gettext("No step of people")


def return_rows(view: ProcessView) -> Table:
    """What came back from where to where, and why."""
    head = [gettext("Sent back at"), gettext("Done again"), gettext("Times"), gettext("Reasons")]
    return [
        head,
        *(
            [
                element_words(view, loop.sender, loop.process), element_words(view, loop.target),
                loop.count, reason_words(view, loop.reasons),
            ]
            for loop in view.figures.loops
        ),
    ]  # fmt: skip


def conformance_rows(view: ProcessView) -> Table:
    """Every instance with its fitness, and each of its deviations in a row."""
    head = [gettext("Process"), gettext("No."), gettext("Fitness"), gettext("Event"), gettext("Deviation")]
    found: Table = []
    for each in view.checked:
        start = [each.instance.title, each.instance.id, fitness_words(each.conformance.fitness)]
        deviations = each.conformance.deviations
        found += [[*start, d.seq, deviation_words(view, d)] for d in deviations] or [[*start, "", ""]]
    return [head, *found]


TABLES: dict[str, tuple[LazyString, Callable[[ProcessView], Table]]] = {
    "elements": (lazy_gettext("Figures of the elements"), element_rows),
    "ways": (lazy_gettext("Flows taken"), flow_rows),
    "variants": (lazy_gettext("Ways through the process"), variant_rows),
    "returns": (lazy_gettext("Sent back"), return_rows),
    "people": (lazy_gettext("Who completed it"), people_rows),
    "conformance": (lazy_gettext("Conformance with the diagram"), conformance_rows),
}
