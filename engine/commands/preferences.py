"""What people choose for their own pages."""

from engine.domain.history import EventDraft, EventType
from engine.domain.preference import LANGUAGE, LANGUAGES
from engine.errors import FieldError, Invalid
from engine.store.unit_of_work import UnitOfWork


def choose_language(uow: UnitOfWork, *, language: str) -> None:
    """Keep the language of one's own pages and mails; Invalid for one that they are not written in."""
    if language not in LANGUAGES:
        raise Invalid((FieldError(path="language", template="This value does not exist"),))
    chosen = EventDraft(type=EventType.PREFERENCE_CHANGED, data={"key": LANGUAGE, "value": language})
    uow.preferences.choose(LANGUAGE, language, chosen)
