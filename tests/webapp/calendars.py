"""iCalendar as a strict program reads it."""

from typing import Any

from icalendar import Calendar


def days(body: bytes) -> list[Any]:
    """The events of a calendar; whatever its standard does not allow fails the test."""
    (calendar,) = Calendar.from_ical(body, multiple=True)
    found = list(calendar.walk("VEVENT"))
    assert [part.errors for part in (calendar, *found)] == [[]] * (1 + len(found))
    assert all(line.endswith(b"\r") and len(line) <= 75 + 1 for line in body.split(b"\n")[:-1])
    for event in found:
        assert {"UID", "DTSTAMP", "DTSTART", "SUMMARY"} <= event.keys()
    return found
