"""Proofs and anchors."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine import replay as proof
from engine.commands import anchors
from engine.documents.anchor_file import anchor_lines, read_anchor_file
from engine.domain.identity import SYSTEM
from engine.errors import Invalid
from engine.queries.anchors import kept_anchors
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
def verify(instance: int | None, everything: bool, as_json: bool, kept: Path | None) -> None:
    """Prove the history of INSTANCE, or of everything.

    Looks at chains, anchors, content, replay and the rows that follow from them.

    The exit code is 1 when anything is not as it was recorded.
    """
    if instance is not None and everything:
        raise click.UsageError("Give an INSTANCE or --all, not both.")
    seen = kept_in(kept) if kept else ()
    with opened() as engine:
        reports = (
            engine.ask(SYSTEM, prove_all, seen)
            if instance is None
            else [engine.ask(SYSTEM, proof.verify, instance, seen)]
        )
    if as_json:
        click.echo(json.dumps([report.json() for report in reports], ensure_ascii=False, indent=2))
    else:
        for line in report_lines(reports):
            click.echo(line)
    if not all(report.is_proven for report in reports):
        raise SystemExit(1)


def kept_in(path: Path) -> tuple[KeptAnchor, ...]:
    """The anchors of a file."""
    try:
        return read_anchor_file(path.read_text("utf-8"))
    except (Invalid, UnicodeDecodeError) as error:
        raise click.BadParameter(f"{path} is no file of anchors.") from error


def prove_all(reader: Reader, kept: tuple[KeptAnchor, ...]) -> list[VerifyReport]:
    """Prove stream after stream, showing how far it is."""
    streams = len(reader.history.heads())
    reports = proof.verify_all(reader, kept=kept)
    with click.progressbar(reports, length=streams, label="Proving", file=sys.stderr) as bar:
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
        file.writelines(anchor_lines(kept_anchors(reader), reader.now))
