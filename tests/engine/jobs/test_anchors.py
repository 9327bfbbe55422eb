from datetime import timedelta

from engine.clock import FixedClock
from engine.domain.identity import SYSTEM
from engine.engine import Engine
from engine.jobs.anchors import anchor_of_the_day, make_unless_anchored
from engine.jobs.poller import Poller


def test_a_day_gets_one_anchor(engine: Engine) -> None:
    assert [anchor_of_the_day(engine), anchor_of_the_day(engine)] == [True, False]


def test_the_next_day_gets_another(sqlite_engine: Engine, clock: FixedClock) -> None:
    anchor_of_the_day(sqlite_engine)
    clock.move_to(clock.at + timedelta(hours=15))  # midnight in Taiwan
    assert anchor_of_the_day(sqlite_engine)


def test_a_poller_that_comes_second_makes_none(sqlite_engine: Engine) -> None:
    anchor_of_the_day(sqlite_engine)
    assert not sqlite_engine.execute(SYSTEM, make_unless_anchored)


def test_the_poller_makes_the_anchor(sqlite_engine: Engine) -> None:
    Poller(sqlite_engine, None, 1).once()
    assert len(sqlite_engine.ask(SYSTEM, lambda reader: reader.anchors.all())) == 1
