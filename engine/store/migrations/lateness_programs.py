"""The function of the write path since the fourth schema: candidates know when their task is late."""

from engine.store.migrations import guard_programs

_CHANGES = (
    (
        """insert into task_candidate (pair_id, due_at, task_id)
      select distinct c.id, t.due_at, t.id""",
        """insert into task_candidate (pair_id, due_at, task_id, late_after_at)
      select distinct c.id, t.due_at, t.id, t.late_after_at""",
    ),
    (
        """insert into task_candidate (pair_id, due_at, task_id)
      select (e->>0)::bigint, (e->>1)::bigint, (e->>2)::bigint""",
        """insert into task_candidate (pair_id, due_at, task_id, late_after_at)
      select (e->>0)::bigint, (e->>1)::bigint, (e->>2)::bigint, (e->>3)::bigint""",
    ),
)


def _changed(program: str) -> str:
    for before, after in _CHANGES:
        head, tail = program.split(before)
        program = head + after + tail
    return program


APPLY_STEP = _changed(guard_programs.APPLY_STEP)
