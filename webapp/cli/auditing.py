"""What auditors do: step through a history."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from engine import replay as proof
from engine.domain.identity import SYSTEM
from webapp.opening import opened

if TYPE_CHECKING:
    from engine.domain.task import Candidate
    from engine.replay import ReplayReport


@click.command()
@click.argument("instance", type=int)
@click.option("--to", "to_seq", type=click.IntRange(min=1), help="Stop after this event.")
def replay(instance: int, to_seq: int | None) -> None:
    """Execute INSTANCE again and show the state.

    The exit code is 1 when the history and its re-execution differ.
    """
    with opened() as engine:
        report = engine.ask(SYSTEM, proof.replay, instance, to_seq=to_seq)
    for line in state_lines(report):
        click.echo(line)
    if report.fault is not None:
        raise click.ClickException(f"Event {report.fault.seq or '-'}: {report.fault}.")


def state_lines(report: ReplayReport) -> list[str]:
    """The moment, what is open then, and the variables."""
    moment = f"Instance {report.instance_id} after event {report.seq} of {report.events}"
    state = report.state
    if state is None:
        return [moment]
    variables = json.dumps(state.variables, ensure_ascii=False, indent=2, sort_keys=True)
    return [
        moment,
        *(
            f"open task {t.id}  {t.label} ({t.element_id})  {pairs_text(t.candidates)}"
            for t in state.open_tasks
        ),
        *(f"timer {t.task_id}  {t.element_id}  due {t.due_at.isoformat()}" for t in state.timers),
        *(f"waits for {s.name}  {s.correlation} ({s.element_id})" for s in state.subscriptions),
        f"variables {variables}",
    ]


def pairs_text(candidates: tuple[Candidate, ...]) -> str:
    """Who may take a task."""
    return ", ".join(f"{c.role}:{c.unit}".rstrip(":") for c in candidates)
