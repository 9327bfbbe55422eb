"""Diagrams on pages: the words and notes that go into the picture of a process."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from flask import url_for
from flask_babel import gettext
from markupsafe import Markup

from engine.documents.diagram import DiagramProgress, DiagramWords, draw_diagram
from engine.domain.task import Task, TaskState
from engine.queries.instances import DiagramSource, InstancePage
from engine.queries.open_tasks import OpenTask
from engine.queries.replay_page import ReplayPage, TaskThen
from webapp.definition_words import in_language

STYLE_SHEETS = ("planflow.css", "diagram.css")


def picture(page: InstancePage, diagram: DiagramSource, now: datetime, links: Mapping[str, str]) -> Markup:
    """The diagram of one process of an instance, as SVG for the page."""
    name = next((process.name for process in page.processes if process.key == diagram.process), page.name)
    tasks = [task for task in page.tasks if task.process_key == diagram.process]
    opened = [line for line in page.open_tasks if line.task.process_key == diagram.process]
    notes = {**_done_notes(tasks), **_call_notes(diagram), **_open_notes(opened, tasks, now)}
    return _drawn(diagram, name, notes, links)


def moment_picture(page: ReplayPage) -> Markup:
    """The diagram of a past moment: marks and holders as they were, the element of the event framed."""
    diagram = page.diagram
    assert diagram is not None
    name = next((process.name for process in page.processes if process.key == diagram.process), page.name)
    here = page.moment.event.element_id if page.row.process == diagram.process else None
    notes = {**_times_done(diagram), **_call_notes(diagram), **_held_notes(page, diagram)}
    return _drawn(diagram, name, notes, {}, here or "")


def bare_picture(diagram: DiagramSource, name: str) -> Markup:
    """The diagram by itself, without who did what."""
    return _drawn(diagram, name, {}, {})


def kept_picture(diagram: DiagramSource, name: str, tasks: Sequence[Task]) -> Markup:
    """The diagram as it is taken away: how often each step was done, and no link."""
    own = [task for task in tasks if task.process_key == diagram.process]
    return _drawn(diagram, name, {**_done_notes(own), **_call_notes(diagram)}, {})


def stand_alone(svg: str) -> str:
    """The picture as a file of its own, with the style sheets of this server."""
    sheets = "".join(
        f'<?xml-stylesheet type="text/css" href="{url_for("static", filename=sheet)}"?>\n'
        for sheet in STYLE_SHEETS
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{sheets}{svg}'


def _drawn(
    diagram: DiagramSource, name: str, notes: Mapping[str, str], links: Mapping[str, str], here: str = ""
) -> Markup:
    words = DiagramWords(
        title=gettext("Diagram of %(name)s; the timeline tells the same in words", name=name),
        times=gettext("{name} {count} times"),
        states={
            "done": gettext("Completed"),
            "active": gettext("Under way"),
            "wait": gettext("Not yet"),
            "skip": gettext("Skipped"),
        },
    )
    progress = DiagramProgress(marks=diagram.marks, flows=diagram.flows, notes=notes, here=here)
    # The renderer escapes every text that it puts in.
    return Markup(draw_diagram(diagram.source, progress=progress, words=words, links=links))  # noqa: S704


def _done_notes(tasks: Sequence[Task]) -> dict[str, str]:
    counts: dict[str, int] = {}
    for task in tasks:
        if task.state is TaskState.COMPLETED:
            counts[task.element_id] = counts.get(task.element_id, 0) + 1
    return {element: gettext("%(n)d times", n=count) for element, count in counts.items() if count > 1}


def _times_done(diagram: DiagramSource) -> dict[str, str]:
    return {
        element: gettext("%(n)d times", n=mark.completed)
        for element, mark in diagram.marks.items()
        if mark.completed > 1
    }


def _held_notes(page: ReplayPage, diagram: DiagramSource) -> dict[str, str]:
    """Who held the one open task of an element, or who might have; how many of several were done."""
    by_element: dict[str, list[TaskThen]] = {}
    for then in page.tasks:
        if then.task.process_key == diagram.process:
            by_element.setdefault(then.task.element_id, []).append(then)
    notes = {}
    for element, tasks in by_element.items():
        done = diagram.marks[element].completed if element in diagram.marks else 0
        holder = page.people.get(tasks[0].holder or "")
        who = holder.name if holder else in_language(tasks[0].wanted[0][0])
        notes[element] = who if len(tasks) == 1 else f"{done} / {done + len(tasks)}"
    return notes


def _call_notes(diagram: DiagramSource) -> dict[str, str]:
    """How many of the items that run side by side are done."""
    return {
        element: f"{mark.completed} / {mark.completed + mark.active}"
        for element, mark in diagram.marks.items()
        if mark.active > 1
    }


def _open_notes(opened: Sequence[OpenTask], tasks: Sequence[Task], now: datetime) -> dict[str, str]:
    """Who holds the one open task of an element and since how many days; how many of several are done."""
    by_element: dict[str, list[OpenTask]] = {}
    for line in opened:
        by_element.setdefault(line.task.element_id, []).append(line)
    notes = {}
    for element, lines in by_element.items():
        done = sum(task.element_id == element and task.state is TaskState.COMPLETED for task in tasks)
        if len(lines) > 1:
            notes[element] = f"{done} / {done + len(lines)}"
        else:
            who = lines[0].holder.name if lines[0].holder else lines[0].wanted[0][0]
            days = (now - lines[0].task.opened_at).days
            notes[element] = gettext("%(who)s %(days)d d", who=who, days=days) if days else who
    return notes
