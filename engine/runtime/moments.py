"""Instants and durations as diagrams write them: ISO 8601 with an offset, and durations of fixed length."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

# Months and years have no fixed length (P1M from 31 January is 3 March in SpiffWorkflow): they are refused.
_DURATION = re.compile(r"P(?:(\d{1,4})W|(?:(\d{1,5})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,8})S)?)?)")


def parse_duration(text: Any) -> timedelta:
    """A duration such as `P10D`, `P2W` or `P1DT12H`; raises ValueError for anything else."""
    match = _DURATION.fullmatch(text) if isinstance(text, str) else None
    if match is None or not any(match.groups()) or (text.endswith("T")):
        raise ValueError(f"“{text!s:.40}” is not a duration in weeks, days, hours, minutes or seconds")
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)


def parse_instant(value: Any) -> datetime | None:
    """The UTC instant of an ISO text with an offset; None stays None; raises ValueError for anything else."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise ValueError(f"“{value!s:.40}” is not a date and time in ISO 8601")
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        raise ValueError(f"“{value:.40}” is not a date and time in ISO 8601") from None
    if instant.tzinfo is None:
        raise ValueError(f"“{value:.40}” names no offset such as +08:00")
    return instant.astimezone(UTC)
