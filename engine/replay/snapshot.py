"""The snapshot: a cache that commands start from, so it must be the state that its history gives."""

from engine.replay.report import Check, Fault
from engine.replay.run import Run
from engine.runtime.snapshot import is_same_picture


def snapshot_fault(run: Run, stored: tuple[int, bytes] | None) -> Fault | None:
    """What is wrong with a stored snapshot; `run` was told to take one after the same event."""
    if stored is None:
        return None
    seq, body = stored
    if run.picture is None:
        return _fault(None, "The snapshot was taken after the event {seq}, which does not exist", seq)
    if is_same_picture(run.picture, body):
        return None
    return _fault(seq, "The snapshot after the event {seq} is not the state that the history gives", seq)


def _fault(at: int | None, template: str, seq: int) -> Fault:
    return Fault(check=Check.PROJECTION, seq=at, template=template, params={"seq": seq})
