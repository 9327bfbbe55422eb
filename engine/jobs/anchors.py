"""The anchor of the day: made by whichever poller comes first after midnight in Taiwan."""

from engine.clock import TAIPEI
from engine.commands.anchors import make_anchor
from engine.domain.identity import SYSTEM
from engine.engine import Engine
from engine.store.unit_of_work import Reader, UnitOfWork


def anchor_of_the_day(engine: Engine) -> bool:
    """Make an anchor unless this day has one; tells whether it was made."""
    if engine.ask(SYSTEM, is_anchored_today):
        return False
    return engine.execute(SYSTEM, make_unless_anchored)


def is_anchored_today(reader: Reader) -> bool:
    """True if an anchor was made on this day in Taiwan."""
    anchors = reader.anchors.newest(limit=1)
    return bool(anchors) and anchors[0].made_at.astimezone(TAIPEI).date() >= reader.today


def make_unless_anchored(uow: UnitOfWork) -> bool:
    """Make the anchor, looking again inside the transaction: another poller may have been faster."""
    if is_anchored_today(uow):
        return False
    make_anchor(uow)
    return True
