"""What an actor may know of, as conditions of statements: the rule itself is `domain/permission.Sight`."""

import sqlalchemy as sa

from engine.domain.permission import Sight
from engine.store import tables

_INSTANCE = tables.process_instance.c


def is_covered(sight: Sight) -> sa.ColumnElement[bool]:
    """Instances that the sight covers."""
    return sa.and_(_INSTANCE.agency.in_(sight.agencies), ~_is_kept(sight))


def is_told_by_covered(stream: sa.ColumnElement[int], sight: Sight) -> sa.ColumnElement[bool]:
    """What was told in a stream that is no restricted instance, or one that the sight covers."""
    hidden = sa.and_(_INSTANCE.restricted_to != "", ~is_covered(sight))
    told = sa.exists().where(_INSTANCE.id == stream, hidden)
    return ~told.correlate_except(tables.process_instance)  # its own row, also beside a join with instances


def _is_kept(sight: Sight) -> sa.ColumnElement[bool]:
    """Restricted to roles of which the sight has none."""
    if sight.roles is None:
        return sa.false()
    opened = (_INSTANCE.restricted_to.contains(f" {role} ", autoescape=True) for role in sorted(sight.roles))
    return sa.and_(_INSTANCE.restricted_to != "", ~sa.or_(sa.false(), *opened))
