"""An office with a million open tasks: rows of the projections that an inbox reads, written by the database.

Which task waits for whom is arithmetic, so that every run makes the same office: two thousand pairs of role
and unit, the first ones far busier than the last; one task in five has two pairs, one in twenty no due date.
The finished tasks were closed by the people of the bench and by a thousand others: one person closed five of
a hundred. One finished task lies in each instance that is under way. All tasks of an instance
have its subject.
"""

from dataclasses import dataclass

import sqlalchemy as sa

from bench import approval_15
from engine.clock import to_micros
from engine.commands import organisation
from engine.domain.identity import SYSTEM, Actor
from engine.engine import Engine
from engine.store.tables import NEVER
from engine.store.unit_of_work import Reader, UnitOfWork

ROLES = ("unit_handler", "unit_chief", "counter_owner", "web_owner", "registry")
UNITS = 400
PAIRS = len(ROLES) * UNITS
FIRST_PAIR = 10_000
FIRST_INSTANCE = 2_000_000
OPEN_PER_INSTANCE, FINISHED_PER_INSTANCE = 10, 20
WIDE, NARROW, HEAVY = "wide", "narrow", "heavy"
WIDE_PAIRS = 200
PASSWORD = "Bench-2026-crowd"
DAY = 24 * 3600 * 1_000_000

# A number below 65,536 that looks drawn by lot, and one of a thousand.
_LOT = "((({i} * 2654435761) % 4294967296) >> 16)"
# The square of the square of it makes the first pairs the busy ones.
_PAIR = f"({FIRST_PAIR} + (({{lot}} * {{lot}} * {{lot}} * {PAIRS}) >> 48))"


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """People of such an office: one with two hundred pairs, one with a single quiet one, and one who has
    another quiet one and finished more than anybody."""

    wide: Actor
    narrow: Actor
    heavy: Actor


def gather(engine: Engine, *, open_tasks: int, finished_tasks: int) -> Crowd:
    """Fill an empty database; gives the people whose inboxes are measured."""
    approval_15.prepare(engine)
    engine.execute(SYSTEM, _add_people)
    engine.execute(SYSTEM, _fill, open_tasks, finished_tasks)
    engine.memory.forget()
    return Crowd(wide=engine.actor(WIDE), narrow=engine.actor(NARROW), heavy=engine.actor(HEAVY))


def pair(number: int) -> tuple[str, str]:
    """Role and unit of a pair, the busiest first."""
    return ROLES[number % len(ROLES)], f"crowd_{number // len(ROLES):03}"


def _add_people(uow: UnitOfWork) -> None:
    for number in range(UNITS):
        organisation.add_unit(
            uow,
            f"crowd_{number:03}",
            label=f"第{number}科",
            kind="line",
            agency="branch",
            position=100 + number,
        )
    step = PAIRS // WIDE_PAIRS
    held = {WIDE: range(0, PAIRS, step), NARROW: [PAIRS // 2 + 1], HEAVY: [PAIRS // 2 + 2]}
    for user, numbers in held.items():
        organisation.add_user(uow, user, name=user, password=PASSWORD, must_change=False)
        for number in numbers:
            role, unit = pair(number)
            organisation.grant(uow, user, role=role, unit=unit, valid_from=uow.today)


def _fill(uow: UnitOfWork, open_tasks: int, finished_tasks: int) -> None:
    core, now = uow.transaction.core, to_micros(uow.now)
    deployment = _deployment(uow)
    for number in range(PAIRS):
        role, unit = pair(number)
        core.execute(
            sa.text("insert into candidate_pair (id, role, unit) values (:id, :role, :unit)"),
            {"id": FIRST_PAIR + number, "role": role, "unit": unit},
        )
    waiting = open_tasks // OPEN_PER_INSTANCE + 1
    ended = finished_tasks // FINISHED_PER_INSTANCE + 1
    for first, count, state in ((FIRST_INSTANCE, waiting, 1), (FIRST_INSTANCE + waiting, ended, 3)):
        core.execute(sa.text(_INSTANCES), {
            "first": first, "last": count - 1, "state": state, "now": now, "deployment": deployment,
            "key": approval_15.KEY, "head": b"\0" * 32,
        })  # fmt: skip
    for statement in (_OPEN, _CANDIDATES):
        core.execute(sa.text(statement), {"last": open_tasks - 1, "first": FIRST_INSTANCE, "now": now})
    core.execute(sa.text(_TIMERS), {"last": waiting - 1, "first": FIRST_INSTANCE, "now": now})
    core.execute(sa.text(_EVENTS), {
        "last": open_tasks - 1, "first": FIRST_INSTANCE, "now": now, "digest": b"\0" * 32,
    })  # fmt: skip
    core.execute(sa.text(_SENT), {"last": waiting - 1, "first": FIRST_INSTANCE, "now": now})
    core.execute(
        sa.text(_FINISHED), {"last": finished_tasks - 1, "first": FIRST_INSTANCE + waiting, "now": now}
    )


def _deployment(reader: Reader) -> int:
    return reader.definitions.latest(approval_15.KEY).deployment_id


_NUMBERS = """with recursive n(i) as (
  select cast(0 as bigint) union all select i + 1 from n where i < cast(:last as bigint))"""
_INSTANCES = f"""{_NUMBERS}
insert into process_instance (id, definition_key, business_key, title, deployment_id, agency, state, revision,
  seq, head, causes, started_at, started_by, ended_at, restricted_to)
select :first + i, :key, 'crowd:' || (:first + i), '十五單位核定', :deployment, 'branch', :state, 1, 1,
  :head, 1, :now - (i % 300) * {DAY}, 'clerk', case when :state = 3 then :now end, '' from n
"""
_TASK = """insert into task (id, instance_id, process_key, element_id, path, label, subject, state, revision,
  candidates, inputs, due_at, opened_at, sent_by, closed_at, closed_by, was_returned, late_after_at, excluded)
"""
# The second pair of every fifth task is one of the quiet ones.
_PLACED = f"""{_NUMBERS}, drawn as (
  select i, {_LOT.format(i="i")} as lot, {_LOT.format(i="(i * 7 + 3)")} as other from n),
placed as (
  select i, ((:first + i / {OPEN_PER_INSTANCE}) << 20) + i % {OPEN_PER_INSTANCE} + 1 as task_id,
    {_PAIR.format(lot="lot")} as pair_id,
    case when i % 5 = 0 then {FIRST_PAIR} + other % {PAIRS} end as second_id,
    case when i % 20 = 7 then {NEVER} else :now + ((other % 400) - 40) * {DAY} / 2 end as due_at from drawn)
"""
_OPEN = f"""{_PLACED}
{_TASK}
select task_id, :first + i / {OPEN_PER_INSTANCE}, 'approval_15', 'report_' || (10 + i % 6), 'report',
  '單位填報', '第 ' || (i / {OPEN_PER_INSTANCE}) || ' 案年度成果', 1, 1,
  '[["' || p.role || '","' || p.unit || '"]' ||
    coalesce(',["' || s.role || '","' || s.unit || '"]', '') || ']',
  '{{}}', due_at, :now - (i % 90) * {DAY}, 'clerk', null, null, i % 50 = 3, due_at, '[]'
from placed join candidate_pair p on p.id = placed.pair_id
  left join candidate_pair s on s.id = placed.second_id and s.id <> placed.pair_id
"""
_CANDIDATES = f"""{_PLACED}
insert into task_candidate (pair_id, due_at, task_id, late_after_at)
select pair_id, due_at, task_id, due_at from placed
union select second_id, due_at, task_id, due_at from placed where second_id is not null
"""
_FINISHED = f"""{_NUMBERS}
{_TASK}
select ((:first + i / {FINISHED_PER_INSTANCE}) << 20) + i % {FINISHED_PER_INSTANCE} + 1,
  :first + i / {FINISHED_PER_INSTANCE}, 'approval_15', 'report_10', 'report', '單位填報',
  '第 ' || (i / {FINISHED_PER_INSTANCE}) || ' 案年度成果', 2, 2, '[["unit_handler","crowd_000"]]', '{{}}',
  :now - (i % 700) * {DAY}, :now - (i % 700 + 9) * {DAY}, 'clerk',
  :now - (i % 700) * {DAY} - i, case when i % 100 = 0 then '{WIDE}' when i % 20000 = 1 then '{NARROW}'
    when i % 20 = 2 then '{HEAVY}' else 'someone_' || (i % 1000) end,
  i % 50 = 3, :now - (i % 700) * {DAY}, '[]' from n
"""
_SENT = f"""{_NUMBERS}
{_TASK}
select ((:first + i) << 20) + {OPEN_PER_INSTANCE + 1}, :first + i, 'approval_15', 'draft', 'draft', '擬稿',
  '第 ' || i || ' 案年度成果', 2, 2, '[["sec_handler",""]]', '{{}}', {NEVER},
  :now - (i % 90 + 9) * {DAY}, 'clerk', :now - (i % 90) * {DAY} - i,
  case when i % 50 = 0 then '{WIDE}' when i % 50 = 1 then '{HEAVY}'
    when i % 5000 = 2 then '{NARROW}' else 'someone_' || (i % 1000) end, i % 50 = 3, {NEVER}, '[]' from n
"""
# One timer for each running instance, a few of them due; ten events of each, of which one has a command.
_TIMERS = f"""{_NUMBERS}
insert into timer (task_id, instance_id, element_id, due_at)
select ((:first + i) << 20) + 900000, :first + i, 'remind', :now + (i % 400 - 2) * {DAY} from n
"""
_EVENTS = f"""{_NUMBERS}
insert into history_event (stream, seq, type, origin, actor, occurred_at, command_id, element_id, task_id,
  data, digest)
select :first + i / {OPEN_PER_INSTANCE}, i % {OPEN_PER_INSTANCE} + 1, 'element_passed', 'effect', 'clerk',
  :now - (i % 90) * {DAY}, case when i % {OPEN_PER_INSTANCE} = 0 then 'c:' || i end, 'join', null, '{{}}',
  :digest
from n
"""
