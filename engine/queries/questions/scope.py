"""Over what a question is asked: one instance, one plan year, one award edition, or all that one may see."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from engine.domain.instance import Instance
from engine.domain.permission import sight_of
from engine.errors import NotFound
from engine.store import tables
from engine.store.instances import instance_from_row
from engine.store.sight import is_covered
from engine.store.unit_of_work import Reader

PLAN_OWNER = "bsmi_khh"
_INSTANCE = tables.process_instance.c
_COLUMNS = [column for column in _INSTANCE if column.name != "start_command_id"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What was asked for; nothing named means everything. Of several names the narrowest counts."""

    instance_id: int | None = None
    plan_year: int | None = None
    edition: int | None = None

    @property
    def told(self) -> dict[str, int]:
        """The scope as an event or a file for machines says it."""
        named = {"instance": self.instance_id, "plan": self.plan_year, "edition": self.edition}
        return {name: value for name, value in named.items() if value is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """The instances that are asked about, and those around them: what else happened to the same plan."""

    scope: Scope
    instances: Mapping[int, Instance]
    around: Mapping[int, Instance]

    @property
    def events(self) -> int:
        """How many events the histories that are asked about hold."""
        return sum(instance.seq for instance in self.instances.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeChoices:
    """The plan years and award editions that one may ask about, the newest first."""

    plan_years: tuple[int, ...]
    editions: tuple[int, ...]


def scene_of(reader: Reader, scope: Scope) -> Scene:
    """The instances of a scope that the reader may see; NotFound for an instance that is not among them."""
    asked = _instances(reader, _asked(scope))
    if scope.instance_id is None:
        return Scene(scope=scope, instances=asked, around=asked)
    if not asked:
        raise NotFound(kind="process instance", id=scope.instance_id)
    plan_key = asked[scope.instance_id].plan_key
    around = _instances(reader, _INSTANCE.plan_key == plan_key) if plan_key else {}
    return Scene(scope=scope, instances=asked, around={**around, **asked})


def scope_choices(reader: Reader) -> ScopeChoices:
    """What the chooser of a question offers."""
    query = sa.select(_INSTANCE.plan_key).where(is_covered(sight_of(reader.actor))).distinct()
    keys = [key for key in reader.transaction.core.execute(query).scalars() if key]
    years = {
        int(key.rpartition(":")[2]) for key in keys if key.startswith(f"{PLAN_OWNER}:") and _is_year(key)
    }
    editions = {int(key.split(":")[2]) for key in keys if key.split(":")[1:2] == ["award"]}
    return ScopeChoices(
        plan_years=tuple(sorted(years, reverse=True)), editions=tuple(sorted(editions, reverse=True))
    )


def _is_year(plan_key: str) -> bool:
    return plan_key.count(":") == 1 and plan_key.rpartition(":")[2].isdigit()


def _asked(scope: Scope) -> sa.ColumnElement[bool]:
    if scope.instance_id is not None:
        return _INSTANCE.id == scope.instance_id
    if scope.plan_year is not None:
        return _INSTANCE.plan_key == f"{PLAN_OWNER}:{scope.plan_year}"
    if scope.edition is not None:
        award = f":award:{scope.edition}"
        return sa.or_(_INSTANCE.plan_key.endswith(award), _INSTANCE.plan_key.contains(f"{award}:"))
    return sa.true()


def _instances(reader: Reader, wanted: sa.ColumnElement[bool]) -> dict[int, Instance]:
    query = sa.select(*_COLUMNS).where(wanted, is_covered(sight_of(reader.actor))).order_by(_INSTANCE.id)
    rows: Any = reader.transaction.core.execute(query)
    return {instance.id: instance for instance in map(instance_from_row, rows)}
