"""Triggers and functions of the first schema; a later version brings its own and leaves these alone."""

APPEND_ONLY = ("history_event", "content", "anchor", "deployment_file")

# Several rows change in place at every completion; room on the page keeps such an update out of the indexes.
_FILL = {"process_instance": 70, "task": 80, "snapshot": 50}


def sqlite_programs() -> list[str]:
    """History, content, anchors and deployed files refuse to be changed or deleted."""
    return [
        f"create trigger {table}_refuses_{change} before {change} on {table}"
        f" begin select raise(abort, '{table} is append-only'); end"
        for table in APPEND_ONLY
        for change in ("update", "delete")
    ]


def postgresql_programs() -> list[str]:
    """The same refusals, the sequence of instance numbers, and the two functions of the write path."""
    refusals = [
        f"create trigger {table}_is_append_only before update or delete or truncate on {table}"
        " for each statement execute function refuse_change()"
        for table in APPEND_ONLY
    ]
    storage = [f"alter table {table} set (fillfactor = {fill})" for table, fill in _FILL.items()]
    return [
        "create sequence process_instance_number start 1024",
        *storage,
        # Compressed already; and a snapshot is overwritten in place.
        "alter table snapshot alter column body set storage external",
        # Index-only scans of the inbox need a young visibility map.
        "alter table task_candidate set"
        " (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.02)",
        _REFUSE_CHANGE,
        *refusals,
        _LOAD_TASK,
        _APPLY_STEP,
    ]


_REFUSE_CHANGE = """
create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name;
end $$
"""

# The instance is locked by a statement of its own: a join with "for update" would read the task as it was
# before the
# wait for the lock, because only the locked row is read again.
_LOAD_TASK = """
create function load_task(wanted bigint)
  returns table (found_instance process_instance, found_task task) language plpgsql as $$
begin
  select * into found_instance from process_instance i where i.id = wanted >> 20 for update;
  select * into found_task from task t where t.id = wanted;
  return next;
end $$
"""

_APPLY_STEP = """
create function apply_step(p json) returns void language plpgsql as $$
declare
  i constant bigint := (p->>'id')::bigint;
begin
  update process_instance set
    revision = revision + 1, seq = (p->>'seq')::int, head = decode(p->>'head', 'hex'),
    state = (p->>'state')::smallint, causes = (p->>'causes')::int, title = p->>'title',
    ended_at = (p->>'ended_at')::bigint
    where id = i and revision = (p->>'revision')::int;
  if not found then
    raise exception 'process instance % has moved', i using errcode = '40001';
  end if;

  insert into history_event (stream, seq, type, origin, actor, on_behalf_of, role, unit, occurred_at,
  command_id, element_id, task_id, data, digest)
    select i, (e->>0)::int, e->>1, e->>2, e->>3, e->>4, e->>5, e->>6, (e->>7)::bigint, e->>8,
      e->>9, (e->>10)::bigint, e->>11, decode(e->>12, 'hex')
    from json_array_elements(p->'events') e;

  if p->'closed' is not null or p->'held' is not null then
    delete from task_candidate where (pair_id, due_at, task_id) in (
      select c.id, t.due_at, t.id
      from (select (e->>0)::bigint as id from json_array_elements(p->'closed') e
            union all select (e->>0)::bigint from json_array_elements(p->'held') e) gone
      join task t on t.id = gone.id
      cross join json_array_elements(t.candidates::json) pair
      join candidate_pair c on c.role = pair->>0 and c.unit = pair->>1);
  end if;

  if p->'held' is not null then
    update task t set assignee = e->>1, owner = e->>2, revision = revision + 1
      from json_array_elements(p->'held') e where t.id = (e->>0)::bigint;
  end if;

  if p->'closed' is not null then
    update task t set state = (e->>1)::smallint, revision = revision + 1, closed_at = (e->>2)::bigint,
    closed_by = e->>3 from json_array_elements(p->'closed') e where t.id = (e->>0)::bigint;
  end if;

  if p->'held' is not null then
    insert into task_candidate (pair_id, due_at, task_id)
      select distinct c.id, t.due_at, t.id
      from json_array_elements(p->'held') e
      join task t on t.id = (e->>0)::bigint and t.state = 1 and t.assignee is null
      cross join json_array_elements(t.candidates::json) pair
      join candidate_pair c on c.role = pair->>0 and c.unit = pair->>1;
  end if;

  if p->'tasks' is not null then
    insert into task (id, instance_id, process_key, element_id, path, label, subject, state, revision,
    candidates, inputs, assignee, owner, due_at, opened_at, sent_by, closed_at, closed_by, was_returned)
      select (e->>0)::bigint, i, e->>2, e->>3, e->>4, e->>5, e->>6, (e->>7)::smallint, (e->>8)::int, e->>9,
        e->>10, e->>11, e->>12, (e->>13)::bigint, (e->>14)::bigint, e->>15, (e->>16)::bigint, e->>17,
        exists (select 1 from task t where t.id >= i << 20 and t.id < (e->>0)::bigint
                and t.path = e->>4 and t.element_id = e->>3 and t.state = 2)
      from json_array_elements(p->'tasks') e;
    insert into task_candidate (pair_id, due_at, task_id)
      select (e->>0)::bigint, (e->>1)::bigint, (e->>2)::bigint from json_array_elements(p->'candidates') e;
  end if;

  if p->'timers_gone' is not null then
    delete from timer where task_id in (select e::bigint from json_array_elements_text(p->'timers_gone') e);
  end if;
  if p->'timers' is not null then
    insert into timer (task_id, instance_id, element_id, due_at)
      select (e->>0)::bigint, i, e->>2, (e->>3)::bigint from json_array_elements(p->'timers') e;
  end if;

  if p->'unawaited' is not null then
    delete from message_subscription
      where task_id in (select e::bigint from json_array_elements_text(p->'unawaited') e);
  end if;
  if p->'awaited' is not null then
    insert into message_subscription (task_id, instance_id, process_key, element_id, name, correlation,
    role, form) select (e->>0)::bigint, i, e->>2, e->>3, e->>4, e->>5, e->>6, e->>7
      from json_array_elements(p->'awaited') e;
  end if;

  if p->'snapshot' is not null then
    insert into snapshot (instance_id, seq, body)
      values (i, (p->'snapshot'->>0)::int, decode(p->'snapshot'->>1, 'hex'))
      on conflict (instance_id) do update set seq = excluded.seq, body = excluded.body;
  end if;
  if p->>'ended_at' is not null then
    delete from snapshot where instance_id = i;
  end if;
end $$
"""
