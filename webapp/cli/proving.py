"""Proofs and anchors."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine import replay as proof
from engine.commands import anchors
from engine.documents.anchor_file import read_anchor_file
from engine.domain.identity import SYSTEM
from engine.errors import Invalid
from engine.queries.anchors import anchor_file
from engine.settings import Settings
from webapp.cli.proof_state import ProofState, state_path
from webapp.opening import opened

if TYPE_CHECKING:
    from engine.domain.anchor import KeptAnchor
    from engine.replay import VerifyReport
    from engine.store.unit_of_work import Reader


@click.command()
@click.argument("instance", type=int, required=False)
@click.option("--all", "everything", is_flag=True, help="Prove every stream; the same as giving no INSTANCE.")
@click.option("--json", "as_json", is_flag=True, help="Print the reports as JSON.")
@click.option(
    "--anchors", "kept", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE",
    help="Compare with anchors that were kept elsewhere (planflow anchor --export).",
)  # fmt: skip
@click.option("--resume", is_flag=True, help="Go on where an interrupted run over everything stopped.")
@click.option(
    "--state", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
    help="Where a run keeps how far it is; by default beside the database.",
)  # fmt: skip
def verify(
    instance: int | None, everything: bool, as_json: bool, kept: Path | None, resume: bool, state: Path | None
) -> None:
    """Prove the history of INSTANCE, or of everything.

    Looks at chains, anchors, content, replay and the rows that follow from them. A run over everything
    remembers how far it is. Only with --resume is that believed: streams that it has proven, whose last event
    is the same and which this program would prove in the same way, are not executed again.

    The exit code is 1 when anything is not as it was recorded.
    """
    if instance is not None and (everything or resume or state):
        raise click.UsageError("--all, --resume and --state are about everything, not about an INSTANCE.")
    seen = kept_in(kept) if kept else ()
    printer = JsonPrinter() if as_json else Printer()
    settings = Settings()
    with opened(settings) as engine:
        if instance is not None:
            printer.add(engine.ask(SYSTEM, proof.verify, instance, seen))
        else:
            path = state or state_path(settings.database_url)
            engine.ask(SYSTEM, prove_all, seen, printer, path, settings.database_url, resume)
    printer.end()
    if printer.faults:
        raise SystemExit(1)


def kept_in(path: Path) -> tuple[KeptAnchor, ...]:
    """The anchors of a file."""
    try:
        return read_anchor_file(path.read_text("utf-8"))
    except (Invalid, UnicodeDecodeError) as error:
        raise click.BadParameter(f"{path} is no file of anchors.") from error


def prove_all(
    reader: Reader, kept: tuple[KeptAnchor, ...], printer: Printer, path: Path, database: str, resume: bool
) -> None:
    """Prove stream after stream, showing how far it is; nothing is gathered, however many there are."""
    memory, is_finished = ProofState(path, database, resume=resume), False
    reports = proof.verify_all(reader, kept=kept, memory=memory)
    streams = len(reader.history.heads())
    try:
        with click.progressbar(reports, length=streams, label="Proving", file=sys.stderr) as bar:
            for report in bar:
                printer.add(report)
        is_finished = True
    except KeyboardInterrupt:
        way = "--resume goes on from here" if memory.is_kept else "it cannot be resumed"
        click.echo(f"\nStopped after {printer.streams} of {streams} streams; {way}.", err=True)
        raise SystemExit(1) from None
    finally:
        memory.close(is_finished=is_finished)
    printer.resumed = memory.resumed


class Printer:
    """Prints each fault when it is found, then the sum."""

    def __init__(self) -> None:
        self.streams = self.events = self.faults = self.resumed = 0

    def add(self, report: VerifyReport) -> None:
        """Take over the proof of one stream."""
        self.show(report)
        self.streams += 1
        self.events += report.events
        self.faults += len(report.faults)

    def show(self, report: VerifyReport) -> None:
        for fault in report.faults:
            click.echo(f"stream {report.stream}, event {fault.seq or '-'}, {fault.check}: {fault}")

    def end(self) -> None:
        verdict = f"{self.faults} faults" if self.faults else "every one is as it was recorded"
        resumed = f" ({self.resumed} proven by the run before)" if self.resumed else ""
        click.echo(f"{self.streams} streams{resumed}, {self.events} events: {verdict}.")


class JsonPrinter(Printer):
    """Prints one array of reports, one line each."""

    def show(self, report: VerifyReport) -> None:
        click.echo(("[" if not self.streams else ",") + json.dumps(report.json(), ensure_ascii=False))

    def end(self) -> None:
        click.echo("]" if self.streams else "[]")


@click.command()
@click.option(
    "--export", "output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
    help="Write every anchor with all that it saw into FILE, to be kept elsewhere.",
)  # fmt: skip
def anchor(output: Path | None) -> None:
    """Seal all histories together and print the root.

    Keep the root outside this machine: with it, even a tail that was cut off shows. With a file of anchors
    that was kept elsewhere, `planflow verify --anchors FILE` finds what was forged from then on.
    """
    with opened() as engine:
        made = engine.execute(SYSTEM, anchors.make_anchor)
        if output is not None:
            engine.execute(SYSTEM, anchors.tell_export)
            engine.ask(SYSTEM, write_anchors, output)
    click.echo(f"Anchor {made.id} over {made.streams} streams at {made.made_at.isoformat()}")
    if output is not None:
        click.echo(f"Wrote {output}.")
    click.echo(made.root)


def write_anchors(reader: Reader, output: Path) -> None:
    """Write all anchors into a file, one after the other."""
    with output.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(anchor_file(reader))
