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
    is_hidden = sa.and_(_INSTANCE.restricted_to != "", ~is_covered(sight))
    return is_not_so_of_instance(is_hidden, stream)


def is_not_so_of_instance(
    asked: sa.ColumnElement[bool], stream: sa.ColumnElement[int]
) -> sa.ColumnElement[bool]:
    """What is asked does not hold for the instance of a stream, found by its key, or there is no instance.

    Asked by `exists`, PostgreSQL may first read all instances of which it holds. And it takes a "differs" to
    be true of nearly all rows, so that a page is read from the index that has its order, as far as it needs.
    """
    own = sa.select(sa.case((asked, 1), else_=0)).where(_INSTANCE.id == stream)
    own_row = own.correlate_except(tables.process_instance)  # also beside a join with instances
    return sa.func.coalesce(own_row.scalar_subquery(), 0) != 1


def _is_kept(sight: Sight) -> sa.ColumnElement[bool]:
    """Restricted to roles of which the sight has none."""
    if sight.roles is None:
        return sa.false()
    opened = (_INSTANCE.restricted_to.contains(f" {role} ", autoescape=True) for role in sorted(sight.roles))
    return sa.and_(_INSTANCE.restricted_to != "", ~sa.or_(sa.false(), *opened))
