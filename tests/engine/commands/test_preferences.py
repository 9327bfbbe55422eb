"""What people choose for themselves, on both databases: the newest choice stands, and each is an event."""

import json

import pytest

from engine.commands.preferences import choose_columns, choose_language
from engine.commands.saved_views import remove_view, save_view
from engine.domain.history import EventType
from engine.domain.identity import SYSTEM
from engine.errors import Invalid, NotFound
from tests.engine.commands.office import Office


def chosen(both: Office, user: str) -> dict[str, object]:
    return both.engine.ask(SYSTEM, lambda reader: reader.preferences.of(user))


def test_the_newest_choice_stands_and_touches_nobody_else(both: Office) -> None:
    person = both.engine.actor("handler_01")
    for language in ("en", "zh_Hant_TW", "en"):
        both.engine.execute(person, choose_language, language=language)
    both.engine.execute(person, choose_columns, columns=["late", "note"])
    assert chosen(both, "handler_01") == {"language": "en", "inbox_columns": ["note", "late"]}
    assert chosen(both, "handler_02") == {}


def test_every_choice_is_an_event_of_the_person(both: Office) -> None:
    person = both.engine.actor("handler_01")
    both.engine.execute(person, choose_language, language="en")
    both.engine.execute(person, save_view, "我的", chosen={"view": "overdue", "q": ""})
    both.engine.execute(person, remove_view, "我的")
    events = both.engine.ask(SYSTEM, lambda reader: reader.history.events(-person.number))
    assert [(event.type, json.loads(event.data)) for event in events] == [
        (EventType.PREFERENCE_CHANGED, {"key": "language", "value": "en"}),
        (EventType.VIEW_SAVED, {"name": "我的", "chosen": {"view": "overdue"}, "unit": None}),
        (EventType.VIEW_REMOVED, {"name": "我的"}),
    ]


def test_a_choice_that_does_not_exist_changes_nothing(both: Office) -> None:
    person = both.engine.actor("handler_01")
    for command, wrong in (
        (choose_language, {"language": "fr"}),
        (choose_columns, {"columns": ["password"]}),
    ):
        with pytest.raises(Invalid):
            both.engine.execute(person, command, **wrong)
    assert chosen(both, "handler_01") == {}


@pytest.mark.parametrize("asked", [{"owner": "head"}, {"q": "很" * 101}])
def test_a_view_keeps_only_what_an_address_of_the_inbox_says(both: Office, asked: dict[str, str]) -> None:
    person = both.engine.actor("handler_01")
    with pytest.raises(Invalid):
        both.engine.execute(person, save_view, "我的", chosen=asked)
    with pytest.raises(NotFound):
        both.engine.execute(person, remove_view, "我的")


def test_a_view_of_somebody_else_is_not_removed(both: Office) -> None:
    chief = both.engine.actor("chief_01")
    both.engine.execute(chief, save_view, "逾期追蹤", chosen={}, unit="unit_01")
    with pytest.raises(NotFound):
        both.engine.execute(both.engine.actor("handler_01"), remove_view, "逾期追蹤")
