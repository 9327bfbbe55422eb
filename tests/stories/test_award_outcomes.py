"""What becomes of an award entry (stages 8 and 9): material, withdrawal, the schedule, outcomes."""

from typing import Any

import pytest

from engine.commands import instances
from engine.domain.history import EventType
from engine.domain.identity import SYSTEM
from engine.errors import Invalid
from tests.stories import actors, entrants
from tests.stories.entrants import EDITION, ENTRY
from tests.stories.stage import Stage

SCENES = {
    "waiting": entrants.sent,
    "hoping": entrants.recommended,
}
WITHDRAWAL = {
    "reason": "成效數據尚須再行查證，先行撤回", "doc_prefix": "經標高秘字", "doc_no": "11590000890",
    "doc_date": "2026-02-03",
}  # fmt: skip


def entry_of(stage: Stage) -> int:
    """The one entry that the scene has played."""
    found = stage.engine.ask(SYSTEM, lambda reader: reader.instances.of_plan(ENTRY))
    return next(instance.id for instance in found if instance.definition_key == "award_entry")


@pytest.fixture
def waiting(stage: Stage) -> int:
    return entry_of(stage)


@pytest.fixture
def hoping(stage: Stage) -> int:
    return entry_of(stage)


def test_an_entry_that_is_not_recommended_ends_with_its_lessons(waiting: int, stage: Stage) -> None:
    entrants.told(stage, waiting, "not_recommended", reason="同類案件已有類似作法")
    panel = actors.panels(stage, "sec_handler", waiting, "lessons")["screening"]
    stage.complete("sec_handler", waiting, "lessons", findings="創新性與他機關作法相近，成效未能明確區隔。",
                   improvements="下次參獎加強與他機關之比較。")  # fmt: skip
    assert (panel["reason"], entrants.outcomes(stage), stage.has_ended(waiting)) == (
        "同類案件已有類似作法", ["not_recommended"], True,
    )  # fmt: skip


def test_lessons_need_words(waiting: int, stage: Stage) -> None:
    entrants.told(stage, waiting, "not_recommended")
    faults = stage.faults("sec_handler", waiting, "lessons", findings="無", improvements="無")
    assert [path for path, _ in faults] == ["findings", "improvements"]


def test_more_material_has_a_new_date_beside_the_original_one(waiting: int, stage: Stage) -> None:
    entrants.told(stage, waiting, "more_material", request="請補送滿意度調查資料", due_on="2026-02-10")
    shown = stage.shown("sec_handler", waiting, "supply_material")
    assert (shown["request"], shown["new_due"], shown["original_due"]) == (
        "請補送滿意度調查資料", "115/02/10", "115/02/12",
    )  # fmt: skip


def test_after_more_material_the_result_is_awaited_again(waiting: int, stage: Stage) -> None:
    entrants.told(stage, waiting, "more_material", request="請補送滿意度調查資料", due_on="2026-02-10")
    stage.complete("sec_handler", waiting, "supply_material", response="補送114年滿意度調查報告如附件。")
    entrants.told(stage, waiting, "recommended", "11500000911")
    kept = stage.document("material", "1", plan_key=ENTRY).body
    assert (stage.open(waiting), kept["request"]) == (["follow_ndc_schedule"], "請補送滿意度調查資料")


@pytest.mark.parametrize(
    ("changes", "path", "words"),
    [
        ({"outcome": "more_material"}, "request", "This entry is required"),
        ({"outcome": "more_material", "request": "請補送資料", "due_on": "2026-02-14"}, "due_on",
         "Choose a working day after today"),
        ({"outcome": "more_material", "request": "請補送資料", "due_on": "2026-02-03"}, "due_on",
         "Choose a working day after today"),
        ({"outcome": "won"}, "outcome", "Choose one of the options"),
        ({"outcome": "recommended", "doc_no": "11590000810", "issuer": "bureau", "doc_prefix": "經標秘字"},
         "doc_no", "This number of this sender is in the register already"),
    ],
)  # fmt: skip
def test_a_letter_of_the_ministry_with_a_fault_is_refused(
    waiting: int, stage: Stage, changes: dict[str, Any], path: str, words: str
) -> None:
    values = {**entrants.MINISTRY_LETTER, "attachments": [actors.pdf(stage, "sec_handler")], **changes}
    assert (path, words) in stage.faults("sec_handler", waiting, "register_ministry_letter", **values)


def test_an_entry_is_withdrawn_with_a_letter(waiting: int, stage: Stage) -> None:
    stage.act("sec_handler", waiting, "withdraw_entry", **WITHDRAWAL)
    assert (stage.has_ended(waiting), entrants.state_of(stage), entrants.letters(stage)[-1]) == (
        True, "withdrawn", ("out", "11590000890"),
    )  # fmt: skip


def test_a_recommended_entry_can_be_withdrawn_as_well(hoping: int, stage: Stage) -> None:
    stage.act("sec_handler", hoping, "withdraw_entry", **WITHDRAWAL)
    assert (entrants.state_of(stage), stage.open(hoping)) == ("withdrawn", [])


def cancel(stage: Stage, entry: int) -> None:
    reason = "本分局業務調整，人力不足以續辦參獎作業，擬予撤案。"
    stage.engine.execute(stage.engine.actor("director"), instances.cancel, entry, reason=reason)


def refused_cancelling(stage: Stage, entry: int) -> tuple[list[str], str, bool]:
    """Why an entry is not cancelled, and where it stands afterwards."""
    with pytest.raises(Invalid) as refusal:
        cancel(stage, entry)
    words = [error.template for error in refusal.value.errors]
    return words, entrants.state_of(stage), stage.has_ended(entry)


def test_an_entry_that_was_sent_is_taken_back_and_not_cancelled(waiting: int, stage: Stage) -> None:
    words = "The ministry has this entry: take it back with 撤回參獎, so that it is told"
    assert refused_cancelling(stage, waiting) == ([words], "submitted", False)


def test_a_recommended_entry_is_taken_back_and_not_cancelled(hoping: int, stage: Stage) -> None:
    words = "The ministry has this entry: take it back with 撤回參獎, so that it is told"
    assert refused_cancelling(stage, hoping) == ([words], "recommended", False)


def test_an_entry_on_which_the_ministry_has_decided_keeps_its_outcome(waiting: int, stage: Stage) -> None:
    entrants.told(stage, waiting, "not_recommended", reason="成效尚未顯現，建議累積資料後再行參獎。")
    words = "The ministry has decided on this entry: complete its last step"
    assert refused_cancelling(stage, waiting) == ([words], "not_recommended", False)


@pytest.mark.parametrize("ended", [1, 2])
def test_an_entry_that_was_not_sent_may_be_cancelled_and_stands_as_withdrawn(
    stage: Stage, ended: int
) -> None:
    """What was sent before by another entry of the edition is not touched."""
    first = entrants.surveyed(stage)
    second = entrants.begin(stage, key=f"{entrants.EDITION}:2")
    cancel(stage, first if ended == 1 else second)
    states = [entrants.state_of(stage, f"{entrants.EDITION}:{no}") for no in (1, 2)]
    assert states == (["withdrawn", "preparing"] if ended == 1 else ["preparing", "withdrawn"])
    assert stage.faults_of_history(first if ended == 1 else second) == []


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"reason": "撤回"}, "reason"),
        ({"doc_no": "11590000820"}, "doc_no"),
        ({"doc_date": "2026-03-01"}, "doc_date"),
    ],
)
def test_a_withdrawal_with_a_fault_is_refused(
    waiting: int, stage: Stage, changes: dict[str, Any], path: str
) -> None:
    faults = stage.refused_action("sec_handler", waiting, "withdraw_entry", **{**WITHDRAWAL, **changes})
    assert [fault for fault, _ in faults] == [path]


def test_the_schedule_belongs_to_the_edition_and_names_its_letter(hoping: int, stage: Stage) -> None:
    entrants.schedule(stage, hoping)
    steps = stage.document("award_schedule", plan_key=EDITION).body["steps"]
    assert [(step["step"], step["on"], step["basis"]) for step in steps] == [
        ("書面評審", "2026-05-15", "發社字第11500000920號"),
        ("實地訪視", "2026-08-20", "發社字第11500000920號"),
    ]  # fmt: skip


def test_a_date_of_the_schedule_moves_only_by_letter(hoping: int, stage: Stage) -> None:
    entrants.schedule(stage, hoping, decision="continue")
    moved = [{"step": "書面評審", "on": "2026-05-15", "done": True}, {"step": "實地訪視", "on": "2026-09-03"}]
    faults = stage.faults("sec_handler", hoping, "follow_ndc_schedule", decision="continue", schedule=moved)
    assert {words for _, words in faults} == {"A new or changed date is entered with its letter"}
    entrants.schedule(stage, hoping, "11500000921", decision="continue", schedule=moved)
    steps = stage.document("award_schedule", plan_key=EDITION).body["steps"]
    assert [step["basis"] for step in steps] == ["發社字第11500000920號", "發社字第11500000921號"]


def test_a_step_is_ticked_off_without_a_letter(hoping: int, stage: Stage) -> None:
    entrants.schedule(stage, hoping, decision="continue")
    rows = [
        {**row, "done": True} for row in stage.shown("sec_handler", hoping, "follow_ndc_schedule")["schedule"]
    ]
    stage.complete("sec_handler", hoping, "follow_ndc_schedule", decision="continue", schedule=rows)
    steps = stage.document("award_schedule", plan_key=EDITION).body["steps"]
    assert [step["done"] for step in steps] == [True, True]


def test_a_letter_of_the_schedule_with_a_used_number_is_refused(hoping: int, stage: Stage) -> None:
    entrants.schedule(stage, hoping, decision="continue")
    with pytest.raises(Invalid) as refusal:
        entrants.schedule(stage, hoping, decision="continue")
    assert [error.path for error in refusal.value.errors] == ["doc_no"]


def test_an_outcome_rises_from_recommended_to_finalist_to_won(hoping: int, stage: Stage) -> None:
    entrants.schedule(stage, hoping)
    entrants.record_result(stage, hoping, "finalist", "11500000930", awaits_award=True)
    entrants.look_on(stage, hoping)
    entrants.record_result(stage, hoping, "won", "11500000940")
    assert (entrants.outcomes(stage), entrants.state_of(stage), stage.has_ended(hoping)) == (
        ["recommended", "finalist", "won"], "won", True,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("outcome", "changes", "ends"),
    [
        ("recommended", {}, True),
        ("finalist", {"awaits_award": False}, True),
        ("finalist", {"awaits_award": True}, False),
    ],
)
def test_only_a_finalist_may_await_another_outcome(
    hoping: int, stage: Stage, outcome: str, changes: dict[str, Any], ends: bool
) -> None:
    entrants.schedule(stage, hoping)
    entrants.record_result(stage, hoping, outcome, "11500000930", **changes)
    assert stage.has_ended(hoping) is ends


def test_each_outcome_that_gives_new_rights_starts_a_commendation(hoping: int, stage: Stage) -> None:
    entrants.schedule(stage, hoping)
    entrants.record_result(stage, hoping, "finalist", "11500000930")
    entrants.look_on(stage, hoping)
    entrants.record_result(stage, hoping, "won", "11500000940")
    children = stage.engine.ask(SYSTEM, lambda reader: reader.instances.children(hoping))
    assert [(child.definition_key, child.business_key) for child in children] == [
        ("commendation", f"{ENTRY}:reward:{no}") for no in (2, 3)
    ]


@pytest.mark.parametrize(
    ("outcome", "changes", "lists"),
    [("recommended", {}, 1), ("not_recommended", {"change_reason": "經國發會撤銷薦送資格"}, 0)],
)
def test_a_recommendation_gives_its_rights_when_nothing_higher_came_of_it(
    hoping: int, stage: Stage, outcome: str, changes: dict[str, Any], lists: int
) -> None:
    entrants.schedule(stage, hoping)
    entrants.record_result(stage, hoping, outcome, "11500000930", **changes)
    assert len(stage.engine.ask(SYSTEM, lambda reader: reader.instances.children(hoping))) == lists


@pytest.mark.parametrize("outcome", ["finalist", "won"])
def test_finalist_and_won_are_refused_without_the_number_of_the_certificate_a12(
    hoping: int, stage: Stage, outcome: str
) -> None:
    entrants.schedule(stage, hoping)
    values = entrants.result_values(stage, outcome, "11500000930", certificate_no="")
    assert stage.faults("sec_handler", hoping, "record_ndc_result", **values) == [
        ("certificate_no", "This entry is required")
    ]


def test_a_finalists_certificate_is_attached(hoping: int, stage: Stage) -> None:
    entrants.schedule(stage, hoping)
    values = entrants.result_values(stage, "finalist", "11500000930", certificate=[])
    assert stage.faults("sec_handler", hoping, "record_ndc_result", **values) == [
        ("certificate", "Attach at least 1 file(s)")
    ]


def test_an_outcome_keeps_its_letter_and_certificate(hoping: int, stage: Stage) -> None:
    entrants.schedule(stage, hoping)
    entrants.record_result(stage, hoping, "won", "11500000930")
    body = stage.document("award_outcome", "2", plan_key=ENTRY).body
    letter = stage.engine.ask(SYSTEM, lambda reader: reader.letters.get(body["letter_id"]))
    assert (body["outcome"], body["certificate_no"], body["on"], letter.number) == (
        "won", "院授發社字第115002號", "2026-02-03", "11500000930",
    )  # fmt: skip


def test_an_outcome_is_not_recorded_twice(hoping: int, stage: Stage) -> None:
    entrants.schedule(stage, hoping)
    entrants.record_result(stage, hoping, "finalist", "11500000930")
    entrants.look_on(stage, hoping)
    values = entrants.result_values(stage, "finalist", "11500000931")
    assert stage.faults("sec_handler", hoping, "record_ndc_result", **values) == [
        ("outcome", "This outcome was recorded already")
    ]


def test_an_outcome_that_falls_needs_its_reason(hoping: int, stage: Stage) -> None:
    entrants.schedule(stage, hoping)
    values = entrants.result_values(stage, "not_recommended", "11500000930")
    assert stage.faults("sec_handler", hoping, "record_ndc_result", **values) == [
        ("change_reason", "The outcome falls below the one recorded before: give the reason")
    ]


def test_a_result_of_tomorrow_is_refused(hoping: int, stage: Stage) -> None:
    entrants.schedule(stage, hoping)
    values = entrants.result_values(stage, "won", "11500000930", on="2026-02-04")
    assert stage.faults("sec_handler", hoping, "record_ndc_result", **values) == [
        ("on", "This date cannot lie in the future")
    ]


def test_the_plan_waits_for_nothing_and_every_history_is_proven(hoping: int, stage: Stage) -> None:
    entrants.schedule(stage, hoping)
    started = actors.events(stage, hoping, EventType.INSTANCE_STARTED)
    assert (started[0]["parent"], stage.faults_of_history(hoping)) == (None, [])
