"""The function of the write path since the fifth schema: a return goes to whom the task was with."""

from engine.store.migrations import lateness_programs

_BEFORE = "t.element_id = e->>3 and t.state = 2)"
_AFTER = "t.element_id = e->>3 and t.candidates = e->>9 and t.state = 2)"


def _changed(program: str) -> str:
    head, tail = program.split(_BEFORE)
    return head + _AFTER + tail


APPLY_STEP = _changed(lateness_programs.APPLY_STEP)
