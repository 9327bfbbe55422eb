"""The rows that follow from a history, and where the stored ones differ."""

from collections.abc import Iterator
from typing import Any

from engine.clock import to_micros
from engine.domain.history import HistoryEvent
from engine.replay.report import Check, Fault
from engine.replay.run import Run
from engine.store.instances import roles_text
from engine.store.projections import Columns, ProjectionRows, open_candidates, task_columns
from engine.store.step_rows import exclusion_rows


def rows_of(run: Run, events: list[HistoryEvent]) -> ProjectionRows:
    """The rows after the last event of a re-execution without fault."""
    start, last = events[0], events[-1]
    told: dict[str, Any] = start.told
    instance_id = start.stream
    assert run.live is not None
    return ProjectionRows(
        instance={
            "id": instance_id, "definition_key": told["process"], "business_key": told["business_key"],
            "title": run.live.title, "deployment_id": told["deployment"], "agency": told["agency"],
            "plan_key": told["plan_key"], "state": int(run.state), "seq": last.seq, "head": last.digest,
            "causes": run.causes, "started_at": start.occurred_at, "started_by": start.actor,
            "ended_at": run.ended_at, "parent_id": told["parent"], "start_command_id": told["start_command"],
            "restricted_to": roles_text(run.live.restricted_to),
        },
        tasks={
            task_id: task_columns(instance_id, row, was_returned=task_id in run.returned)
            for task_id, row in run.rows.opened.items()
        },
        candidates=open_candidates(run.rows),
        exclusions=frozenset(exclusion_rows(run.rows)),
        priorities=frozenset((task_id, p.rank) for task_id, p in run.priorities.items() if p.rank),
        timers={
            t.task_id: {
                "task_id": t.task_id, "instance_id": instance_id, "element_id": t.element_id,
                "due_at": to_micros(t.due_at),
            }
            for t in run.rows.timers.values()
        },
        subscriptions={
            s.task_id: {
                "task_id": s.task_id, "instance_id": instance_id, "process_key": s.process_key,
                "element_id": s.element_id, "name": s.name, "correlation": s.correlation, "role": s.role,
                "form": s.form,
            }
            for s in run.rows.awaited.values()
        },
    )  # fmt: skip


def differences(expected: ProjectionRows, stored: ProjectionRows) -> Iterator[Fault]:
    """Every row that is not as the history says."""
    yield from _columns("process_instance", expected.instance["id"], expected.instance, stored.instance)
    for table, wanted, found in (
        ("task", expected.tasks, stored.tasks),
        ("timer", expected.timers, stored.timers),
        ("message_subscription", expected.subscriptions, stored.subscriptions),
    ):
        for key in sorted(wanted.keys() | found.keys()):
            yield from _columns(table, key, wanted.get(key, {}), found.get(key, {}))
    for candidate in sorted(expected.candidates ^ stored.candidates):
        role, unit, _, _, task_id = candidate
        what = "missing" if candidate in expected.candidates else "strange"
        yield _fault("task_candidate", task_id, what, f"{role}/{unit}")
    for row in sorted(expected.exclusions ^ stored.exclusions):
        yield _fault("task_exclusion", row[0], "missing" if row in expected.exclusions else "strange", row[1])
    for priority in sorted(expected.priorities ^ stored.priorities):
        what = "missing" if priority in expected.priorities else "strange"
        yield _fault("task_priority", priority[0], what, str(priority[1]))
    for task_id in sorted(stored.unsought):
        yield _fault("task_text", task_id, "missing", "")


def _columns(table: str, key: int, expected: Columns, stored: Columns) -> Iterator[Fault]:
    if not stored:
        yield _fault(table, key, "missing", "")
    elif not expected:
        yield _fault(table, key, "strange", "")
    else:
        wrong = sorted(name for name in expected if expected[name] != stored.get(name))
        if wrong:
            yield _fault(table, key, "different", ", ".join(wrong))


def _fault(table: str, key: int, what: str, where: str) -> Fault:
    templates = {
        "missing": "The row {key} of the table {table} is missing ({where})",
        "strange": "The row {key} of the table {table} follows from no event ({where})",
        "different": "The row {key} of the table {table} differs from the history ({where})",
    }
    params = {"table": table, "key": key, "where": where or "-"}
    return Fault(check=Check.PROJECTION, seq=None, template=templates[what], params=params)
