"""The function of the write path since the eleventh schema: a task was returned only where work came back."""

from engine.store.migrations import note_programs

_BEFORE = "exists (select 1 from task t where t.id >= i << 20"
_AFTER = "(e->>20)::boolean and exists (select 1 from task t where t.id >= i << 20"


def _changed(program: str) -> str:
    head, tail = program.split(_BEFORE)
    return head + _AFTER + tail


APPLY_STEP = _changed(note_programs.APPLY_STEP)
