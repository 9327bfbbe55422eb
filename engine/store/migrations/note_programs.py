"""The function of the write path since notes change the candidates and dates of a task."""

from engine.store.migrations import return_programs

_BEFORE = "update task t set assignee = e->>1, owner = e->>2, revision = revision + 1"
_AFTER = """update task t set assignee = e->>1, owner = e->>2, revision = revision + 1,
      candidates = coalesce(e->>3, t.candidates), due_at = coalesce((e->>4)::bigint, t.due_at),
      late_after_at = coalesce((e->>5)::bigint, t.late_after_at)"""


def _changed(program: str) -> str:
    head, tail = program.split(_BEFORE)
    return head + _AFTER + tail


APPLY_STEP = _changed(return_programs.APPLY_STEP)
