"""Question 13: which versions of the models (BPMN, DMN, forms) a process ran on, and whether it was migrated.

Of one process every file that its history used is told; of several, the diagram of each process. A process is
pinned to the deployment of its start: that is shown from its first event, not taken for granted.
"""

from collections.abc import Iterator
from dataclasses import replace

from engine.domain.history import EventType
from engine.domain.instance import Instance
from engine.queries.questions.answer import (
    Answer,
    Cell,
    Column,
    EventPlace,
    Mark,
    Part,
    Question,
    Row,
    Term,
    Words,
    cell,
    strongest,
)
from engine.queries.questions.deployed import DeployedSet, Deployments, deployments_told
from engine.queries.questions.scope import Scene
from engine.queries.questions.trail import Told, Trail
from engine.store.unit_of_work import Reader

SHORT = 12
KINDS = {"bpmn": "Diagram", "dmn": "Decision table", "json": "Form of a task"}


def models_run(reader: Reader, scene: Scene) -> Answer:
    """The files on which the processes asked about ran, by process and name."""
    trail = Trail(reader, replace(scene, around=scene.instances))
    deployments = deployments_told(reader)
    started = {told.event.stream: told for told in trail.events(EventType.INSTANCE_STARTED)}
    rows = []
    for instance in scene.instances.values():
        first = started.get(instance.id)
        files = [f"{instance.definition_key}.bpmn"]
        if scene.scope.instance_id is not None and first is not None:
            files = _used(reader, trail, first)
        rows += [_row(trail, deployments, instance, first, file) for file in files]
    moved = sum(
        1 for instance in scene.instances.values() if _is_migrated(instance, started.get(instance.id))
    )
    summary = Words(
        template="{instances} processes ran on {sets} sets of models; migrated to another one: {migrated}.",
        params={
            "instances": len(scene.instances),
            "sets": len({instance.deployment_id for instance in scene.instances.values()}),
            "migrated": moved,
        },
    )
    return Answer(rows=tuple(rows), summary=(summary,))


def _row(trail: Trail, deployments: Deployments, instance: Instance, started: Told | None, file: str) -> Row:
    no = int(started.data["deployment"]) if started else instance.deployment_id
    pinned = deployments.get(no)
    later = deployments.changed_since(file, no)
    mark, why = strongest(_remarks(trail.reader, instance, started, pinned, later))
    place = started.place if started else EventPlace(instance_id=instance.id)
    return Row(
        cells=(
            _process_cell(instance, pinned),
            cell(Words(template=KINDS.get(file.rpartition(".")[2], "File"))),
            cell(file),
            cell(deployments.version_of(file, no)),
            cell(pinned.files.get(file, "")[:SHORT] if pinned else None),
            (Part(no), *cell(pinned.digest[:SHORT] if pinned else None)),
            cell(pinned.at if pinned else None),
            cell(trail.person(pinned.by) if pinned else None),
            cell(instance.started_at, place),
            cell(later.at if later else None),
            _pinned_cell(instance, started, no),
        ),
        place=place,
        mark=mark,
        why=why,
    )


def _process_cell(instance: Instance, pinned: DeployedSet | None) -> Cell:
    name = pinned.names.get(instance.definition_key, "") if pinned else ""
    return (
        Part(instance.title or instance.business_key, EventPlace(instance_id=instance.id)),
        *((Part(Term(name)),) if name else ()),
    )


def _pinned_cell(instance: Instance, started: Told | None, no: int) -> Cell:
    if _is_migrated(instance, started):
        template = "Started with set {no}, and stands on set {other} now"
        return cell(Words(template=template, params={"no": no, "other": instance.deployment_id}))
    return cell(Words(template="Not migrated: pinned to set {no} since its start", params={"no": no}))


def _remarks(
    reader: Reader,
    instance: Instance,
    started: Told | None,
    pinned: DeployedSet | None,
    later: DeployedSet | None,
) -> Iterator[tuple[Mark, Words]]:
    if _is_migrated(instance, started):
        yield Mark.BREACH, Words(template="The process stands on another set of models than it started with")
    if started is not None and (pinned is None or pinned.digest != started.data["definition"]):
        yield (
            Mark.BREACH,
            Words(template="No deployment was told with the digest that the process started with"),
        )
    if later is not None and later.at < (instance.ended_at or reader.now):
        template = "Another version was deployed while the process was running on this one"
        yield Mark.REMARKABLE, Words(template=template)


def _is_migrated(instance: Instance, started: Told | None) -> bool:
    return started is not None and started.data["deployment"] != instance.deployment_id


def _used(reader: Reader, trail: Trail, started: Told) -> list[str]:
    """The files that the history of a process used: diagrams, then decision tables, then forms."""
    diagrams: dict[str, None] = {f"{started.data['process']}.bpmn": None}
    tables: dict[str, None] = {}
    forms: dict[str, None] = {}
    processes = reader.definitions.parsed(int(started.data["deployment"])).processes
    for told in trail.events(EventType.TASK_OPENED, EventType.ELEMENT_PASSED):
        process = told.data.get("process")
        if isinstance(process, str):
            diagrams[f"{process}.bpmn"] = None
        if told.data.get("decision"):
            tables[f"{told.data['decision']}.dmn"] = None
        if told.event.type is EventType.TASK_OPENED and process in processes:
            element = processes[process].elements.get(told.event.element_id or "")
            if element is not None and element.form:
                forms[f"forms/{element.form}.json"] = None
    return [*diagrams, *sorted(tables), *sorted(forms)]


QUESTION = Question(
    number=13,
    slug="models",
    title="Models of processes",
    sentence="What did the process model look like when the process ran (BPMN, DMN and form versions), "
    "and was the process migrated?",
    columns=(
        Column(key="process", title="Which process"),
        Column(key="kind", title="Kind"),
        Column(key="file", title="File"),
        Column(key="version", title="Version"),
        Column(key="digest", title="Digest"),
        Column(key="set", title="Set of models"),
        Column(key="deployed", title="Deployed on"),
        Column(key="by", title="Done by"),
        Column(key="started", title="Started on"),
        Column(key="later", title="Changed by a later deployment"),
        Column(key="migrated", title="Whether migrated"),
    ),
    ask=models_run,
)
