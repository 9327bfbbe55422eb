"""Which tasks stand on a page of an inbox: (due_at, task id) in order, for one view of one actor.

The pool is read from `task_candidate`, whose key (pair, due date, task, …) has one sorted list per pair: a
page is the merge of the heads of the actor's lists. `bound` keeps that merge small: the n-th smallest of
the first entries of all lists is a due date that the page cannot pass, so lists that begin later are not
touched. Tasks that exclude the actor (迴避) are passed over inside the lists, one look at a key per task.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from engine.domain.identity import ANY_UNIT, ROLES, ROLES_APART, Actor
from engine.domain.permission import Sight, sight_of
from engine.domain.task import TASK_BITS, TaskState
from engine.queries.inbox_filters import Filters
from engine.queries.sought import has_words, is_of_texts, unordered
from engine.store import tables
from engine.store.priorities import rank_of_task
from engine.store.sight import is_told_by_covered
from engine.store.tables import NEVER
from engine.store.unit_of_work import Reader

Key = tuple[int, int]  # due_at, task id
FIRST: Key = (-1, -1)
# What a rank of priority is worth among due dates: more than any of them, none at all included.
BEFORE_ALL_DUE = NEVER << 1

# So many people's pools are remembered: a page asks for one of them often.
_PEOPLE = 512
# A task with more of the actor's pairs than this may make the bound too tight; the page is then read
# without it.
_PAIRS_PER_TASK = 2
# So many keys are asked for sooner than a row of a task tells its pairs.
_FEW_PAIRS = 20
# In a pool of so many tasks a common word is soon met along the due dates of all.
MANY_TASKS = 20_000
# So much of the lists is read at first for a word that many tasks have, and so many times more each time.
FIRST_PART = 500
_GROWTH = 8
# SQLite merges so few lists in one compound statement; it has no lateral join.
_MOST_LISTS_IN_ONE_STATEMENT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """The pairs whose tasks are asked for, and the two people whom a task may not exclude.

    The second is the one in whose place the actor stands; in the actor's own pool it is the actor again.
    `sight` is asked where the pairs are not those by which the person may see the tasks.
    """

    pairs: frozenset[tuple[str, str]]
    actor: str
    principal: str
    sight: Sight | None = None


def keys_of_pool(reader: Reader, filters: Filters, after: Key, limit: int) -> list[Key]:
    """Open tasks that nobody holds and that the actor may take, by due date."""
    return keys_of(reader, own_pool(reader.actor), filters, after, limit)


def keys_as_deputy(reader: Reader, filters: Filters, after: Key, limit: int) -> list[Key]:
    """Open tasks that those hold or may take in whose place the actor stands, by due date.

    What the actor may take as themselves is not among them. The number of statements depends on how many
    people the actor stands in for.
    """
    found = []
    for pool in deputy_pools(reader.actor):
        found.append(keys_of(reader, pool, filters, after, limit))
        found.append(_filtered(reader, _held_by_principal(reader, pool), filters, after, limit))
    return merged(limit, *found)


@lru_cache(maxsize=_PEOPLE)
def own_pool(actor: Actor) -> Pool:
    """What the actor may take as themselves."""
    return Pool(pairs=admitting_pairs(actor.candidacies), actor=actor.user_id, principal=actor.user_id)


def deputy_pools(actor: Actor) -> list[Pool]:
    """What those may take in whose place the actor stands."""
    return [
        Pool(pairs=admitting_pairs(d.pairs), actor=actor.user_id, principal=d.principal)
        for d in actor.deputyships
        if actor.roles.isdisjoint(ROLES_APART)
    ]


def _held_by_principal(reader: Reader, pool: Pool) -> sa.ColumnElement[bool]:
    return sa.and_(
        tables.task.c.assignee == pool.principal, names_one_of(reader, pool.pairs), ~is_excluded(pool)
    )


def keys_of(reader: Reader, pool: Pool, filters: Filters, after: Key, limit: int) -> list[Key]:
    """Open tasks of a pool that nobody holds, but for those of the actor's own pool in another one."""
    wanted = wanted_pairs(reader.actor, pool)
    pairs = numbers_of(reader, wanted)
    if not pairs:
        return []
    is_walk = filters.is_common_word_alone and _have_many(reader, pairs)
    if filters.is_common_word and not is_walk:
        return _keys_with_words(reader, pool, filters, after, limit)
    if not filters.is_by_due_date_only:
        looks_at_rows = is_walk or (filters.are_indexed_themselves and len(pairs) > _FEW_PAIRS)
        offered = _names_unheld(reader, wanted) if looks_at_rows else _is_offered(reader, pairs)
        told = is_told_by_covered(tables.task.c.instance_id, pool.sight) if pool.sight else sa.true()
        own = sa.and_(offered, ~is_excluded(pool), told)
        return _filtered(reader, own, filters, after, limit, is_walk=is_walk)
    after = max(after, (filters.due_from, -1))
    read = _pool_sqlite if reader.transaction.is_sqlite else _pool_postgresql
    offset = _PAIRS_PER_TASK * limit - 1
    keys = read(reader, pool, pairs, after, filters, limit, offset)
    if len(keys) < limit and len(pairs) > offset:
        keys = read(reader, pool, pairs, after, filters, limit, len(pairs))
    return keys


def _have_many(reader: Reader, pairs: list[int]) -> bool:
    if reader.transaction.is_sqlite:
        return False
    sql = "select 1 from task_candidate where pair_id = any(%s::bigint[]) offset %s limit 1"
    return bool(reader.transaction.run(sql, (pairs, MANY_TASKS)).fetchall())


def _keys_with_words(reader: Reader, pool: Pool, filters: Filters, after: Key, limit: int) -> list[Key]:
    """The lists of a pool, read on by ever larger parts until so many tasks have the words."""
    lists = Filters(
        due_from=filters.due_from, due_until=filters.due_until, late_from=filters.late_from,
        late_until=filters.late_until,
    )  # fmt: skip
    found, part = list[Key](), FIRST_PART
    while True:
        keys = keys_of(reader, pool, lists, after, part)
        if keys:
            own = _is_one_of(reader, [task_id for _, task_id in keys])
            found += _filtered(reader, own, filters, FIRST, len(keys))
        if len(found) >= limit or len(keys) < part:
            return found[:limit]
        after, part = keys[-1], part * _GROWTH


def _is_one_of(reader: Reader, task_ids: list[int]) -> sa.ColumnElement[bool]:
    """One value, however many tasks are meant."""
    if reader.transaction.is_sqlite:
        numbers = sa.func.json_each(json.dumps(task_ids)).table_valued("value")
        return tables.task.c.id.in_(sa.select(numbers.c.value))
    return tables.task.c.id == sa.any_(sa.literal(task_ids, ARRAY(sa.BigInteger)))


def wanted_pairs(actor: Actor, pool: Pool) -> frozenset[tuple[str, str]]:
    """The pairs of a pool; those of another one without the actor's own."""
    own = own_pool(actor)
    return pool.pairs if pool == own else pool.pairs - own.pairs


def keys_to_assign(reader: Reader, filters: Filters, after: Key, limit: int) -> list[Key]:
    """Open tasks that nobody holds and that the actor may hand to somebody, as chief of their pool."""
    return keys_of(reader, pool_to_assign(reader.actor), filters, after, limit)


def pool_to_assign(actor: Actor) -> Pool:
    """What the actor may hand to somebody, as chief of a pool."""
    return Pool(
        pairs=_pairs_to_assign(actor), actor=actor.user_id, principal=actor.user_id, sight=sight_of(actor)
    )


@lru_cache(maxsize=_PEOPLE)
def _pairs_to_assign(actor: Actor) -> frozenset[tuple[str, str]]:
    """The pairs of pools that the actor is chief of (`domain/task.may_assign`)."""
    of_units = {(role, unit) for held, unit in actor.pairs if held == "unit_chief" for role in ROLES}
    of_office = {
        ("sec_handler", u) for held, unit in actor.pairs if held == "sec_chief" for u in (unit, ANY_UNIT)
    }
    return frozenset(of_units | of_office)


def keys_held(reader: Reader, filters: Filters, after: Key, limit: int) -> list[Key]:
    """Open tasks that the actor holds, by due date."""
    held = sa.and_(tables.task.c.assignee == reader.actor.user_id, is_told(reader))
    return _filtered(reader, held, filters, after, limit)


def keys_among(
    reader: Reader, task_ids: frozenset[int], filters: Filters, after: Key, limit: int
) -> list[Key]:
    """Those of some open tasks that the actor holds or may take, in their own place or as a deputy."""
    task, pools = tables.task.c, [own_pool(reader.actor), *deputy_pools(reader.actor)]
    held = sa.and_(task.assignee == reader.actor.user_id, is_told(reader))
    offered = [sa.and_(_names_unheld(reader, pool.pairs), ~is_excluded(pool)) for pool in pools]
    in_place = [_held_by_principal(reader, pool) for pool in pools[1:]]
    own = sa.and_(task.id.in_(sorted(task_ids)), sa.or_(held, *offered, *in_place))
    return _filtered(reader, own, filters, after, limit)


def numbers_of(reader: Reader, pairs: Iterable[tuple[str, str]]) -> list[int]:
    """The numbers of those pairs that ever were candidates."""
    return sorted(reader.tasks.pairs_known(pairs).values())


def admitting_pairs(held: Iterable[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    """The candidate pairs that admit a holder: each pair held, and each role for tasks of any unit."""
    return frozenset((role, u) for role, unit in held for u in (unit, ANY_UNIT))


def merged(limit: int, *lists: list[Key]) -> list[Key]:
    """The first keys of several lists together."""
    return sorted({key for keys in lists for key in keys})[:limit]


# F2: `m` has the first entry of each list after the key, `b` the bound.
_POSTGRESQL = """
with m as materialized (
  select p, (select due_at from task_candidate c
             where pair_id = p and (due_at, task_id) > (%(due)s, %(task)s){c}
             and not exists (select 1 from task_exclusion x
                             where x.task_id = c.task_id and user_id = any(%(who)s))
             order by due_at, task_id limit 1) d
  from unnest(%(pairs)s::bigint[]) p),
b as (select least(coalesce((select d from m order by d offset %(offset)s limit 1), %(until)s),
                   %(until)s - 1) t)
select distinct c.due_at, c.task_id
from b, m cross join lateral (
  select due_at, task_id from task_candidate l
  where pair_id = m.p and due_at <= b.t and (due_at, task_id) > (%(due)s, %(task)s)
    and not exists (select 1 from task_exclusion x where x.task_id = l.task_id and user_id = any(%(who)s)){l}
  order by due_at, task_id limit %(limit)s) c
where m.d <= b.t order by 1, 2 limit %(limit)s
"""


def _pool_postgresql(
    reader: Reader, pool: Pool, pairs: list[int], after: Key, filters: Filters, limit: int, offset: int
) -> list[Key]:
    values = {
        "pairs": pairs, "due": after[0], "task": after[1], "until": filters.due_until,
        "limit": limit, "offset": offset, "who": [pool.actor, pool.principal],
    }  # fmt: skip
    sql = _POSTGRESQL.format(c=asked_of(filters, pool, "c"), l=asked_of(filters, pool, "l"))
    return [(row[0], row[1]) for row in reader.transaction.run(sql, values)]


_SQLITE_BOUND = """
with m as materialized (
  select p.value p, (select due_at from task_candidate c where pair_id = p.value and (due_at, task_id) > (?2,
  ?3) and not exists (select 1 from task_exclusion x where x.task_id = c.task_id and x.user_id in (?7, ?8)){c}
  order by due_at, task_id limit 1) d
  from json_each(?1) p),
b as (select min(coalesce((select d from m where d is not null order by d limit 1 offset ?6), ?4), ?4 - 1) t)
select distinct c.due_at, c.task_id
from b cross join m cross join task_candidate c
where m.d <= b.t and c.pair_id = m.p and c.due_at <= b.t and (c.due_at, c.task_id) > (?2, ?3)
and not exists (select 1 from task_exclusion x where x.task_id = c.task_id and x.user_id in (?7, ?8)){c}
order by 1, 2 limit ?5
"""
_SQLITE_LIST = (
    "select * from (select due_at, task_id from task_candidate c where pair_id = {pair} and due_at < ?3"
    " and (due_at, task_id) > (?1, ?2)"
    " and not exists"
    " (select 1 from task_exclusion x where x.task_id = c.task_id and x.user_id in (?5, ?6)){c}"
    " order by due_at, task_id limit ?4)"
)


def _pool_sqlite(
    reader: Reader, pool: Pool, pairs: list[int], after: Key, filters: Filters, limit: int, offset: int
) -> list[Key]:
    who, until, asked = (pool.actor, pool.principal), filters.due_until, asked_of(filters, pool, "c")
    if len(pairs) <= _MOST_LISTS_IN_ONE_STATEMENT:
        lists = " union ".join(_SQLITE_LIST.format(pair=int(pair), c=asked) for pair in pairs)
        rows = reader.transaction.run(f"{lists} order by 1, 2 limit ?4", (*after, until, limit, *who))
    else:
        values = (json.dumps(pairs), *after, until, limit, offset, *who)
        rows = reader.transaction.run(_SQLITE_BOUND.format(c=asked), values)
    return [(row[0], row[1]) for row in rows]


# What is restricted, to roles of which the reader has none (`permission.Sight`).
_TOLD = """ and not exists (select 1 from process_instance i
where i.id = ({alias}.task_id >> {bits}) and i.restricted_to <> ''{opened})"""
_OPENED = " and replace(i.restricted_to, ' {} ', '') = i.restricted_to"


def asked_of(filters: Filters, pool: Pool, alias: str) -> str:
    """What is asked of a candidate beside its due date."""
    return _late_within(filters, alias) + _told_within(pool, alias)


def _told_within(pool: Pool, alias: str) -> str:
    """Asks for the instance of a candidate's task, only where the pairs alone do not open it."""
    if pool.sight is None or pool.sight.roles is None:
        return ""
    roles = sorted(pool.sight.roles.intersection(ROLES))  # ids of this program: no text of people
    return _TOLD.format(alias=alias, bits=TASK_BITS, opened="".join(map(_OPENED.format, roles)))


def _late_within(filters: Filters, alias: str) -> str:
    """Asks a candidate for the end of its task's grace, only where a view wants to know."""
    if (filters.late_from, filters.late_until) == (0, NEVER + 1):
        return ""
    late = f"{alias}.late_after_at"
    return f" and {late} >= {int(filters.late_from)} and {late} < {int(filters.late_until)}"


# The pairs of a task as its row keeps them: one look at the row, however many pairs the actor has.
_NAMES_SQLITE = """exists (select 1 from json_each(task.candidates) c
where json_extract(c.value, '$[0]') || ' ' || json_extract(c.value, '$[1]')
in (select value from json_each(:wanted)))"""
_NAMES_POSTGRESQL = """exists (select 1 from json_array_elements(cast(task.candidates as json)) c
where (c->>0) || ' ' || (c->>1) in (select json_array_elements_text(cast(:wanted as json))))"""


def is_told(reader: Reader) -> sa.ColumnElement[bool]:
    """What `permission.may_see_task` says of a task that the actor holds or closed: not of a hidden instance,
    or for one of the pairs that the actor has now, as themselves or as a deputy."""
    sight = sight_of(reader.actor)
    if sight.roles is None:
        return sa.true()
    return sa.or_(is_told_by_covered(tables.task.c.instance_id, sight), is_candidate(reader))


def is_candidate(reader: Reader) -> sa.ColumnElement[bool]:
    """The task names one of the pairs that the actor has now, as themselves or as a deputy."""
    pools = (own_pool(reader.actor), *deputy_pools(reader.actor))
    return sa.or_(*(sa.and_(names_one_of(reader, pool.pairs), ~is_excluded(pool)) for pool in pools))


def _names_unheld(reader: Reader, pairs: frozenset[tuple[str, str]]) -> sa.ColumnElement[bool]:
    """Nobody holds the task, and it names one of the pairs."""
    return sa.and_(tables.task.c.assignee.is_(None), names_one_of(reader, pairs))


def names_one_of(reader: Reader, pairs: frozenset[tuple[str, str]]) -> sa.TextClause:
    """The task names one of the pairs."""
    sql = _NAMES_SQLITE if reader.transaction.is_sqlite else _NAMES_POSTGRESQL
    return sa.text(sql).bindparams(sa.bindparam("wanted", _told_of(pairs), unique=True))


@lru_cache(maxsize=_PEOPLE)
def _told_of(pairs: frozenset[tuple[str, str]]) -> str:
    """Pairs as one value, however many a person has."""
    return json.dumps(sorted(f"{role} {unit}" for role, unit in pairs), ensure_ascii=False)


def _is_offered(reader: Reader, pairs: list[int]) -> sa.ColumnElement[bool]:
    """Asks the key of a candidate row per task, or of a task per candidate row: as the database thinks."""
    candidate, task = tables.task_candidate.c, tables.task.c
    one_of: sa.ColumnElement[bool]
    if reader.transaction.is_sqlite:
        numbers = sa.func.json_each(json.dumps(pairs)).table_valued("value")
        one_of = candidate.pair_id.in_(sa.select(numbers.c.value))
    else:
        one_of = candidate.pair_id == sa.any_(sa.literal(pairs, ARRAY(sa.BigInteger)))
    return sa.exists().where(candidate.task_id == task.id, candidate.due_at == task.due_at, one_of)


def is_excluded(pool: Pool) -> sa.ColumnElement[bool]:
    """The task may not be taken by one of the pool's people (迴避)."""
    exclusion = tables.task_exclusion.c
    people = {pool.actor, pool.principal}
    return sa.exists().where(exclusion.task_id == tables.task.c.id, exclusion.user_id.in_(sorted(people)))


def is_in_state(state: TaskState) -> sa.ColumnElement[bool]:
    """Written into the statement, because a partial index is not found through a parameter."""
    return tables.task.c.state == sa.literal_column(str(int(state)))


def _filtered(
    reader: Reader, own: sa.ColumnElement[bool], filters: Filters, after: Key, limit: int, *,
    is_walk: bool = False,
) -> list[Key]:  # fmt: skip
    task = tables.task.c
    key = _key_of(filters)
    if not is_walk and (filters.texts is not None or filters.is_common_word):
        key = unordered(key)
    wanted = [
        own,
        is_in_state(TaskState.OPEN),
        task.due_at >= filters.due_from,
        task.due_at < filters.due_until,
        task.late_after_at >= filters.late_from,
        task.late_after_at < filters.late_until,
        sa.tuple_(key, task.id) > sa.tuple_(*after) if after != FIRST else sa.true(),
        *conditions_of(filters),
    ]
    query = tasks_of(filters, key.label("key"), task.id).where(*wanted).order_by(key, task.id).limit(limit)
    return [(row[0], row[1]) for row in reader.transaction.core.execute(query)]


def _key_of(filters: Filters) -> sa.ColumnElement[int]:
    task = tables.task.c
    if filters.newest_first:
        return -task.opened_at
    if filters.highest_first:
        return task.due_at - sa.func.coalesce(rank_of_task(), 0) * sa.literal(BEFORE_ALL_DUE, sa.BigInteger)
    return task.due_at


def tasks_of(filters: Filters, *columns: Any) -> sa.Select[Any]:
    """Columns of tasks, beside their instances where a filter asks for those."""
    query = sa.select(*columns)
    if filters.definition_key is None:
        return query
    instance = tables.process_instance
    return query.join(instance, instance.c.id == tables.task.c.instance_id)


def conditions_of(filters: Filters) -> list[sa.ColumnElement[bool]]:
    """What filters other than those of dates ask of a task."""
    task, found = tables.task.c, []
    if filters.definition_key is not None:
        found.append(tables.process_instance.c.definition_key == filters.definition_key)
    if filters.process_key is not None:
        found.append(task.process_key == filters.process_key)
    if filters.element_id is not None:
        found.append(task.element_id == filters.element_id)
    if filters.unit is not None:
        found.append(task.candidates.contains(f'"{filters.unit}"]', autoescape=True))
    if filters.roc_year is not None:
        instance = tables.process_instance.c
        of_year = sa.select(instance.id).where(instance.plan_key.endswith(f":{filters.roc_year}"))
        found.append(task.instance_id.in_(of_year))
    if filters.returned_only:
        found.append(task.was_returned)
    if filters.least_rank:
        found.append(rank_of_task() >= filters.least_rank)
    words = has_words(filters.q, task.label, task.subject)
    return [*found, words if filters.texts is None else is_of_texts(filters.texts, words)]
