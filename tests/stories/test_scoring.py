"""The ministry's review group (初評小組), stage 9: blind scores, ranking, recommendation."""

from typing import Any

import pytest

from engine.commands import organisation, tasks
from engine.domain.history import EventType
from engine.domain.identity import SYSTEM
from engine.domain.task import may_see
from engine.errors import NotFound
from engine.plan.vocabulary import BUREAU
from engine.queries.instances import page as instance_page
from engine.queries.task_page import task_page
from tests.stories import actors, entrants, screeners
from tests.stories.entrants import ENTRY
from tests.stories.screeners import BRANCH, KEY, OTHER, OUTSIDE_ENTRY, WITHDRAWAL
from tests.stories.stage import Stage

SCENES = screeners.SCENES


def score_of(stage: Stage, unit: str, entry: str = ENTRY) -> Any:
    return stage.document("award_score", f"{entry}|reviewer.{unit}", plan_key=KEY)


def verdicts(stage: Stage, screening: int, verdict: str) -> list[dict[str, Any]]:
    """The same verdict on every entry."""
    shown = stage.shown("ministry_approver", screening, "recommend_decision")["recommendations"]
    return [{**row, "verdict": verdict} for row in shown]


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


@pytest.mark.parametrize(
    "agency", ["標檢局臺南分局", "經濟部　標準檢驗局　台南分局", "臺南分局", f"{OTHER}（第一課）"]
)
def test_the_own_agency_is_known_however_it_is_written(collected: int, stage: Stage, agency: str) -> None:
    screeners.close(stage, collected)
    screeners.check_all(stage, collected)
    rows = screeners.group_rows(agencies=agency)
    stage.complete("ministry_handler", collected, "form_review_group", reviewers=rows)
    pairs = [task.inputs["scoring"] for task in stage.tasks(collected, "score_entry")]
    assert [pair["entry_key"] for pair in pairs if pair["reviewer"] == "reviewer.agencies"] == [ENTRY]


def test_who_belongs_to_the_bureau_scores_no_entry_of_it(stage: Stage) -> None:
    """The declared agency does not hide the real one, of the bureau as of the branch."""
    screening = screeners.surveyed(stage)
    screeners.enter(stage)
    bureau = {**screeners.OUTSIDE, "agency": BUREAU, "entrant_label": BUREAU}
    stage.act("ministry_handler", screening, "register_outside_entry", **bureau)
    screeners.add_reviewer(stage, "from_bureau")
    stage.grant("from_bureau", "bureau_sec_handler", "bureau")
    screeners.close(stage, screening)
    screeners.check_all(stage, screening)
    rows = [*screeners.group_rows(), {"person": "from_bureau", "agency": "學會"}]
    stage.complete("ministry_handler", screening, "form_review_group", reviewers=rows)
    scored = [task.inputs["scoring"] for task in stage.tasks(screening, "score_entry")]
    assert [s["entry_key"] for s in scored if s["reviewer"] == "from_bureau"] == [ENTRY]


@pytest.mark.parametrize(("agency", "path"), [(None, "agency"), ("標檢局高雄分局", "agency")])
def test_nobody_of_the_entrants_agency_takes_an_entry_over(
    grouped: int, stage: Stage, agency: str | None, path: str
) -> None:
    """A substitute says of which agency they are, because no group has said it."""
    screeners.add_reviewer(stage, "substitute")
    screeners.add_reviewer(stage, "from_kinmen")
    stage.grant("from_kinmen", "unit_handler", "kinmen")
    task = screeners.score_task(stage, "academia", ENTRY)
    stage.complete_task("reviewer.academia", task, conflict_of_interest=True, conflict_reason="曾輔導本案")
    offered = [
        person for person, _ in stage.content("ministry_handler", grouped, "hand_on").choices["reviewers"]
    ]
    named = {"reviewer": "substitute", **({"agency": agency} if agency else {})}
    faults = stage.faults("ministry_handler", grouped, "hand_on", **named)
    assert (offered, [found for found, _ in faults]) == (["substitute"], [path])


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
    stage.complete("ministry_handler", grouped, "hand_on", reviewer="substitute", agency="國立大學")
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
