"""The timeline in sentences: what is said several times in one minute is said once, with how often."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from engine.domain.history import EventType
from engine.domain.identity import SYSTEM_ACTOR
from engine.queries.timeline import TimelineRow
from tests.webapp.instances.conftest import Office
from webapp.timeline import tell

MORNING = datetime.fromisoformat("2026-01-08T09:00:00+08:00")


def reminders(moments: Iterable[datetime]) -> list[TimelineRow]:
    """The timers of several units that fell due, as rows."""
    return [
        TimelineRow(
            seq=seq, at=at, type=EventType.TIMER_FIRED, user_id=SYSTEM_ACTOR, role=None, unit=None,
            element="期限前5日", process="unit_contribution", task_id=None, details={},
        )
        for seq, at in enumerate(moments, start=1)
    ]  # fmt: skip


def told(office: Office, rows: list[TimelineRow], view: str) -> list[tuple[str, int]]:
    with office.app.test_request_context():
        days = tell(rows, {}, {}, view=view).days
    return [(str(sentence.words), sentence.times) for day in days for sentence in day.sentences]


def test_reminders_of_one_minute_are_told_once(office: Office) -> None:
    rows = reminders([MORNING, MORNING + timedelta(seconds=2), MORNING + timedelta(seconds=3)])
    assert told(office, rows, "people") == [("「期限前5日」的時間已到", 3)]


def test_reminders_of_another_minute_are_told_apart(office: Office) -> None:
    rows = reminders([MORNING, MORNING + timedelta(minutes=1)])
    assert told(office, rows, "people") == [("「期限前5日」的時間已到", 1)] * 2


def test_everything_tells_each_event(office: Office) -> None:
    assert told(office, reminders([MORNING, MORNING]), "all") == [("「期限前5日」的時間已到", 1)] * 2
