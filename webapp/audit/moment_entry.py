"""A moment as it stands in an address or is typed, and the moments that are offered beside it."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import url_for
from flask_babel import gettext

from engine.clock import TAIPEI
from engine.errors import FieldError, Invalid
from engine.plan.roc import format_roc, parse_roc, roc_year
from engine.plan.rule_error import PlanRuleError
from webapp.forms.entries import clean_text, read_moment

LAST = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedMoment:
    """A moment that is one click away."""

    word: str
    href: str


def moment_of(typed: str, now: datetime) -> datetime:
    """The moment that a text names; a day alone means its end, and nothing means now.

    Invalid for what cannot be read.
    """
    text = clean_text(typed)
    if not text:
        return now
    try:
        day = _day(text)
        at = end_of(day) if day is not None else datetime.fromisoformat(str(read_moment(text)))
        at = at.astimezone(TAIPEI) if at.tzinfo else at.replace(tzinfo=TAIPEI)
        roc_year(at.date())
    except (ValueError, OverflowError, PlanRuleError) as error:
        raise Invalid((FieldError(path="at", template="Enter a day, or a day and a time"),)) from error
    if day == now.astimezone(TAIPEI).date():
        return now
    return at


def end_of(day: date) -> datetime:
    """The last instant of a day in Taiwan."""
    return datetime.combine(day + timedelta(days=1), time(), TAIPEI) - LAST


def shown_moment(at: datetime) -> str:
    """A moment as one types it: a day alone for its end, seconds only where they say something."""
    local = at.astimezone(TAIPEI)
    day = format_roc(local.date(), "list")
    if at == end_of(local.date()):
        return day
    return f"{day} {local:{'%H:%M:%S' if local.second or local.microsecond else '%H:%M'}}"


def told_moment(at: datetime) -> str:
    """A moment as addresses carry it, exact to the microsecond."""
    return at.astimezone(TAIPEI).isoformat()


def offered(at: datetime, now: datetime, kept: dict[str, Any]) -> list[OfferedMoment]:
    """The ends of the days around the moment, of the last month and year; nothing that is still to come."""
    today, shown = now.astimezone(TAIPEI).date(), at.astimezone(TAIPEI).date()
    days = (
        (gettext("The day before"), shown - timedelta(days=1)),
        (gettext("The day after"), shown + timedelta(days=1)),
        (gettext("End of yesterday"), today - timedelta(days=1)),
        (gettext("End of last month"), today.replace(day=1) - timedelta(days=1)),
        (gettext("End of last year"), date(today.year - 1, 12, 31)),
    )
    ends = [
        OfferedMoment(
            word=word, href=url_for("audit_moments.page", **kept, at=told_moment(min(end_of(day), now)))
        )
        for word, day in days
        if day <= today
    ]
    return [*ends, OfferedMoment(word=gettext("Now"), href=url_for("audit_moments.page", **kept))]


def _day(text: str) -> date | None:
    try:
        return parse_roc(text)
    except PlanRuleError:
        return None
