"""Calendars that other programs subscribe to (iCalendar, RFC 5545): days as events of the whole day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from icalendar import Event

MEDIA_TYPE = "text/calendar"
PRODUCT = "-//planflow//planflow//ZH"
# How often programs may ask again.
REFRESH = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarDay:
    """One event of a whole day; `uid` stays the same as long as it is about the same thing."""

    uid: str
    on: date
    summary: str
    description: str
    url: str
    made_at: datetime


def calendar_file(name: str, days: Iterable[CalendarDay]) -> bytes:
    """A calendar of days in Taiwan; its bytes depend on nothing but what it says."""
    # Only those who subscribe need the library; the start of the program does not wait for it.
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", "Asia/Taipei")
    calendar.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    for day in days:
        calendar.add_component(_event(day))
    return bytes(calendar.to_ical())


def _event(day: CalendarDay) -> "Event":
    from icalendar import Event

    event = Event()
    event.add("uid", day.uid)
    event.add("dtstamp", day.made_at)
    event.add("dtstart", day.on)
    event.add("dtend", day.on + timedelta(days=1))
    event.add("summary", day.summary)
    event.add("description", day.description)
    event.add("url", day.url)
    event.add("transp", "TRANSPARENT")
    return event
