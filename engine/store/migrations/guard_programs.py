"""The function of the write path since the second schema; a later version brings its own."""

APPLY_STEP = """
create or replace function apply_step(p json) returns void language plpgsql as $$
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
    candidates, inputs, assignee, owner, due_at, opened_at, sent_by, closed_at, closed_by, late_after_at,
    excluded, was_returned)
      select (e->>0)::bigint, i, e->>2, e->>3, e->>4, e->>5, e->>6, (e->>7)::smallint, (e->>8)::int, e->>9,
        e->>10, e->>11, e->>12, (e->>13)::bigint, (e->>14)::bigint, e->>15, (e->>16)::bigint, e->>17,
        (e->>18)::bigint, e->>19,
        exists (select 1 from task t where t.id >= i << 20 and t.id < (e->>0)::bigint
                and t.path = e->>4 and t.element_id = e->>3 and t.state = 2)
      from json_array_elements(p->'tasks') e;
    insert into task_candidate (pair_id, due_at, task_id)
      select (e->>0)::bigint, (e->>1)::bigint, (e->>2)::bigint from json_array_elements(p->'candidates') e;
  end if;
  if p->'exclusions' is not null then
    insert into task_exclusion (task_id, user_id)
      select (e->>0)::bigint, e->>1 from json_array_elements(p->'exclusions') e;
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
