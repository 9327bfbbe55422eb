"""Who is told by mail that somebody was named as a deputy, or that a deputyship ended early."""

from datetime import date
from typing import Any

import pytest

from engine.commands.deputies import (
    IS_REPLACED,
    IS_REPLACED_NO_MORE,
    STANDS_IN,
    STANDS_IN_NO_MORE,
    end_deputyship,
    name_deputy,
)
from engine.domain.identity import SYSTEM
from engine.errors import Invalid
from tests.engine.commands.office import Office

PRINCIPAL, DEPUTY = "handler_01", "handler_02"
DAYS: dict[str, Any] = {"valid_from": date(2025, 1, 6), "valid_to": date(2025, 1, 8)}
REASON = "提前返回"


def name(office: Office, by: str, principal: str = PRINCIPAL, deputy: str = DEPUTY) -> None:
    office.engine.execute(
        office.actor(by), name_deputy, principal, deputy=deputy, cause="sick_leave", **DAYS
    )  # fmt: skip


def told(office: Office, after: int = 0) -> list[tuple[str, str]]:
    """(who, which sentence) of the mails that wait, without the first ones."""
    mails = office.engine.ask(SYSTEM, lambda reader: reader.outbox.unsent())[after:]
    return [(mail.payload["user"], mail.payload["template"]) for mail in mails]


def test_the_deputy_whom_somebody_names_is_told(both: Office) -> None:
    name(both, PRINCIPAL)
    (mail,) = both.engine.ask(SYSTEM, lambda reader: reader.outbox.unsent())
    assert mail.payload == {
        "user": DEPUTY, "template": STANDS_IN, "path": "/deputies",
        "params": {
            "who": PRINCIPAL, "principal": PRINCIPAL, "deputy": DEPUTY, "first": "114/01/06",
            "last": "114/01/08",
        },
    }  # fmt: skip


@pytest.mark.parametrize("by", ["chief_01", "admin"])
def test_both_are_told_what_a_superior_or_an_administrator_did(office: Office, by: str) -> None:
    name(office, by)
    assert told(office) == [(DEPUTY, STANDS_IN), (PRINCIPAL, IS_REPLACED)]
    office.engine.execute(office.actor(by), end_deputyship, 1, reason=REASON)
    assert told(office, 2) == [(DEPUTY, STANDS_IN_NO_MORE), (PRINCIPAL, IS_REPLACED_NO_MORE)]


def test_a_superior_who_stands_in_is_not_told_of_it(office: Office) -> None:
    name(office, "chief_01", deputy="chief_01")
    assert told(office) == [(PRINCIPAL, IS_REPLACED)]


@pytest.mark.parametrize(
    ("by", "mails"),
    [(PRINCIPAL, [(DEPUTY, STANDS_IN_NO_MORE)]), (DEPUTY, [(PRINCIPAL, IS_REPLACED_NO_MORE)])],
)
def test_whoever_did_not_end_it_is_told(office: Office, by: str, mails: list[tuple[str, str]]) -> None:
    name(office, PRINCIPAL)
    office.engine.execute(office.actor(by), end_deputyship, 1, reason=REASON)
    assert told(office, 1) == mails


def test_what_is_refused_is_told_to_nobody(office: Office) -> None:
    with pytest.raises(Invalid):
        name(office, PRINCIPAL, deputy=PRINCIPAL)
    assert told(office) == []
