"""What people choose for their own pages."""

from collections.abc import Collection
from typing import Any

from engine.domain.history import EventDraft, EventType
from engine.domain.preference import INBOX_COLUMN_NAMES, INBOX_COLUMNS, LANGUAGE, LANGUAGES, MAIL
from engine.errors import FieldError, Invalid
from engine.plan.mail_hours import MailChoice, MailMode, choice_json
from engine.store.unit_of_work import UnitOfWork

HOURS = range(24)


def choose_language(uow: UnitOfWork, *, language: str) -> None:
    """Keep the language of one's own pages and mails; Invalid for one that they are not written in."""
    if language not in LANGUAGES:
        raise Invalid((FieldError(path="language", template="This value does not exist"),))
    _choose(uow, LANGUAGE, language)


def choose_mail(uow: UnitOfWork, *, mode: str, hour: str) -> None:
    """Keep how one wants to be told by mail; Invalid for a way or an hour that does not exist."""
    faults = []
    if mode not in list(MailMode):
        faults.append(FieldError(path="mode", template="This value does not exist"))
    if not hour.isdecimal() or int(hour) not in HOURS:
        faults.append(FieldError(path="hour", template="This value does not exist"))
    if faults:
        raise Invalid(tuple(faults))
    _choose(uow, MAIL, choice_json(MailChoice(mode=MailMode(mode), hour=int(hour))))


def choose_columns(uow: UnitOfWork, *, columns: Collection[str]) -> None:
    """Keep which columns one's inbox has; Invalid for one that does not exist."""
    if not set(columns) <= set(INBOX_COLUMN_NAMES):
        raise Invalid((FieldError(path="columns", template="This value does not exist"),))
    _choose(uow, INBOX_COLUMNS, [name for name in INBOX_COLUMN_NAMES if name in columns])


def _choose(uow: UnitOfWork, key: str, value: Any) -> None:
    chosen = EventDraft(type=EventType.PREFERENCE_CHANGED, data={"key": key, "value": value})
    uow.preferences.choose(key, value, chosen)
