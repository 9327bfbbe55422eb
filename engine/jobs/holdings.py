"""Tasks that are held by a role that has ended: back into their pools on the morning after."""

from engine.commands.organisation import release_after_ends
from engine.domain.identity import SYSTEM
from engine.engine import Engine


def release_holdings(engine: Engine) -> None:
    """Put back what people hold who may not take it any more; doing it twice does it once."""
    engine.execute(SYSTEM, release_after_ends)
