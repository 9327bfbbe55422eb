"""The ambiguities of the plan's text and how they are decided: one test each, by its number (domain 9).

A4, A5, A10 to A13 and A16 are proven beside the rules of the award and of the commendation.
"""

from dataclasses import replace
from datetime import date

import pytest

from engine.activities.plan_documents import released_version
from engine.demo.story import plan_of_114
from engine.domain.identity import SYSTEM
from engine.plan.amendment import goes_to_bureau
from engine.plan.calendar import load_calendars, work_calendar
from engine.plan.completeness import check_plan
from engine.plan.deadlines import deadline
from engine.plan.differences import diff_plans
from engine.plan.document import Action, Plan
from engine.plan.finding import blocking
from engine.plan.quantification import quantified_percent
from engine.plan.words import with_words
from tests.stories import actors, amending
from tests.stories.actors import KEY
from tests.stories.scenes import cycle_of
from tests.stories.stage import PLAN_KEY, Stage

SCENES = {"reported": actors.draft, "assigned": actors.draft}
LETTER_FIELDS = {"enacting_prefix": "經標高秘字", "enacting_no": "11590000110", "enacting_date": "2026-01-06"}


@pytest.fixture
def reported(stage: Stage) -> int:
    """The signed plan of 115 waits for its letter."""
    cycle = cycle_of(stage)
    actors.sign_all(stage, cycle)
    return cycle


def branch(plan: Plan) -> set[str]:
    return {unit.id for unit in plan.units if unit.kind == "line"}


def test_a1_two_deliveries_and_the_first_is_waived_only_with_its_basis(fresh_stage: Stage) -> None:
    """A1: D1 by K3 and D2 by K4 are two deliveries; an agreement with the bureau is named."""
    fresh_stage.move_to("2025-12-29T09:00")
    instance = fresh_stage.start("result_submission")
    watched = [
        row["elements"][0] for row in actors.results(fresh_stage, instance, "open_results")[0]["watches"]
    ]
    faults = fresh_stage.faults("sec_handler", instance, "compile_d1", waived=True)
    assert (watched, [path for path, _ in faults]) == (["compile_d1", "compile_d2"], ["waiver_basis"])


def test_a2_publication_waits_for_the_reply_unless_the_switch_says_notify(stage: Stage) -> None:
    """A2."""
    gated = actors.reported(stage)
    assert (actors.state_of(stage), stage.tasks(gated, "publish_web")) == ("reported", [])


def test_a2_a_plan_that_is_only_notified_is_published_at_once(stage: Stage) -> None:
    """A2."""
    notified = actors.reported(stage, ack_mode="notify")
    assert len(stage.tasks(notified, "publish_web")) == 1


def test_a3_the_letter_that_enacts_the_one_that_reports_and_the_reply_have_numbers_of_their_own(
    stage: Stage, reported: int
) -> None:
    """A3."""
    actors.dispatch(stage, reported, enacts=False, **LETTER_FIELDS)
    actors.review(stage)
    report = stage.document("report", "1", KEY).body
    reply = stage.document("reply", "1", KEY).body
    ids = (report["enacting_letter_id"], report["letter_id"], reply["letter_id"])
    letters = stage.engine.ask(SYSTEM, lambda reader: [reader.letters.get(id).number for id in ids])
    assert letters == ["11590000110", "11590000470", "11590001230"]


def test_a3_the_letter_that_reports_the_plan_may_enact_it(stage: Stage, reported: int) -> None:
    """A3."""
    actors.dispatch(stage, reported)
    report = stage.document("report", "1", KEY).body
    assert report["enacting_letter_id"] == report["letter_id"]


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"enacting_no": None}, "enacting_no"),
        ({"enacting_date": None}, "enacting_date"),
        ({"enacting_no": "11590000470"}, "enacting_no"),
        ({"enacting_date": "2026-02-01"}, "enacting_date"),
    ],
)
def test_a3_a_letter_of_its_own_is_entered_whole(
    stage: Stage, reported: int, changes: dict[str, str | None], path: str
) -> None:
    """A3."""
    entered = {name: value for name, value in {**LETTER_FIELDS, **changes}.items() if value is not None}
    faults = stage.faults(
        "sec_handler", reported, "dispatch_letter", doc_no="11590000470", doc_date="2026-01-06",
        enacts=False, **entered,
    )  # fmt: skip
    assert [found for found, _ in faults] == [path]


def test_a6_a_day_counts_act_by_the_working_day_before_and_late_is_after_the_next() -> None:
    """A6: 116-12-31 is a day off in lieu."""
    due = deadline(date(2027, 12, 31), work_calendar(load_calendars()))
    assert (due.internal_due_on, due.late_after_on) == (date(2027, 12, 30), date(2028, 1, 3))
    assert (due.is_late(date(2028, 1, 3)), due.is_late(date(2028, 1, 4))) == (False, True)


def test_a7_numbers_after_the_cut_off_are_added_until_d1(fresh_stage: Stage) -> None:
    """A7: the units report by 10 December, the numbers of the rest of the year come with D1."""
    fresh_stage.move_to("2025-12-29T09:00")
    instance = fresh_stage.start("result_submission")
    shown = fresh_stage.shown("sec_handler", instance, "compile_d1")
    assert shown["as_of"] == "2025-12-31"


def test_a8_the_real_plan_passes_with_a_tenth_of_its_actions_quantified() -> None:
    """A8: a number or a reason; the share is only warned of."""
    plan = plan_of_114()
    findings = check_plan(plan, active_reward_rules=("reward_clause:1",))
    assert quantified_percent(plan) < 30
    assert [f.rule for f in blocking(findings) if "quantified" in f.rule] == []


def test_a9_publishing_the_improvement_status_is_a_task_and_no_choice(fresh_stage: Stage) -> None:
    """A9: 得 governs the rewards only; the way to the end leads through the publication."""
    parsed = fresh_stage.engine.ask(
        SYSTEM,
        lambda reader: reader.definitions.parsed(
            reader.definitions.latest("self_assessment").deployment_id
        ),
    )  # fmt: skip
    element = parsed.diagrams["self_assessment"].elements["publish_improvement_status"]
    (incoming,) = [
        flow
        for other in parsed.diagrams["self_assessment"].elements.values()
        for flow in other.outgoing
        if flow.target == element.id
    ]
    assert incoming.condition is None


def test_a14_the_offices_are_line_units() -> None:
    """A14: 各業務單位 includes Kinmen and Penghu."""
    plan = plan_of_114()
    assert {"kinmen", "penghu"} <= branch(plan)
    assert {"kinmen", "penghu"} <= set(plan.method("2.1").units)


def test_a15_an_amendment_is_reported_again_when_it_changes_the_substance() -> None:
    """A15."""
    plan = plan_of_114()
    other_goal = with_words(plan, {"goal": "另訂目標，以提升民眾滿意度為先，並逐年檢討。"})
    comma = with_words(plan, {"1.1.1": plan.action("1.1.1").summary + "。"})
    assert (goes_to_bureau(diff_plans(plan, other_goal)), goes_to_bureau(diff_plans(plan, comma))) == (
        True,
        False,
    )


def test_a15_what_the_bureau_has_not_acknowledged_changes_nothing(fresh_stage: Stage) -> None:
    """A15."""
    stage = amending.begin(fresh_stage)
    before = stage.engine.ask(SYSTEM, released_version, PLAN_KEY).digest
    amending.reported(stage)
    assert stage.engine.ask(SYSTEM, released_version, PLAN_KEY).digest == before


def test_a17_the_damaged_glyphs_are_not_seeded() -> None:
    """A17: the owner fills in what the text lost."""
    assert not any(glyph in action.summary for action in plan_of_114().actions() for glyph in "蠡蠱")


def test_a18_an_action_belongs_to_the_units_of_its_method_until_it_is_assigned() -> None:
    """A18."""
    plan = plan_of_114()
    assert all(
        set(action.owner_units) <= set(method.units) and action.owner_units
        for method in plan.methods()
        for action in method.actions
    )
    assert replace(Action(summary="新作法")).owner_units == ()
