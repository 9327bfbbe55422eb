"""Samples of audit runs: whoever draws again with the seed gets the same processes."""

from collections.abc import Iterator

from engine.domain.audit_run import draw
from engine.domain.history import AUDITS_STREAM
from engine.errors import NotFound
from engine.replay.report import Check, Fault
from engine.replay.told_rows import UNREADABLE, StreamFault
from engine.store.unit_of_work import Reader


def sample_faults(reader: Reader) -> Iterator[StreamFault]:
    """(stream, fault) for every sample that its seed does not draw from its population.

    A population that is gone or was changed is told by the proof of content.
    """
    try:
        runs = reader.audits.runs()
    except UNREADABLE:
        template = "The stream of audits does not tell what it must tell"
        yield AUDITS_STREAM, Fault(check=Check.REPLAY, seq=None, template=template)
        return
    for run in runs.values():
        try:
            repeated = draw(run.seed, reader.audits.population_of(run), run.criteria)
        except (NotFound, *UNREADABLE):
            continue
        if repeated != run.drawn:
            template = "The sample of the audit run {run} is not the one that its seed draws"
            yield (
                AUDITS_STREAM,
                Fault(check=Check.REPLAY, seq=run.no, template=template, params={"run": run.no}),
            )
