"""A live instance as bytes and back: a cache that may be lost, never the truth.

Own compact rows instead of the library's serializer: that one keeps a flag on an object which all threads
share, loses variables when the order of its keys changes, and is several times slower and larger. A row
holds only what differs from its parent's variables; rows stand in order of creation, so parents come first.
"""

import json
import zlib
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.task import Task as SpiffTask

from engine.runtime.driver import Instance, Run, SubScope
from engine.runtime.pruning import prune
from engine.runtime.variables import difference, patched

if TYPE_CHECKING:
    from engine.runtime.deployment import ParsedDeployment

FORMAT = 2


def write_snapshot(instance: Instance, process_key: str, title: str) -> bytes:
    """Everything that the future behaviour of an instance depends on."""
    for scope in instance.scopes():  # the picture does not depend on when the live one was pruned
        prune(scope)
    run = instance.run
    picture = {
        "format": FORMAT,
        "process": process_key,
        "title": title,
        "counter": run.counter,
        "ticks": run.ticks,
        "completed": run.completed,
        "cancelled": run.cancelled,
        "flows": run.flows,
        "scopes": [_scope_row(scope) for scope in instance.scopes()],
    }
    return zlib.compress(json.dumps(picture, ensure_ascii=False, separators=(",", ":")).encode(), 1)


def is_same_picture(made: bytes, stored: bytes) -> bool:
    """True if a stored snapshot is the one just made, or one of another format, which nobody reads."""
    if made == stored:
        return True
    try:
        picture = json.loads(zlib.decompress(stored))
        return bool(picture["format"] != FORMAT or picture == json.loads(zlib.decompress(made)))
    except (zlib.error, ValueError, KeyError, TypeError):
        return False


def read_snapshot(
    parsed: "ParsedDeployment", process_key: str, instance_id: int, body: bytes
) -> tuple[Instance, str]:
    """The instance and its title; raises ValueError for a snapshot of another format or process."""
    picture = json.loads(zlib.decompress(body))
    if picture["format"] != FORMAT or picture["process"] != process_key:
        raise ValueError("the snapshot belongs to another format or process")
    run = Run(parsed, instance_id)
    instance = Instance(parsed.specs[process_key], parsed.specs, run, deserializing=True)
    for row in picture["scopes"]:
        scope: Any = instance
        if row["holder"] is not None:
            holder = instance.get_task_from_id(row["holder"])
            scope = SubScope(parsed.specs[row["spec"]], holder.id, instance, deserializing=True)
            instance.subprocesses[holder.id] = scope
            scope.completed_event.connect(holder.task_spec._on_subworkflow_completed, holder)
        _fill(scope, row)
    run.counter, run.ticks = picture["counter"], picture["ticks"]
    run.completed, run.cancelled, run.flows = picture["completed"], picture["cancelled"], picture["flows"]
    return instance, picture["title"]


def _scope_row(scope: Any) -> dict[str, Any]:
    return {
        "spec": scope.spec.name,
        "holder": scope.parent_task_id,
        "outcome": scope.outcome,
        "done": scope.completed,
        "success": scope.success,
        "last": scope.last_task.id if scope.last_task is not None else None,
        "arrivals": [
            [*key, {s: t.id for s, t in arrived.items()}] for key, arrived in scope.arrivals.items()
        ],
        "live": list(scope.live),
        "tokens": [_token_row(token) for token in scope.tasks.values()],
    }


def _token_row(token: Any) -> list[Any]:
    parent = token.parent
    inherited = parent.data if parent is not None else {}
    changed, gone = difference(token.data, inherited)
    return [
        token.id, token._parent, token._children, token._state, token.task_spec.name,
        int(token.triggered), token.internal_data, changed, gone, token.last_state_change,
    ]  # fmt: skip


def _fill(scope: Any, row: dict[str, Any]) -> None:
    for task_id, parent_id, children, state, spec_name, triggered, internal, changed, gone, moved in row[
        "tokens"
    ]:
        parent = scope.tasks.get(parent_id)
        spec = scope.spec.task_specs[spec_name]
        token = SpiffTask(scope, spec, None, state=state, id=task_id)
        token.depth_in_scope = parent.depth_in_scope + 1 if parent is not None else 0
        token._parent, token._children = parent_id, children
        token.triggered = bool(triggered)
        token.internal_data = internal
        token.data = patched(parent.data if parent is not None else {}, changed, gone)
        token.last_state_change = moved
    scope.kept = len(scope.tasks)
    scope.task_tree = next(iter(scope.tasks.values()))
    scope.outcome, scope.completed, scope.success = row["outcome"], row["done"], row["success"]
    scope.last_task = scope.tasks.get(row["last"])
    scope.live = {task_id: scope.tasks[task_id] for task_id in row["live"]}
    scope.arrivals = {
        (name, round_id): {source: scope.tasks[task_id] for source, task_id in arrived.items()}
        for name, round_id, arrived in row["arrivals"]
    }
