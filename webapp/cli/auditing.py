"""What auditors do: prove, step through, anchor and export."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine import replay as proof
from engine.commands import anchors, exports
from engine.domain.identity import SYSTEM
from webapp.opening import opened

if TYPE_CHECKING:
    from engine.domain.task import Candidate
    from engine.replay import ReplayReport, VerifyReport
    from engine.store.unit_of_work import Reader


@click.command()
@click.argument("instance", type=int, required=False)
@click.option("--all", "everything", is_flag=True, help="Prove every stream; the same as giving no INSTANCE.")
@click.option("--json", "as_json", is_flag=True, help="Print the reports as JSON.")
def verify(instance: int | None, everything: bool, as_json: bool) -> None:
    """Prove the history of INSTANCE, or of everything.

    Looks at chains, anchors, content, replay and the rows that follow from them.

    The exit code is 1 when anything is not as it was recorded.
    """
    if instance is not None and everything:
        raise click.UsageError("Give an INSTANCE or --all, not both.")
    with opened() as engine:
        reports = (
            engine.ask(SYSTEM, prove_all)
            if instance is None
            else [engine.ask(SYSTEM, proof.verify, instance)]
        )
    if as_json:
        click.echo(json.dumps([report.json() for report in reports], ensure_ascii=False, indent=2))
    else:
        for line in report_lines(reports):
            click.echo(line)
    if not all(report.is_proven for report in reports):
        raise SystemExit(1)


def prove_all(reader: Reader) -> list[VerifyReport]:
    """Prove stream after stream, showing how far it is."""
    streams = len(reader.history.heads())
    with click.progressbar(proof.verify_all(reader), length=streams, label="Proving", file=sys.stderr) as bar:
        return list(bar)


def report_lines(reports: list[VerifyReport]) -> list[str]:
    """One line per fault, then the sum."""
    faults = [
        f"stream {report.stream}, event {fault.seq or '-'}, {fault.check}: {fault}"
        for report in reports
        for fault in report.faults
    ]
    events = sum(report.events for report in reports)
    verdict = f"{len(faults)} faults" if faults else "every one is as it was recorded"
    return [*faults, f"{len(reports)} streams, {events} events: {verdict}."]


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


@click.command()
def anchor() -> None:
    """Seal all histories together and print the root.

    Keep the root outside this machine: with it, even a tail that was cut off shows.
    """
    with opened() as engine:
        made = engine.execute(SYSTEM, anchors.make_anchor)
    click.echo(f"Anchor {made.id} over {made.streams} streams at {made.made_at.isoformat()}")
    click.echo(made.root)


@click.command()
@click.argument("instance", type=int)
@click.option(
    "--format", "format_", type=click.Choice(sorted(exports.FORMATS)), default="json", show_default=True
)
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), required=True, metavar="FILE"
)
def export(instance: int, format_: str, output: Path) -> None:
    """Write the history of INSTANCE into FILE."""
    with opened() as engine:
        body = engine.execute(SYSTEM, exports.export_instance, instance, format_=format_)
    output.write_bytes(body)
    click.echo(f"Wrote {output}.")
