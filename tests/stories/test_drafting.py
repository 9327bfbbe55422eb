"""Drafting (研訂), stage 1: from the bureau's letter to a compiled plan, and what goes wrong on the way."""

from typing import Any

import pytest

from engine.commands import tasks
from engine.domain.history import ORGANISATION_STREAM, EventDraft, EventType
from engine.domain.identity import SYSTEM
from engine.errors import Invalid, NotPermitted, ShownContentChanged
from engine.plan.document import from_json
from engine.store.unit_of_work import UnitOfWork
from tests.stories import actors
from tests.stories.actors import KEY, LETTER, NARRATIVE
from tests.stories.scenes import cycle_of
from tests.stories.stage import Stage


def assigned(stage: Stage) -> int:
    """Two units are writing."""
    cycle = actors.start_cycle(stage)
    actors.register(stage, cycle)
    actors.assign(stage, cycle)
    return cycle


def three_days_late(stage: Stage) -> None:
    """The unit of Kinmen is three working days late."""
    cycle = assigned(stage)
    actors.contribute(stage, cycle, "metrology")
    actors.approve_unit(stage, cycle, "metrology")
    stage.move_to("2026-01-22T10:00")


def handed_in(stage: Stage) -> None:
    """Both units are done."""
    actors.contribute_all(stage, assigned(stage))


SCENES = {"overdue": three_days_late, "written": handed_in, "cycle": assigned}


@pytest.fixture
def overdue(stage: Stage) -> int:
    return cycle_of(stage)


@pytest.fixture
def written(stage: Stage) -> int:
    return cycle_of(stage)


def test_the_first_draft_is_last_years_plan_on_the_new_letter(cycle: int, stage: Stage) -> None:
    plan = from_json(stage.document("plan", plan_key=KEY).body)
    assert (plan.roc_year, plan.action("1.1.1").summary, plan.basis[-1].bureau_plan_year) == (
        115, "校正砝碼", 115,
    )  # fmt: skip


def test_without_a_plan_of_last_year_the_draft_is_empty_and_assigning_builds_it(stage: Stage) -> None:
    cycle = stage.engine.execute(
        stage.engine.actor("sec_handler"), actors.instances.start, definition_key="annual_plan_lifecycle",
        business_key="bsmi_khh:117", variables={"roc_year": 116},
    )  # fmt: skip
    actors.register(stage, cycle)
    rows = [
        {
            "strategy": "完備基礎服務",
            "title": "維持服務一致",
            "units": ["line_units"],
            "unit_due": "2026-01-19",
        }
    ]
    stage.complete("sec_handler", cycle, "assign_units", assignments=rows)
    plan = from_json(stage.document("plan", plan_key="bsmi_khh:116").body)
    assert [(m.id, m.units) for m in plan.methods()] == [
        ("1.1", ("metrology", "registration", "kinmen", "penghu"))
    ]


def test_an_improvement_of_last_year_stands_before_those_who_draft_the_next_plan(stage: Stage) -> None:
    cycle = actors.start_cycle(stage)
    actors.register(stage, cycle)
    stage.engine.execute(SYSTEM, not_improved)
    line = {
        "roc_year": 114, "unit": "金門辦事處", "finding": "未留簽到紀錄", "due_on": "2026-03-31",
        "status": "列管中",
    }  # fmt: skip
    assert stage.content("sec_handler", cycle, "assign_units").panels["improvements"] == [line]


def not_improved(uow: UnitOfWork) -> None:
    """A finding of 114 is still on the list."""
    body = {"id": "kinmen-1", "unit": "kinmen", "finding": "未留簽到紀錄", "due_on": "2026-03-31",
            "state": "open", "state_label": "列管中"}  # fmt: skip
    uow.documents.put("bsmi_khh:114", "improvement", "kinmen-1", body)
    uow.record_note(ORGANISATION_STREAM, EventDraft(type=EventType.DOCUMENT_RECORDED, data={}))


def test_every_assigned_unit_writes_at_the_same_time(cycle: int, stage: Stage) -> None:
    assert stage.open(cycle) == ["edit_actions@kinmen", "edit_actions@metrology"]


@pytest.mark.parametrize(
    ("due", "words"),
    [
        ("2026-01-06", "Choose a day after today"),
        ("2026-01-17", "Choose a working day"),
        ("2026-01-26", "Choose a day before the plan is due on 2026-01-26"),
    ],
)
def test_a_units_date_is_a_working_day_before_the_plan_is_due(stage: Stage, due: str, words: str) -> None:
    cycle = actors.start_cycle(stage)
    actors.register(stage, cycle)
    row = stage.shown("sec_handler", cycle, "assign_units")["assignments"][0]
    faults = stage.faults("sec_handler", cycle, "assign_units", assignments=[{**row, "unit_due": due}])
    assert faults == [("assignments/0/unit_due", words)]


def test_a_units_chief_sees_and_approves_what_the_unit_handed_in(cycle: int, stage: Stage) -> None:
    actors.contribute(stage, cycle, "metrology")
    contribution = stage.document("contribution", "metrology", plan_key=KEY)
    lines = [(line["id"], line["summary"], line["target"]) for line in contribution.body["lines"]]
    actors.approve_unit(stage, cycle, "metrology")
    assert (lines, stage.open(cycle)) == (
        [
            ("1.1.1", "校正砝碼並公開結果給申請人", "砝碼校正數 ≥ 120 具"),
            ("1.1.3", "彙整全分局服務改進意見並公開結果給申請人", "視離島廠商需求辦理，無法預估次數"),
        ],
        ["edit_actions@kinmen"],
    )


def test_the_plan_is_compiled_when_every_unit_is_approved(cycle: int, stage: Stage) -> None:
    actors.contribute_all(stage, cycle)
    assert stage.open(cycle) == ["compile_plan"]


def test_a_chief_who_sends_rows_back_says_why(cycle: int, stage: Stage) -> None:
    actors.contribute(stage, cycle, "metrology")
    faults = stage.faults("unit_chief.metrology", cycle, "chief_review@metrology", decision="return")
    assert faults == [("return_reason", "This entry is required"), ("opinion", "This entry is required")]


def test_rows_that_come_back_are_written_again(cycle: int, stage: Stage) -> None:
    actors.contribute(stage, cycle, "metrology")
    stage.complete("unit_chief.metrology", cycle, "chief_review@metrology", decision="return",
                   return_reason=["not_quantified"], opinion="請補目標值")  # fmt: skip
    assert stage.open(cycle) == ["edit_actions@kinmen", "edit_actions@metrology"]


def test_a_unit_that_the_plan_does_not_concern_gives_a_reason_that_its_chief_signs(
    cycle: int, stage: Stage
) -> None:
    stage.complete("unit_handler.kinmen", cycle, "edit_actions@kinmen", applicable=False,
                   na_reason="本年度無相關檢驗業務可辦理")  # fmt: skip
    actors.approve_unit(stage, cycle, "kinmen")
    plan = from_json(stage.document("plan", plan_key=KEY).body)
    assert (dict(plan.not_applicable), plan.actions_of("kinmen")) == (
        {"kinmen": "本年度無相關檢驗業務可辦理"},
        (),
    )


def test_a_short_reason_why_the_plan_does_not_concern_a_unit_is_refused(cycle: int, stage: Stage) -> None:
    faults = stage.faults(
        "unit_handler.kinmen", cycle, "edit_actions@kinmen", applicable=False, na_reason="沒有業務"
    )
    assert faults == [("na_reason", "Use at least 10 characters (now 4)")]


@pytest.mark.parametrize(
    ("row", "path", "words"),
    [
        ({**NARRATIVE, "narrative_reason": "不便計數"}, "actions/0/narrative_reason",
         "Use at least 10 characters (now 4)"),
        ({**NARRATIVE, "target_kind": "quantified"}, "actions/0/value", "This entry is required"),
        ({**NARRATIVE, "target_kind": "milestone", "milestone": "完成專區", "milestone_date": "2027-03-01"},
         "actions/0/milestone_date", "Choose a day within the plan's year"),
        ({**NARRATIVE, "summary": "太短"}, "actions/0/summary", "Use at least 10 characters (now 2)"),
        ({**NARRATIVE, "method": "9.9"}, "actions/0/method", "Choose one of the options"),
    ],
)  # fmt: skip
def test_a_row_with_a_fault_is_refused(
    cycle: int, stage: Stage, row: dict[str, Any], path: str, words: str
) -> None:
    whole = {**row, "handler": "unit_handler.kinmen"}
    faults = stage.faults(
        "unit_handler.kinmen", cycle, "edit_actions@kinmen", applicable=True, actions=[whole]
    )
    assert (path, words) in faults


def test_a_target_of_zero_is_refused(cycle: int, stage: Stage) -> None:
    rows = stage.shown("unit_handler.metrology", cycle, "edit_actions@metrology")["actions"]
    zero = [
        {
            **rows[0],
            "summary": "校正砝碼並公開校正結果",
            "evidence_kinds": ["報告"],
            "counting_rule": "每具一次",
            "value": "0",
        }
    ]
    faults = stage.faults(
        "unit_handler.metrology", cycle, "edit_actions@metrology", applicable=True, actions=zero
    )
    assert faults == [("actions/0/value", "Enter a number greater than 0")]


def test_a_unit_cannot_write_for_another(cycle: int, stage: Stage) -> None:
    with pytest.raises(NotPermitted):
        stage.complete("unit_handler.metrology", cycle, "edit_actions@kinmen", applicable=True)


def test_the_second_of_two_who_edit_one_row_is_shown_the_difference(cycle: int, stage: Stage) -> None:
    actors.contribute_all(stage, cycle)
    actors.compile_plan(stage, cycle)
    actors.sign(
        stage,
        cycle,
        "sec_chief",
        "return",
        return_to="handler",
        return_reason=["other"],
        opinion="請兩單位合辦",
    )
    shared = {
        "decision": "ask_units",
        "ask_units": ["metrology", "kinmen"],
        "ask_due": "2026-01-20",
        "ask_note": "請合併辦理",
    }
    actors.compile_plan(stage, cycle, **shared)
    page = actors.page(stage, "unit_handler.kinmen", cycle, "edit_actions@kinmen")
    actors.contribute(stage, cycle, "metrology")
    with pytest.raises(ShownContentChanged):
        actors.send(stage, "unit_handler.kinmen", page, applicable=True)


def test_a_late_unit_is_reminded_twice_and_then_its_chief_hears(cycle: int, stage: Stage) -> None:
    told = []
    for when in ("2026-01-12T10:00", "2026-01-15T10:00", "2026-01-20T10:00"):
        stage.move_to(when)
        told.append(sorted({user for user, _ in stage.mailed()}))
    assert told == [
        ["unit_handler.kinmen", "unit_handler.metrology"],
        ["unit_handler.kinmen", "unit_handler.metrology"],
        ["unit_chief.kinmen", "unit_chief.metrology", "unit_handler.kinmen", "unit_handler.metrology"],
    ]


def test_a_unit_that_handed_in_in_time_hears_nothing(cycle: int, stage: Stage) -> None:
    actors.contribute(stage, cycle, "metrology")
    actors.approve_unit(stage, cycle, "metrology")
    stage.move_to("2026-01-23T10:00")
    assert "unit_handler.metrology" not in {user for user, _ in stage.mailed()}


def test_the_history_tells_who_was_told_by_which_channel(cycle: int, stage: Stage) -> None:
    stage.move_to("2026-01-12T10:00")
    assert actors.results(stage, cycle, "notify_first") == [
        {"role": "unit_handler", "unit": unit, "told": [{"user": f"unit_handler.{unit}", "channel": "mail"}]}
        for unit in ("metrology", "kinmen")
    ]


def test_the_secretariat_urges_a_late_unit_and_the_urging_is_recorded(cycle: int, stage: Stage) -> None:
    task = stage.task(cycle, "edit_actions@kinmen")
    stage.engine.execute(stage.engine.actor("sec_handler"), tasks.urge, task.id, note="請於今日提報")
    assert [event["note"] for event in actors.events(stage, cycle, EventType.TASK_URGED)] == ["請於今日提報"]


def take_over(stage: Stage, cycle: int) -> None:
    rows = [
        {**row, "summary": "到離島說明檢驗規定並解答疑問", "evidence_kinds": ["簽到表"],
         "narrative_reason": "視離島廠商需求辦理，無法預估次數", "handler": "unit_handler.kinmen"}
        for row in stage.shown("sec_handler", cycle, "take_over_row")["actions"]
    ]  # fmt: skip
    stage.complete("sec_handler", cycle, "take_over_row", reason="單位逾期三日仍未提報", actions=rows)


def test_after_three_days_the_secretariat_may_fill_in_for_the_unit(overdue: int, stage: Stage) -> None:
    assert (stage.open(overdue), "sec_chief" in {user for user, _ in stage.mailed()}) == (
        ["edit_actions@kinmen", "take_over_row"], True,
    )  # fmt: skip


def test_rows_that_were_filled_in_are_marked_until_the_unit_confirms_them(overdue: int, stage: Stage) -> None:
    take_over(stage, overdue)
    marked = [a.filled_for for a in from_json(stage.document("plan", plan_key=KEY).body).actions_of("kinmen")]
    stage.complete("unit_handler.kinmen", overdue, "confirm_rows@kinmen", confirmed=True)
    confirmed = [
        a.filled_for for a in from_json(stage.document("plan", plan_key=KEY).body).actions_of("kinmen")
    ]
    assert (marked, confirmed, stage.open(overdue)) == (["kinmen", "kinmen"], [None, None], ["compile_plan"])


def test_a_unit_that_hands_in_after_all_ends_the_filling_in(overdue: int, stage: Stage) -> None:
    actors.contribute(stage, overdue, "kinmen")
    actors.approve_unit(stage, overdue, "kinmen")
    assert stage.open(overdue) == ["compile_plan"]


def test_a_changed_bureau_plan_flags_the_rows_that_answer_it(cycle: int, stage: Stage) -> None:
    changed = {**LETTER, "doc_no": "11590000999", "doc_date": "2026-01-06", "subject": "修正總局115年度計畫"}
    stage.act("sec_handler", cycle, "bureau_plan_changed", **changed, changed_refs=["分局自訂"])
    plan = from_json(stage.document("plan", plan_key=KEY).body)
    assert ([m.needs_review for m in plan.methods()], plan.basis[-1].subject) == (
        [True],
        "修正總局115年度計畫",
    )


def test_the_letter_of_a_changed_bureau_plan_is_checked_like_any_other(cycle: int, stage: Stage) -> None:
    with pytest.raises(Invalid) as refusal:
        stage.act("sec_handler", cycle, "bureau_plan_changed", **LETTER, changed_refs=["一"])
    assert [error.path for error in refusal.value.errors] == ["doc_no"]


def test_only_the_secretariat_may_enter_a_changed_bureau_plan(cycle: int, stage: Stage) -> None:
    with pytest.raises(NotPermitted):
        stage.act("unit_handler.kinmen", cycle, "bureau_plan_changed", **LETTER, changed_refs=["一"])


def test_an_incomplete_plan_comes_back_with_its_findings(written: int, stage: Stage) -> None:
    actors.compile_plan(stage, written, goal="太短的目標")
    result = actors.results(stage, written, "check_completeness")[-1]
    assert (stage.open(written), result["complete"], result["rules"]) == (
        ["compile_plan"],
        False,
        ["goal_length"],
    )


def test_warnings_must_be_read_before_the_plan_goes_up(written: int, stage: Stage) -> None:
    with pytest.raises(Invalid) as refusal:
        actors.compile_plan(stage, written, goal="以服務為先" * 12, completeness_ack=False)
    assert [error.path for error in refusal.value.errors] == ["completeness_ack"]


def test_a_complete_plan_goes_to_the_first_signer(written: int, stage: Stage) -> None:
    actors.compile_plan(stage, written)
    assert (stage.open(written), actors.state_of(stage)) == (["sign"], "in_signoff")


def test_single_units_are_asked_again_with_a_new_date(written: int, stage: Stage) -> None:
    actors.compile_plan(
        stage,
        written,
        decision="ask_units",
        ask_units=["kinmen"],
        ask_due="2026-01-20",
        ask_note="請補佐證類型",
    )
    due_at = stage.task(written, "edit_actions@kinmen").due_at
    assert (stage.open(written), due_at and due_at.date().isoformat()) == (
        ["edit_actions@kinmen"],
        "2026-01-20",
    )


def test_asking_units_again_needs_a_working_day(written: int, stage: Stage) -> None:
    with pytest.raises(Invalid) as refusal:
        actors.compile_plan(
            stage,
            written,
            decision="ask_units",
            ask_units=["kinmen"],
            ask_due="2026-01-17",
            ask_note="請補佐證類型",
        )
    assert [str(error) for error in refusal.value.errors] == ["Choose a working day"]
