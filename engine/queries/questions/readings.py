"""Question 15: the way to any moment of the past, and who has read or taken away what is kept among few.

What a moment looked like is rebuilt on the page of moments, which every row leads to; the first row leads to
the present one. Reads and exports are told by the streams of the people who made them.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from engine.activities.reward_lists import PROCESS
from engine.domain.history import EventType
from engine.domain.instance import Instance
from engine.domain.sensitive import Kept
from engine.queries.questions.answer import (
    EMPTY,
    Answer,
    Cell,
    Column,
    EventPlace,
    MomentPlace,
    Part,
    Question,
    Row,
    Value,
    Words,
    cell,
)
from engine.queries.questions.personal import personal_events
from engine.queries.questions.scope import Scene
from engine.queries.questions.trail import Told, Trail
from engine.store.unit_of_work import Reader

STATE = "State of the process"
READ, TAKEN = "Was read", "Taken away"
# What an export tells of that is no process, by the field that names it.
BESIDE_PROCESSES = {"anchors": "Anchors", "looks": "Looks and refusals"}


def readings(reader: Reader, scene: Scene) -> Answer:
    """The way to the state at a moment, then every read and export, the latest first."""
    trail = Trail(reader, scene)
    told = [
        each
        for each in reversed(personal_events(reader, EventType.SENSITIVE_READ, EventType.EXPORTED))
        if _is_asked(scene, each.data)
    ]
    rows = (*_states(reader, scene), *(_row(trail, each) for each in told))
    taken = sum(1 for each in told if each.event.type is EventType.EXPORTED)
    summary = (
        Words(template="Each moment leads to everything as it stood then, without the values of today."),
        Words(
            template="Times read: {read}; times taken away: {taken}.",
            params={"read": len(told) - taken, "taken": taken},
        ),
    )
    return Answer(rows=rows, summary=summary)


def _states(reader: Reader, scene: Scene) -> Iterator[Row]:
    """The present state, from which any other moment can be chosen; of one process also its replay."""
    instance = scene.instances.get(scene.scope.instance_id or 0)
    place = EventPlace(instance_id=instance.id, seq=instance.seq) if instance else None
    about = cell(_name(instance), place) if instance else cell(Words(template="All processes"))
    yield Row(
        cells=(
            cell(reader.now, MomentPlace(at=reader.now)),
            cell(Words(template=STATE)),
            about,
            EMPTY,
            EMPTY,
        ),
        place=place,
    )


def _row(trail: Trail, told: Told) -> Row:
    is_export = told.event.type is EventType.EXPORTED
    return Row(
        cells=(
            cell(told.at, MomentPlace(at=told.at)),
            cell(Words(template=TAKEN if is_export else READ)),
            _what(trail, told.data),
            cell(str(told.data.get("format", "")).upper()),
            cell(trail.person(told.event.actor)),
        ),
        place=told.place,
    )


def _what(trail: Trail, data: dict[str, Any]) -> Cell:
    """What was read or taken: the lists of an edition, a process, or the answer to a question."""
    if data.get("kind") == Kept.REWARD_LIST:
        return cell(_edition(data["edition"]))
    if "question" in data:
        return (Part(Words(template="Answer to a standing question")), *cell(data["question"]))
    if "audit_run" in data:
        return (Part(Words(template="Audit run")), Part(data["audit_run"]))
    if "moment" in data:
        return cell(Words(template="As of a moment"), MomentPlace(at=datetime.fromisoformat(data["moment"])))
    for key, thing in BESIDE_PROCESSES.items():
        if key in data:
            return cell(Words(template=thing))
    instance = trail.scene.around.get(data.get("instance", 0))
    return cell(_name(instance) if instance else data.get("instance"))


def _edition(key: str) -> Words:
    return Words(template="Reward lists of the edition of {year}", params={"year": key.rpartition(":")[2]})


def _name(instance: Instance) -> Value:
    return instance.title or instance.business_key


def _is_asked(scene: Scene, data: dict[str, Any]) -> bool:
    """A list is asked about over its edition, or over one of the processes that made it."""
    if not scene.scope.told:
        return True
    if data.get("instance") in scene.instances or data.get("scope") == scene.scope.told:
        return True
    editions = {
        str(instance.plan_key).rpartition(":")[0]
        for instance in scene.instances.values()
        if instance.definition_key == PROCESS
    }
    return data.get("edition") in editions


QUESTION = Question(
    number=15,
    slug="moments-and-readings",
    title="Moments and readings",
    sentence="What was the state of the process at a moment (inboxes, open tasks, data), reconstructed "
    "without today's values, and who has read or exported the reward list?",
    columns=(
        Column(key="at", title="At what time"),
        Column(key="kind", title="Kind"),
        Column(key="what", title="What was read"),
        Column(key="format", title="As what file"),
        Column(key="by", title="Done by"),
    ),
    ask=readings,
)
