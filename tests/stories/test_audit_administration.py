"""Question 14 of an audit: what administrators did, and whether the log that tells it is whole."""

from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from engine.commands import anchors, instances, organisation, tasks
from engine.domain.history import DEFINITIONS_STREAM, ORGANISATION_STREAM
from engine.domain.identity import SYSTEM
from engine.engine import Engine
from engine.queries.questions import chains_read
from engine.store import tables
from tests.engine.replay.test_verify import tamper
from tests.stories.asking import ask, summary, table
from tests.stories.stage import Stage

SLUG = "administration"
ADMIN = "sysadmin"
EVENT = tables.history_event.c
WHOLE = "The log is whole: "


def administered(stage: Stage) -> None:
    """An administrator with an account of their own."""
    engine = stage.engine
    engine.execute(SYSTEM, organisation.add_user, ADMIN, name="林系統", title="管理師")
    engine.execute(
        SYSTEM, organisation.grant, ADMIN, role="sysadmin", unit="secretariat", valid_from=date(2024, 1, 1)
    )


def do(stage: Stage, command: Any, *args: Any, user: str = ADMIN, **values: Any) -> Any:
    return stage.engine.execute(stage.engine.actor(user), command, *args, **values)


def acts(stage: Stage, *keys: str, since: int = 0, **scope: int) -> list[dict[str, str]]:
    """The acts as they happened, the oldest first."""
    return table(stage, SLUG, *keys, **scope)[::-1][since:]


def verdict(stage: Stage, **scope: int) -> str:
    return summary(ask(stage, SLUG, **scope))[1]


def test_acts_of_administration_are_told_with_what_they_changed(fresh_stage: Stage) -> None:
    stage = fresh_stage
    administered(stage)
    done = len(acts(stage))
    stage.move_to("2025-01-07T10:00")
    do(stage, organisation.change_user, "director", name="director", title="分局長", email=None)
    stage.move_to("2025-01-07T11:00")
    handler = {"role": "unit_handler", "unit": "penghu", "valid_from": date(2025, 1, 8)}
    do(stage, organisation.grant, "web_owner", **handler)
    do(stage, organisation.end_membership, "web_owner", **handler, valid_to=date(2025, 2, 28))
    stage.move_to("2025-01-07T12:00")
    do(stage, organisation.stop_work, date(2025, 1, 9), basis="行政院人事行政總處公告")
    stage.move_to("2025-01-07T13:00")
    do(stage, organisation.change_setting, "ack_mode", "notify")
    do(stage, organisation.disable_user, "registry")
    by = "林系統 管理師"
    told = acts(stage, "kind", "what", "about", "details", "reason", "by", since=done)
    assert told == [
        {"kind": "Accounts", "what": "Account changed", "about": "director 分局長 / director",
         "details": "Job title from 科員 to 分局長", "reason": "", "by": by, "why": ""},
        {"kind": "Roles", "what": "Role granted", "about": "web_owner 科員",
         "details": "單位承辦人 / 澎湖辦事處 / From 2025-01-08", "reason": "", "by": by, "why": ""},
        {"kind": "Roles", "what": "Role ended", "about": "web_owner 科員",
         "details": "單位承辦人 / 澎湖辦事處 / From 2025-01-08 / Until 2025-02-28", "reason": "",
         "by": by, "why": ""},
        {"kind": "Office calendar", "what": "Work stopped on a day", "about": "2025", "details": "2025-01-09",
         "reason": "行政院人事行政總處公告", "by": by, "why": ""},
        {"kind": "Settings of the agency", "what": "Setting changed", "about": "How a plan is acknowledged",
         "details": '— became "notify"',
         "reason": "", "by": by, "why": ""},
        {"kind": "Accounts", "what": "Account closed", "about": "registry 科員 / registry",
         "details": "", "reason": "", "by": by, "why": ""},
    ]  # fmt: skip


def test_a_password_that_somebody_chose_for_themselves_is_no_act_of_administration(
    fresh_stage: Stage,
) -> None:
    stage = fresh_stage
    administered(stage)
    stage.move_to("2025-01-07T10:00")
    do(stage, organisation.reset_password, "registry", password="Kaohsiung-Plan-115")
    first = acts(stage, "what", "about")[-1]
    do(
        stage, organisation.change_password, "registry", user="registry", old="Kaohsiung-Plan-115",
        new="Kaohsiung-Plan-116", again="Kaohsiung-Plan-116",
    )  # fmt: skip
    assert first == {"what": "Password set for somebody else", "about": "registry 科員 / registry", "why": ""}
    assert acts(stage, "what", "about")[-1] == first


def test_what_was_taken_in_hand_in_one_process_is_told_over_it_alone(fresh_stage: Stage) -> None:
    stage = fresh_stage
    instance, other = (stage.start("plan_publication", publication_reason="first") for _ in range(2))
    stage.move_to("2025-01-07T10:00")
    do(stage, instances.suspend, instance, user="director", reason="颱風停止上班")
    stage.move_to("2025-01-07T11:00")
    do(stage, instances.resume, instance, user="director", reason="恢復上班，續辦公開")
    assert table(stage, SLUG, "kind", "what", "reason", "by", instance_id=instance) == [
        {"kind": "Interventions in processes", "what": "Process resumed", "reason": "恢復上班，續辦公開",
         "by": "director 科員", "why": ""},
        {"kind": "Interventions in processes", "what": "Process suspended", "reason": "颱風停止上班",
         "by": "director 科員", "why": ""},
    ]  # fmt: skip
    assert acts(stage, instance_id=other) == []


def test_a_task_that_was_taken_from_its_holder_is_told(fresh_stage: Stage) -> None:
    stage = fresh_stage
    instance = stage.start("plan_publication", publication_reason="first")
    stage.grant("web_owner", "unit_chief", "penghu")
    stage.grant("registry", "counter_owner", "penghu")
    task = stage.task(instance, "post_at_place@penghu").id
    do(stage, tasks.claim, task, user="counter_owner.penghu")
    command = {"user": "registry", "reason": "原承辦人出差，改由總收發張貼"}
    stage.engine.execute(stage.engine.actor("web_owner"), tasks.assign, task, **command)
    assert acts(stage, "kind", "what", "details", "reason", "by", instance_id=instance) == [
        {"kind": "Tasks given to somebody else", "what": "Taken from its holder and given to somebody else",
         "details": "counter_owner.penghu 科員 became registry 科員", "reason": command["reason"],
         "by": "web_owner 科員", "why": ""}
    ]  # fmt: skip


def test_a_whole_log_says_how_much_was_computed_again(fresh_stage: Stage) -> None:
    fresh_stage.start("plan_publication", publication_reason="first")
    assert verdict(fresh_stage).startswith(WHOLE)
    assert [row for row in acts(fresh_stage, "kind") if row["kind"] == "Integrity of the log"] == []


@pytest.mark.usefixtures("altered")
def test_an_altered_a_missing_and_a_cut_off_event_are_told(fresh_stage: Stage) -> None:
    stage = fresh_stage
    instance = stage.start("plan_publication", publication_reason="first")
    at = (EVENT.stream == ORGANISATION_STREAM, EVENT.seq == 5)
    last = sa.select(sa.func.max(EVENT.seq)).where(EVENT.stream == DEFINITIONS_STREAM).scalar_subquery()
    tamper(
        stage.engine,
        sa.update(tables.history_event).where(*at).values(actor="somebody"),
        sa.delete(tables.history_event).where(EVENT.stream == DEFINITIONS_STREAM, EVENT.seq == last),
        sa.delete(tables.history_event).where(EVENT.stream == instance, EVENT.seq == 2),
    )
    broken = table(stage, SLUG, "what", "about")[:3]
    assert [(row["what"], row["about"]) for row in broken] == [
        ("The event 5 is not as it was sealed", "Log of the organisation"),
        ("The chain ends at event 0, but its head says 1", "Log of the models"),
        ("The event 2 is missing; the next one is 3", stage_title(stage.engine, instance)),
    ]
    assert verdict(stage).startswith("The log is broken in 3 of ")


def test_an_event_whose_data_was_overwritten_breaks_no_answer_but_its_chain(fresh_stage: Stage) -> None:
    stage = fresh_stage
    instance = stage.start("plan_publication", publication_reason="first")
    at = (EVENT.stream == instance, EVENT.seq == 1)
    tamper(stage.engine, sa.update(tables.history_event).where(*at).values(data="nothing"))
    assert [row["what"] for row in acts(stage, "what")[-1:]] == ["The event 1 is not as it was sealed"]


def test_a_log_that_was_cut_off_and_sealed_anew_is_not_what_the_last_anchor_saw(fresh_stage: Stage) -> None:
    stage = fresh_stage
    file_of_director = stage.file("director")
    number = stage.engine.actor("director").number
    stage.engine.execute(SYSTEM, anchors.make_anchor)
    assert (verdict(stage)[:17], file_of_director["name"]) == (WHOLE[:17], "photo.png")
    mine = (EVENT.stream == -number, tables.stream_head.c.stream == -number)
    tamper(
        stage.engine,
        sa.delete(tables.history_event).where(mine[0]),
        sa.delete(tables.stream_head).where(mine[1]),
    )
    (broken,) = [row for row in acts(stage, "kind", "what", "about") if row["why"]]
    assert (broken["what"], broken["about"]) == (
        "The anchor 1 saw event 1; it is gone",
        "Log of director 科員",
    )


def test_a_log_that_is_too_long_for_a_page_says_what_was_left_to_the_page_of_integrity(
    fresh_stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = fresh_stage
    instance = stage.start("plan_publication", publication_reason="first")
    events = stage.engine.ask(SYSTEM, lambda reader: reader.instances.get(instance)).seq
    monkeypatch.setattr(chains_read, "MOST_EVENTS", 10)
    told = summary(ask(stage, SLUG))
    assert told[2] == (
        f"{events} entries of processes are too many for a page: the page of integrity proves them."
    )
    assert told[1].startswith(WHOLE)


def stage_title(engine: Engine, instance: int) -> str:
    found = engine.ask(SYSTEM, lambda reader: reader.instances.get(instance))
    return found.title or found.definition_key
