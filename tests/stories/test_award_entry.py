"""The award entry (政府服務獎), stage 8: the survey, the memo, the entry until it is sent."""

from typing import Any

import pytest

from engine.domain.identity import SYSTEM
from engine.errors import Invalid, NotPermitted
from tests.stories import actors, entrants
from tests.stories.entrants import EDITION, ENTRY
from tests.stories.stage import Stage

SCENES = {
    "memo": entrants.surveyed,
    "form": entrants.decided,
    "waiting": entrants.sent,
}


def entry_of(stage: Stage) -> int:
    """The one entry that the scene has played."""
    found = stage.engine.ask(SYSTEM, lambda reader: reader.instances.of_plan(ENTRY))
    return next(instance.id for instance in found if instance.definition_key == "award_entry")


@pytest.fixture
def memo(stage: Stage) -> int:
    return entry_of(stage)


@pytest.fixture
def form(stage: Stage) -> int:
    return entry_of(stage)


@pytest.fixture
def waiting(stage: Stage) -> int:
    return entry_of(stage)


def test_an_entry_has_the_key_of_its_edition_and_number(memo: int, stage: Stage) -> None:
    instance = stage.engine.ask(SYSTEM, lambda reader: reader.instances.get(memo))
    assert (instance.business_key, instance.plan_key, instance.title) == (ENTRY, ENTRY, "115年政府服務獎參獎")


def test_only_the_secretariats_handler_starts_an_entry(stage: Stage) -> None:
    with pytest.raises(NotPermitted):
        entrants.begin(stage, user="unit_handler.kinmen")


@pytest.mark.parametrize(
    ("variables", "key", "path"),
    [
        ({"award_year": 90}, ENTRY, "award_year"),
        ({"route": "by luck"}, ENTRY, "route"),
        ({}, f"{EDITION}:2", "business_key"),
        ({}, "another key", "business_key"),
    ],
)
def test_an_entry_with_a_wrong_year_way_or_key_is_refused(
    stage: Stage, variables: dict[str, Any], key: str, path: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        entrants.begin(stage, key=key, **variables)
    assert [error.path for error in refusal.value.errors] == [path]


def test_branch_and_unit_may_both_enter_each_with_an_entry_of_its_own(memo: int, stage: Stage) -> None:
    second = entrants.begin(stage, key=f"{EDITION}:2")
    entrants.invite(stage, second, doc_no="11590000811")
    entrants.write_memo(stage, second, entrant_kind="unit", entrant="metrology")
    kept = stage.document("entry_memo", plan_key=f"{EDITION}:2").body
    assert (stage.open(memo), kept["entrant_label"]) == (
        ["entry_memo"], "經濟部標準檢驗局高雄分局度量衡科",
    )  # fmt: skip


def test_a_plan_is_entered_in_the_year_after_it_a4(memo: int, stage: Stage) -> None:
    assert stage.shown("sec_handler", memo, "entry_memo")["related_plans"] == ["bsmi_khh:114"]


def test_without_a_letter_the_reply_is_due_five_working_days_before_the_last_of_february_a5(
    stage: Stage,
) -> None:
    stage.move_to("2026-01-20T09:00")
    entry = entrants.begin(stage)
    stage.complete("sec_handler", entry, "register_invitation", has_letter=False)
    due = stage.document("award_due", plan_key=ENTRY).body
    assert (due["internal_due_on"], due["basis"]) == ("2026-02-12", None)


def test_a_date_of_the_letter_replaces_it_and_names_the_letter_a5(stage: Stage) -> None:
    stage.move_to("2026-02-03T09:00")
    entry = entrants.begin(stage)
    entrants.invite(stage, entry, reply_due="2026-02-24")
    due = stage.document("award_due", plan_key=ENTRY).body
    assert (due["internal_due_on"], due["basis"]) == ("2026-02-24", "經標秘字第11590000810號")


@pytest.mark.parametrize(
    ("changes", "path", "words"),
    [
        ({"doc_no": "12"}, "doc_no", "Write it like this: 10或11位數字，例如 11490000470"),
        ({"doc_date": "2026-02-04"}, "doc_date", "The date of a letter cannot lie in the future"),
        ({"received_on": "2026-02-01"}, "received_on", "A letter cannot arrive before its date"),
        ({"reply_due": "2026-02-02"}, "reply_due", "The reply cannot be due before the letter arrived"),
        ({"attachments": []}, "attachments", "Attach at least 1 file(s)"),
        ({"subject": ""}, "subject", "This entry is required"),
    ],
)
def test_the_letter_of_a_survey_with_a_fault_is_refused(
    stage: Stage, changes: dict[str, Any], path: str, words: str
) -> None:
    stage.move_to("2026-02-03T09:00")
    entry = entrants.begin(stage)
    values = {**entrants.SURVEY, "attachments": [actors.pdf(stage, "sec_handler")], **changes}
    faults = stage.faults("sec_handler", entry, "register_invitation", **values)
    assert (path, words) in faults


@pytest.mark.parametrize(
    ("changes", "path", "words"),
    [
        ({"reason": "適合參獎"}, "reason", "Use at least 20 characters (now 4)"),
        ({"theme": "離" * 41}, "theme", "Use at most 40 characters (now 41)"),
        ({"theme": ""}, "theme", "This entry is required"),
        ({"category": None}, "category", "This entry is required"),
        ({"category": "最佳人氣"}, "category", "Choose one of the options"),
        ({"entrant_kind": "unit"}, "entrant", "This entry is required"),
        ({"entrant_kind": "unit", "entrant": "bureau"}, "entrant", "Choose one of the options"),
        ({"related_plans": []}, "related_actions/0/action", "Name the plan of this action as related, too"),
    ],
)
def test_a_memo_with_a_fault_is_refused(
    memo: int, stage: Stage, changes: dict[str, Any], path: str, words: str
) -> None:
    assert stage.faults("sec_handler", memo, "entry_memo", **{**entrants.MEMO, **changes}) == [(path, words)]


def test_the_director_decides_on_the_memo(memo: int, stage: Stage) -> None:
    entrants.write_memo(stage, memo)
    stage.sign_off(memo)
    signed = stage.document("signature", "entry_memo:1:2", plan_key=ENTRY).body
    assert (signed["signed_by"], stage.open(memo)) == ("director", ["entry_form"])


def test_a_returned_memo_is_written_again_as_it_stood(memo: int, stage: Stage) -> None:
    entrants.write_memo(stage, memo)
    stage.complete("sec_chief", memo, "sign", decision="return", return_to="handler",
                   return_reason=["incomplete"], opinion="請補充成效")  # fmt: skip
    assert stage.shown("sec_handler", memo, "entry_memo")["theme"] == "離島度量衡行動服務"


def test_a_memo_is_recalled_while_nobody_has_signed(memo: int, stage: Stage) -> None:
    entrants.write_memo(stage, memo)
    stage.act("sec_handler", memo, "recalled", reason="主題須再修正")
    assert stage.open(memo) == ["entry_memo"]


def test_not_entering_is_signed_as_well_and_reported(memo: int, stage: Stage) -> None:
    entrants.write_memo(
        stage, memo, proposal="no_entry", reason="本年度無成熟之創新服務案例可供參獎，擬不參獎。"
    )
    stage.sign_off(memo)
    stage.complete("sec_handler", memo, "nil_report", nil_statement=True, doc_no="11590000830",
                   doc_date="2026-02-03")  # fmt: skip
    assert (stage.has_ended(memo), entrants.state_of(stage), entrants.letters(stage)[-1]) == (
        True, "no_entry", ("out", "11590000830"),
    )  # fmt: skip


def test_a_nil_report_says_so_and_has_its_letter(memo: int, stage: Stage) -> None:
    entrants.write_memo(
        stage, memo, proposal="no_entry", reason="本年度無成熟之創新服務案例可供參獎，擬不參獎。"
    )
    stage.sign_off(memo)
    faults = stage.faults(
        "sec_handler", memo, "nil_report", nil_statement=False, doc_no="", doc_date="2026-02-03"
    )
    assert [path for path, _ in faults] == ["nil_statement", "doc_no"]


@pytest.mark.parametrize(
    ("changes", "path", "words"),
    [
        ({"abstract": "離" * 301}, "abstract", "Use at most 300 characters (now 301)"),
        ({"problem": ""}, "problem", "This entry is required"),
        ({"innovation": ""}, "innovation", "This entry is required"),
        ({"results": "服務效能明顯提升，民眾反映良好，後續將持續推動辦理。"}, "results",
         "Show the results with numbers"),
        ({"sustainability": ""}, "sustainability", "This entry is required"),
        ({"team": []}, "team", "Add at least 1 row(s)"),
        ({"team": [{"person": "director", "unit": "secretariat", "relation": "head"}]}, "team",
         "Name at least one main handler"),
        ({"team": [{"person": "director", "unit": "secretariat", "relation": "main_handler"}] * 2},
         "team/1/person", "This person is named above already"),
        ({"team": [{"person": "ministry_handler", "unit": "kinmen", "relation": "main_handler"}]},
         "team/0/person", "Choose one of the options"),
        ({"coaches": [{"name": "吳宗翰", "agency": "ministry", "relation": "superior_coach"}]},
         "coaches/0/facts", "This entry is required"),
        ({"coaches": [{"name": "吳宗翰", "agency": "other", "relation": "bureau_coach"}]},
         "coaches/0/agency_name", "This entry is required"),
        ({"files": []}, "files", "Attach at least 1 file(s)"),
        ({"truth_statement": False}, "truth_statement", "Please confirm this"),
        ({"related_plans": []}, "related_actions/0/action", "Name the plan of this action as related, too"),
    ],
)  # fmt: skip
def test_entry_data_with_a_fault_are_refused(
    form: int, stage: Stage, changes: dict[str, Any], path: str, words: str
) -> None:
    values = {**entrants.FORM, "files": [actors.pdf(stage, "sec_handler")], **changes}
    assert stage.faults("sec_handler", form, "entry_form", **values) == [(path, words)]


def test_the_entry_begins_with_what_the_memo_says(form: int, stage: Stage) -> None:
    shown = stage.shown("sec_handler", form, "entry_form")
    assert (shown["theme"], shown["category"], shown["related_actions"], shown["entrant_label"]) == (
        "離島度量衡行動服務", "數位創新加值", [{"action": "114/1.1.1"}], "經濟部標準檢驗局高雄分局",
    )  # fmt: skip


def test_the_entry_names_its_edition_entrant_plans_team_and_coaches(waiting: int, stage: Stage) -> None:
    body = stage.document("award_entry", plan_key=ENTRY).body
    team = [(member["person"], member["relation"]) for member in body["team"]]
    assert (
        body["edition_key"], body["award_year"], body["entrant_kind"], body["entrant"],
        body["related_plans"], body["related_actions"], team, body["coaches"][0]["agency"],
    ) == (
        EDITION, 115, "agency", "bsmi_khh", ["bsmi_khh:114"], ["114/1.1.1"],
        [("unit_handler.metrology", "main_handler"), ("director", "head")], "經濟部標準檢驗局",
    )  # fmt: skip


def test_a_unit_that_enters_is_asked_before_the_entry_is_signed(memo: int, stage: Stage) -> None:
    entrants.write_memo(stage, memo, entrant_kind="unit", entrant="kinmen")
    stage.sign_off(memo)
    entrants.fill_form(stage, memo)
    assert stage.open(memo) == ["countersign_opinion@kinmen"]
    asked = actors.panels(stage, "unit_chief.kinmen", memo, "countersign_opinion@kinmen")
    assert asked["entry"]["title"] == f"經濟部標準檢驗局高雄分局金門辦事處：{entrants.MEMO['theme']}"


def test_the_letter_sends_the_version_that_was_signed(waiting: int, stage: Stage) -> None:
    sent = stage.document("award_sent", plan_key=ENTRY).body
    signed = stage.document("signature", "award_entry:1:2", plan_key=ENTRY).body["document"]
    assert (sent["entry_no"], sent["digest"]) == (signed["no"], signed["digest"])


def test_a_letter_with_a_used_number_sends_nothing(form: int, stage: Stage) -> None:
    entrants.fill_form(stage, form)
    stage.sign_off(form)
    today = {"doc_date": "2026-02-03"}
    entrants_own = stage.faults("sec_handler", form, "send_entry", doc_no="115", **today)
    assert entrants_own == [("doc_no", "Write it like this: 10或11位數字，例如 11490000470")]


def test_people_are_reminded_and_the_late_reply_climbs_to_the_director(memo: int, stage: Stage) -> None:
    stage.move_to("2026-02-26T10:00")
    reminded, overdue, very_late = ["sec_handler"] * 3, ["sec_chief", "sec_handler"], ["director"]
    assert [user for user, _ in stage.mailed()] == [*reminded, *overdue, *very_late, *overdue]


def test_a_late_reply_is_explained_by_phone_and_moves_no_date(memo: int, stage: Stage) -> None:
    stage.move_to("2026-02-24T10:00")
    stage.complete("sec_handler", memo, "explain_delay", called_on="2026-02-24", person="總局王科員",
                   content="簽陳送核中，預計本週函送。")  # fmt: skip
    due = stage.document("award_due", plan_key=ENTRY).body
    assert (stage.open(memo), due["internal_due_on"]) == (["entry_memo"], "2026-02-12")


def test_a_call_of_tomorrow_is_refused(memo: int, stage: Stage) -> None:
    stage.move_to("2026-02-24T10:00")
    faults = stage.faults("sec_handler", memo, "explain_delay", called_on="2026-02-25", person="王",
                          content="簽陳送核中")  # fmt: skip
    assert faults == [("called_on", "This date cannot lie in the future")]


def test_nobody_is_reminded_after_the_entry_was_sent(waiting: int, stage: Stage) -> None:
    before = stage.mailed()
    stage.move_to("2026-03-31T10:00")
    assert (stage.mailed(), stage.open(waiting)) == (before, ["register_ministry_letter"])
