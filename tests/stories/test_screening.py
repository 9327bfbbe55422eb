"""The ministry's screening (初評推薦), stage 9: survey, collection, designation, blind scores, decision."""

from typing import Any

import pytest

from engine.commands import instances, organisation, tasks
from engine.domain.history import EventType
from engine.domain.identity import SYSTEM
from engine.domain.task import may_see
from engine.errors import Invalid, NotFound, NotPermitted
from engine.queries.instances import page as instance_page
from engine.queries.task_page import task_page
from tests.stories import actors, entrants, screeners
from tests.stories.entrants import ENTRY
from tests.stories.screeners import BRANCH, KEY, OTHER
from tests.stories.stage import Stage

OUTSIDE_ENTRY = f"{KEY}:outside:1"
SCENES = {
    "surveyed": screeners.surveyed,
    "collected": screeners.collected,
    "grouped": screeners.grouped,
    "scored": screeners.scored,
}
WITHDRAWAL = {
    "reason": "成效數字尚須再行查證，先行撤回", "doc_prefix": "經標高秘字", "doc_no": "11590000890",
    "doc_date": "2026-02-03",
}  # fmt: skip


@pytest.fixture
def surveyed(stage: Stage) -> int:
    return screeners.screening_of(stage)


@pytest.fixture
def collected(stage: Stage) -> int:
    return screeners.screening_of(stage)


@pytest.fixture
def grouped(stage: Stage) -> int:
    return screeners.screening_of(stage)


@pytest.fixture
def scored(stage: Stage) -> int:
    return screeners.screening_of(stage)


def received(stage: Stage, key: str = ENTRY) -> str:
    return str(stage.document("received_entry", key, plan_key=KEY).body["state"])


def score_of(stage: Stage, unit: str, entry: str = ENTRY) -> Any:
    return stage.document("award_score", f"{entry}|reviewer.{unit}", plan_key=KEY)


def verdicts(stage: Stage, screening: int, verdict: str) -> list[dict[str, Any]]:
    """The same verdict on every entry."""
    shown = stage.shown("ministry_approver", screening, "recommend_decision")["recommendations"]
    return [{**row, "verdict": verdict} for row in shown]


def test_the_survey_waits_for_the_first_working_day_of_february(stage: Stage) -> None:
    screening = screeners.begin(stage)
    before = stage.open(screening)
    stage.move_to("2026-02-02T10:00")
    assert (before, stage.open(screening)) == ([], ["issue_survey"])


def test_the_handler_may_survey_earlier_with_a_reason(stage: Stage) -> None:
    screening = screeners.begin(stage)
    assert stage.refused_action("ministry_handler", screening, "issue_survey_now", reason="") != []
    stage.act("ministry_handler", screening, "issue_survey_now", reason="配合春節提前辦理")
    assert stage.open(screening) == ["issue_survey"]


def test_only_the_ministrys_handler_starts_a_screening(stage: Stage) -> None:
    with pytest.raises(NotPermitted):
        stage.engine.execute(stage.engine.actor("sec_handler"), instances.start,
                             definition_key="ministry_screening", business_key=KEY,
                             variables={"award_year": 115})  # fmt: skip


def test_a_year_is_screened_once_under_its_key(stage: Stage) -> None:
    with pytest.raises(Invalid) as wrong_key:
        screeners.begin(stage, award_year=116)
    screening = screeners.begin(stage)
    stage.engine.execute(
        SYSTEM, instances.cancel, screening, reason="重新開始本屆初評作業，原案不再續辦，特此說明"
    )
    with pytest.raises(Invalid) as again:
        screeners.begin(stage)
    paths = [error.path for refusal in (wrong_key, again) for error in refusal.value.errors]
    assert paths == ["business_key", "award_year"]


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"reply_due": "2026-02-28"}, "reply_due"),
        ({"reply_due": "2026-02-03"}, "reply_due"),
        ({"agencies": []}, "agencies"),
        ({"doc_no": "12"}, "doc_no"),
        ({"doc_date": "2026-02-04"}, "doc_date"),
    ],
)
def test_a_survey_with_a_fault_is_refused(stage: Stage, changes: dict[str, Any], path: str) -> None:
    screening = screeners.begin(stage)
    stage.move_to("2026-02-03T09:00")
    values = {"doc_no": "11500000700", "doc_date": "2026-02-03", **changes}
    faults = stage.faults("ministry_handler", screening, "issue_survey", **values)
    assert [fault for fault, _ in faults] == [path]


def test_the_survey_starts_the_branchs_entry_with_the_date_of_the_letter_a5(
    surveyed: int, stage: Stage
) -> None:
    entry = screeners.entry_of(stage)
    due = stage.document("award_due", plan_key=ENTRY).body
    assert (stage.open(entry), due["internal_due_on"], due["basis"]) == (
        ["entry_memo"], "2026-02-26", "經秘字第11500000700號",
    )  # fmt: skip


def test_an_entry_is_collected_when_it_is_sent(surveyed: int, stage: Stage) -> None:
    screeners.enter(stage)
    assert received(stage) == "received"


def test_a_nil_report_is_collected_as_well(surveyed: int, stage: Stage) -> None:
    entry = screeners.entry_of(stage)
    entrants.write_memo(
        stage, entry, proposal="no_entry", reason="本年度無成熟之創新服務案例可供參獎，擬不參獎。"
    )
    stage.sign_off(entry)
    stage.complete("sec_handler", entry, "nil_report", nil_statement=True, doc_no="11590000830",
                   doc_date="2026-02-03")  # fmt: skip
    replies = stage.shown("ministry_handler", surveyed, "close_collection")["replies"]
    assert replies == [{"agency": BRANCH, "state": "無參獎"}]


def test_unit_and_branch_may_both_enter_and_are_collected_as_two(surveyed: int, stage: Stage) -> None:
    screeners.enter(stage)
    second = entrants.begin(stage, key=f"{entrants.EDITION}:2", ministry_mode="accounts")
    entrants.invite(stage, second, doc_no="11590000811")
    screeners.enter(stage, f"{entrants.EDITION}:2", "11590000821")
    assert (received(stage), received(stage, f"{entrants.EDITION}:2")) == ("received", "received")


def test_silence_is_no_nil_report(surveyed: int, stage: Stage) -> None:
    assert stage.faults("ministry_handler", surveyed, "close_collection", decision="close") == [
        ("note", "Say what became of the agencies that did not answer")
    ]


def test_a_screening_without_entries_ends(surveyed: int, stage: Stage) -> None:
    stage.complete(
        "ministry_handler", surveyed, "close_collection", decision="close", note="電洽確認均無參獎"
    )
    assert stage.has_ended(surveyed)


def test_an_entry_that_comes_after_the_closing_is_late_and_not_scored(collected: int, stage: Stage) -> None:
    second = entrants.begin(stage, key=f"{entrants.EDITION}:2", ministry_mode="accounts")
    entrants.invite(stage, second, doc_no="11590000811")
    screeners.close(stage, collected)
    screeners.enter(stage, f"{entrants.EDITION}:2", "11590000821")
    assert (received(stage, f"{entrants.EDITION}:2"), len(stage.tasks(collected, "check_entry"))) == (
        "late",
        2,
    )


def test_without_a_screening_that_listens_the_ministry_answers_by_letter(stage: Stage) -> None:
    stage.move_to("2026-02-03T09:00")
    entry = entrants.sent(stage, ministry_mode="accounts")
    assert stage.open(entry) == ["register_ministry_letter"]


def test_the_handler_registers_what_agencies_without_an_account_send(collected: int, stage: Stage) -> None:
    stage.act(
        "ministry_handler", collected, "register_outside_entry", agency="經濟部標準檢驗局基隆分局", kind="nil"
    )
    shown = stage.shown("ministry_handler", collected, "close_collection")["replies"]
    assert [(row["agency"][8:], row["state"]) for row in shown] == [
        ("高雄分局", "已送件"), ("基隆分局", "無參獎"), ("臺南分局", "已送件"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "path"),
    [({"agency": BRANCH}, "agency"), ({"abstract": ""}, "abstract"), ({"theme": "題" * 41}, "theme")],
)
def test_an_outside_entry_with_a_fault_is_refused(
    collected: int, stage: Stage, changes: dict[str, Any], path: str
) -> None:
    values = {**screeners.OUTSIDE, **changes}
    faults = stage.refused_action("ministry_handler", collected, "register_outside_entry", **values)
    assert [fault for fault, _ in faults] == [path]


def test_a_designated_unit_gets_an_entry_of_its_own(surveyed: int, stage: Stage) -> None:
    stage.complete("ministry_handler", surveyed, "close_collection", decision="designate")
    rows = [{"agency": BRANCH, "entrant_kind": "unit", "unit": "kinmen", "reason": "離島服務具參獎潛力"}]
    stage.complete("ministry_handler", surveyed, "designate", designations=rows, doc_no="11500000710",
                   doc_date="2026-02-03")  # fmt: skip
    entry = screeners.entry_of(stage, f"{entrants.EDITION}:2")
    shown = stage.shown("sec_handler", entry, "confirm_designation")
    assert (stage.open(entry), shown["designation"]) == (
        ["confirm_designation"],
        "經秘字第11500000710號：經濟部標準檢驗局高雄分局金門辦事處（離島服務具參獎潛力）",
    )


ROW = {"agency": BRANCH, "entrant_kind": "agency", "reason": "服務作法具參獎潛力"}


@pytest.mark.parametrize(
    ("values", "paths"),
    [
        ({}, ["designations"]),
        ({"none": True, "designations": [ROW]}, ["none"]),
        ({"designations": [ROW]}, ["doc_no", "doc_date"]),
        ({"designations": [{**ROW, "entrant_kind": "unit"}], "doc_no": "11500000710",
          "doc_date": "2026-02-03"}, ["designations/0/unit"]),
        ({"designations": [{**ROW, "agency": OTHER, "entrant_kind": "unit"}], "doc_no": "11500000710",
          "doc_date": "2026-02-03"}, ["designations/0/unit_name"]),
        ({"designations": [ROW], "doc_no": "11500000710", "doc_date": "2026-02-04"}, ["doc_date"]),
    ],
)  # fmt: skip
def test_a_designation_with_a_fault_is_refused(
    surveyed: int, stage: Stage, values: dict[str, Any], paths: list[str]
) -> None:
    stage.complete("ministry_handler", surveyed, "close_collection", decision="designate")
    faults = stage.faults("ministry_handler", surveyed, "designate", **values)
    assert [path for path, _ in faults] == paths


def test_more_material_is_asked_for_and_arrives(collected: int, stage: Stage) -> None:
    screeners.close(stage, collected)
    own = next(t for t in stage.tasks(collected, "check_entry") if t.inputs["checked"]["entry_key"] == ENTRY)
    stage.complete_task("ministry_handler", own, result="more_material", request="請補送滿意度調查",
                        due_on="2026-02-10")  # fmt: skip
    entry = screeners.entry_of(stage)
    shown = stage.shown("sec_handler", entry, "supply_material")
    stage.complete("sec_handler", entry, "supply_material", response="補送滿意度調查報告如附件。")
    assert (shown["new_due"], shown["original_due"], len(stage.tasks(collected, "check_entry"))) == (
        "115/02/10", "115/02/26", 2,
    )  # fmt: skip


def test_an_agency_without_an_account_is_asked_by_letter(collected: int, stage: Stage) -> None:
    screeners.close(stage, collected)
    other = next(
        t for t in stage.tasks(collected, "check_entry") if t.inputs["checked"]["entry_key"] != ENTRY
    )
    faults = stage.faults_of("ministry_handler", other, result="more_material", request="請補送資料",
                             due_on="2026-02-10")  # fmt: skip
    assert [path for path, _ in faults] == ["result"]


def test_material_is_due_on_a_working_day_to_come(collected: int, stage: Stage) -> None:
    screeners.close(stage, collected)
    own = next(t for t in stage.tasks(collected, "check_entry") if t.inputs["checked"]["entry_key"] == ENTRY)
    faults = stage.faults_of("ministry_handler", own, result="more_material", request="請補送資料",
                             due_on="2026-02-14")  # fmt: skip
    assert faults == [("due_on", "Choose a working day after today")]


def test_a_withdrawn_entry_is_neither_checked_nor_scored(collected: int, stage: Stage) -> None:
    screeners.close(stage, collected)
    stage.act("sec_handler", screeners.entry_of(stage), "withdraw_entry", **WITHDRAWAL)
    assert (received(stage), len(stage.tasks(collected, "check_entry"))) == ("withdrawn", 1)


def test_a_withdrawal_ends_the_scores_that_are_still_open(grouped: int, stage: Stage) -> None:
    screeners.score(stage, "academia", ENTRY)
    stage.act("sec_handler", screeners.entry_of(stage), "withdraw_entry", **WITHDRAWAL)
    left = {task.inputs["scoring"]["entry_key"] for task in stage.tasks(grouped, "score_entry")}
    for unit in screeners.REVIEWERS:
        screeners.score(stage, unit, OUTSIDE_ENTRY)
    shown = stage.shown("ministry_handler", grouped, "rank")["ranking"]
    assert (left, [row["entrant_label"] for row in shown]) == ({OUTSIDE_ENTRY}, [OTHER])


@pytest.mark.parametrize(
    ("rows", "path", "words"),
    [
        ([*screeners.group_rows(), {"person": "reviewer.academia", "agency": "另一機關"}],
         "reviewers/3/person", "This person is named above already"),
        ([{"person": "reviewer.academia", "agency": BRANCH}], "reviewers",
         f"Nobody of this group may score the entry of {BRANCH}"),
        ([{"person": "director", "agency": "另一機關"}], "reviewers/0/person", "Choose one of the options"),
    ],
)  # fmt: skip
def test_a_group_with_a_fault_is_refused(
    collected: int, stage: Stage, rows: list[dict[str, str]], path: str, words: str
) -> None:
    screeners.close(stage, collected)
    screeners.check_all(stage, collected)
    assert stage.faults("ministry_handler", collected, "form_review_group", reviewers=rows) == [(path, words)]


def test_who_runs_the_screening_reviews_nothing(collected: int, stage: Stage) -> None:
    stage.grant("ministry_approver", "reviewer", "academia")
    screeners.close(stage, collected)
    screeners.check_all(stage, collected)
    rows = [*screeners.group_rows(), {"person": "ministry_approver", "agency": "經濟部"}]
    assert stage.faults("ministry_handler", collected, "form_review_group", reviewers=rows) == [
        ("reviewers/3/person", "Who runs the screening reviews nothing")
    ]


def test_criteria_have_names_of_their_own(collected: int, stage: Stage) -> None:
    screeners.close(stage, collected)
    screeners.check_all(stage, collected)
    criteria = [{"name": "創新", "max_score": 50}] * 2
    rows = screeners.group_rows()
    faults = stage.faults(
        "ministry_handler", collected, "form_review_group", reviewers=rows, criteria=criteria
    )
    assert faults == [("criteria/1/name", "Two criteria have the same name")]


def test_every_reviewer_scores_every_entry(grouped: int, stage: Stage) -> None:
    pairs = {
        (task.inputs["scoring"]["reviewer"], task.inputs["scoring"]["entry_key"])
        for task in stage.tasks(grouped, "score_entry")
    }
    people = [f"reviewer.{unit}" for unit in screeners.REVIEWERS]
    assert pairs == {(person, key) for person in people for key in (ENTRY, OUTSIDE_ENTRY)}


def test_no_reviewer_scores_an_entry_of_the_own_agency(collected: int, stage: Stage) -> None:
    screeners.add_reviewer(stage, "from_kinmen")
    stage.grant("from_kinmen", "unit_handler", "kinmen")
    screeners.close(stage, collected)
    screeners.check_all(stage, collected)
    rows = [*screeners.group_rows(agencies=OTHER), {"person": "from_kinmen", "agency": "學會"}]
    stage.complete("ministry_handler", collected, "form_review_group", reviewers=rows)
    pairs = [(t.inputs["scoring"]["reviewer"], t.inputs["scoring"]["entry_key"])
             for t in stage.tasks(collected, "score_entry")]  # fmt: skip
    assert [key for who, key in pairs if who == "reviewer.agencies"] == [ENTRY]
    assert [key for who, key in pairs if who == "from_kinmen"] == [OUTSIDE_ENTRY]


def test_a_reviewer_sees_the_own_tasks_and_no_others(grouped: int, stage: Stage) -> None:
    screeners.add_reviewer(stage, "colleague")
    actor = stage.engine.actor("reviewer.academia")
    seen = {t.inputs["scoring"]["reviewer"] for t in stage.tasks(grouped, "score_entry") if may_see(actor, t)}
    assert seen == {"reviewer.academia"}


def test_nobody_else_completes_a_reviewers_task(grouped: int, stage: Stage) -> None:
    task = screeners.score_task(stage, "academia", ENTRY)
    with pytest.raises(NotFound):
        stage.engine.execute(stage.engine.actor("reviewer.industry"), tasks.claim, task.id)


def test_a_score_shows_nobody_elses(grouped: int, stage: Stage) -> None:
    screeners.score(stage, "academia", ENTRY, 0.5)
    task = screeners.score_task(stage, "industry", ENTRY)
    assert all("score" not in row for row in stage.shown_in("reviewer.industry", task)["scores"])


@pytest.mark.parametrize("user", ["reviewer.academia", "reviewer.industry", "sec_handler", "director"])
def test_reviewers_and_entrants_know_nothing_of_the_screening_instance(
    grouped: int, stage: Stage, user: str
) -> None:
    with pytest.raises(NotFound):
        stage.engine.ask(stage.engine.actor(user), instance_page, grouped)


def test_who_runs_the_screening_and_auditors_follow_it(grouped: int, stage: Stage) -> None:
    page = stage.engine.ask(stage.engine.actor("ministry_approver"), instance_page, grouped)
    assert page.instance.id == grouped


def test_nothing_is_ranked_before_all_scores_are_in(grouped: int, stage: Stage) -> None:
    for unit in ("academia", "industry"):
        screeners.score(stage, unit, ENTRY)
        screeners.score(stage, unit, OUTSIDE_ENTRY)
    screeners.score(stage, "agencies", ENTRY)
    assert stage.open(grouped) == ["score_entry@agencies"]


@pytest.mark.parametrize(
    ("changes", "path", "words"),
    [
        ({"comment": ""}, "comment", "This entry is required"),
        ({"scores": "above"}, "scores/0/score", "The score is above the maximum of 40"),
        ({"scores": "missing"}, "scores/0/score", "This entry is required"),
        ({"conflict_of_interest": None}, "conflict_of_interest", "This entry is required"),
        ({"conflict_of_interest": True}, "conflict_reason", "This entry is required"),
    ],
)
def test_a_score_with_a_fault_is_refused(
    grouped: int, stage: Stage, changes: dict[str, Any], path: str, words: str
) -> None:
    task = screeners.score_task(stage, "academia", ENTRY)
    rows = [{**row, "score": row["max_score"]} for row in stage.shown_in("reviewer.academia", task)["scores"]]
    kind = changes.get("scores")
    if kind == "above":
        rows[0]["score"] = 41
    elif kind == "missing":
        del rows[0]["score"]
    values = {"conflict_of_interest": False, "comment": "作法完整可行", **changes, "scores": rows}
    assert (path, words) in stage.faults_of("reviewer.academia", task, **values)


def test_a_conflict_of_interest_blocks_the_score_and_hands_the_entry_on(grouped: int, stage: Stage) -> None:
    screeners.add_reviewer(stage, "substitute")
    task = screeners.score_task(stage, "academia", ENTRY)
    stage.complete_task("reviewer.academia", task, conflict_of_interest=True, conflict_reason="曾輔導本案")
    shown = stage.shown("ministry_handler", grouped, "hand_on")
    stage.complete("ministry_handler", grouped, "hand_on", reviewer="substitute")
    own = next(
        t for t in stage.tasks(grouped, "score_entry") if t.inputs["scoring"]["reviewer"] == "substitute"
    )
    handed_on = own.inputs["scoring"]["entry_key"]
    assert (shown["conflict_reason"], own.excludes("reviewer.academia"), handed_on) == (
        "曾輔導本案", True, ENTRY,
    )  # fmt: skip


def test_an_entry_is_left_out_by_a_reviewer_only_with_a_reason(grouped: int, stage: Stage) -> None:
    task = screeners.score_task(stage, "academia", ENTRY)
    stage.complete_task("reviewer.academia", task, conflict_of_interest=True, conflict_reason="曾輔導本案")
    assert stage.faults("ministry_handler", grouped, "hand_on") == [
        ("reason", "Say why nobody else scores this entry")
    ]
    stage.complete("ministry_handler", grouped, "hand_on", reason="其餘委員均已評此件")
    assert "hand_on" not in stage.open(grouped)


def test_entries_are_ranked_by_the_average_of_their_totals(scored: int, stage: Stage) -> None:
    rows = stage.shown("ministry_handler", scored, "rank")["ranking"]
    assert [(row["entrant_label"], row["place"], row["average"], row["scores"]) for row in rows] == [
        (BRANCH, 1, "90.00", 3), (OTHER, 2, "70.00", 3),
    ]  # fmt: skip


def test_a_second_look_is_a_new_version_with_its_reason(scored: int, stage: Stage) -> None:
    again = [{"scoring": f"{OUTSIDE_ENTRY}|reviewer.academia", "reason": "與其他委員差距過大"}]
    stage.complete("ministry_handler", scored, "rank", decision="again", again=again)
    task = screeners.score_task(stage, "academia", OUTSIDE_ENTRY)
    before = [row["score"] for row in stage.shown_in("reviewer.academia", task)["scores"]]
    screeners.score(stage, "academia", OUTSIDE_ENTRY, 1.0)
    kept = score_of(stage, "academia", OUTSIDE_ENTRY)
    assert (before, kept.no, kept.note, kept.body["total"]) == (
        [28, 14, 14, 7, 7],
        2,
        "與其他委員差距過大",
        100,
    )


def test_a_score_is_asked_for_again_once(scored: int, stage: Stage) -> None:
    again = [{"scoring": f"{ENTRY}|reviewer.academia", "reason": "請再次確認"}] * 2
    assert stage.faults("ministry_handler", scored, "rank", decision="again", again=again) == [
        ("again/1/scoring", "This score is named above already")
    ]


def test_a_refusal_of_a_recommendation_needs_its_reason(scored: int, stage: Stage) -> None:
    stage.complete("ministry_handler", scored, "rank", decision="confirm")
    rows = verdicts(stage, scored, "not_recommended")
    decision = {"recommendations": rows, "decision": "decide"}
    faults = stage.faults("ministry_approver", scored, "recommend_decision", **decision)
    assert [path for path, _ in faults] == ["recommendations/0/reason", "recommendations/1/reason"]


def test_the_approver_sends_the_ranking_back(scored: int, stage: Stage) -> None:
    stage.complete("ministry_handler", scored, "rank", decision="confirm")
    rows = verdicts(stage, scored, "recommended")
    stage.complete("ministry_approver", scored, "recommend_decision", recommendations=rows, decision="return",
                   opinion="請補充說明名次差距")  # fmt: skip
    assert stage.open(scored) == ["rank"]


@pytest.mark.parametrize(
    ("verdict", "open_tasks"),
    [("recommended", ["follow_ndc_schedule"]), ("not_recommended", ["lessons"])],
)
def test_every_entrant_is_told_its_result_with_the_letter(
    scored: int, stage: Stage, verdict: str, open_tasks: list[str]
) -> None:
    screeners.decide(stage, scored, verdict, "not_recommended")
    screeners.tell(stage, scored)
    outcome = stage.document("award_outcome", "1", plan_key=ENTRY).body
    letter = stage.engine.ask(SYSTEM, lambda reader: reader.letters.get(outcome["letter_id"]))
    entry = screeners.entry_of(stage)
    assert (outcome["outcome"], letter.number, stage.open(entry), stage.has_ended(scored)) == (
        verdict, "11500000790", open_tasks, True,
    )  # fmt: skip


def test_who_withdrew_before_the_letter_is_told_nothing(scored: int, stage: Stage) -> None:
    screeners.decide(stage, scored, "recommended", "not_recommended")
    stage.act("sec_handler", screeners.entry_of(stage), "withdraw_entry", **WITHDRAWAL)
    screeners.tell(stage, scored)
    assert (entrants.outcomes(stage), entrants.state_of(stage)) == ([], "withdrawn")


def test_a_letter_of_results_with_a_used_number_is_refused(scored: int, stage: Stage) -> None:
    screeners.decide(stage, scored, "recommended", "not_recommended")
    faults = stage.faults("ministry_handler", scored, "dispatch_results", doc_no="11500000700",
                          doc_date="2026-02-03")  # fmt: skip
    assert faults == [("doc_no", "This number of this sender is in the register already")]


def test_every_history_of_a_screening_is_proven(scored: int, stage: Stage) -> None:
    screeners.decide(stage, scored, "recommended", "not_recommended")
    screeners.tell(stage, scored)
    started = actors.events(stage, scored, EventType.INSTANCE_STARTED)
    assert (len(started), stage.faults_of_history(scored)) == (1, [])


def test_reviewers_of_one_body_do_not_read_each_other_before_all_scores_are_in(
    collected: int, stage: Stage
) -> None:
    second = "reviewer.academia_second"
    stage.engine.execute(SYSTEM, organisation.add_user, second, name=second, title="副教授")
    stage.grant(second, "reviewer", "academia")
    screeners.close(stage, collected)
    screeners.check_all(stage, collected)
    rows = [*screeners.group_rows(), {"person": second, "agency": "國立大學"}]
    stage.complete("ministry_handler", collected, "form_review_group", reviewers=rows)
    screeners.score(stage, "academia", ENTRY, comment="離島服務之成本尚待說明。")
    task = screeners.score_task(stage, "academia_second", ENTRY)
    page = stage.engine.ask(stage.engine.actor(second), task_page, task.id)
    assert "成本尚待說明" not in str(page)
