"""The ambiguities of the plan's text and how they are decided: one test each, by its number (domain 9).

A4, A5, A10 to A13 and A16 are proven beside the rules of the award and of the commendation.
"""

from dataclasses import replace
from datetime import date

import pytest

from engine.activities.plan_documents import released_version
from engine.clock import TAIPEI
from engine.demo.story import plan_of_114
from engine.domain.history import EventType
from engine.domain.identity import SYSTEM
from engine.plan.amendment import goes_to_bureau
from engine.plan.calendar import load_calendars, work_calendar
from engine.plan.completeness import check_plan
from engine.plan.deadlines import deadline
from engine.plan.differences import diff_plans
from engine.plan.document import Action, Plan, from_json
from engine.plan.finding import blocking
from engine.plan.quantification import quantified_percent
from engine.plan.words import with_words
from tests.stories import actors, amending, delivering
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


def before_deliveries(stage: Stage, weights: str = "119") -> Stage:
    """The units have reported; neither delivery is begun."""
    stage.move_to(delivering.BEFORE_NEW_YEAR)
    stage.engine.execute(SYSTEM, delivering.units_reported, weights)
    return stage


def deliveries(stage: Stage) -> list[str]:
    return stage.engine.ask(SYSTEM, lambda reader: sorted(reader.documents.keys(PLAN_KEY, "delivery")))


def test_a1_both_deliveries_are_made_each_by_its_date_its_way_and_its_signature(fresh_stage: Stage) -> None:
    """A1: the data by K3, signed by the chief; the report by K4, by letter, signed by the director."""
    stage = before_deliveries(fresh_stage)
    instance = delivering.sent(stage)
    after_first = deliveries(stage)
    delivering.dispatched(stage, instance)
    due = actors.results(stage, instance, "open_results")[0]
    letters = stage.engine.ask(SYSTEM, lambda reader: reader.letters.for_plan(PLAN_KEY))
    second = delivering.LETTER["doc_no"]
    events = stage.engine.ask(SYSTEM, lambda reader: reader.history.events(instance))
    acts = [event for event in events if event.type is EventType.TASK_COMPLETED]
    signed = [(event.role, event.element_id) for event in acts if "sign" in str(event.element_id)]
    assert (due["d1_due_on"], due["d2_due_on"]) == ("2026-01-05", "2026-01-20")
    assert (after_first, deliveries(stage)) == (["d1"], ["d1", "d2"])
    assert (stage.document("delivery", "d1").body["receiver"], [letter.number for letter in letters]) == (
        "王小明", [second],
    )  # fmt: skip
    assert (signed[0], signed[-1]) == (("sec_chief", "sign_d1"), ("director", "sign"))


def test_a1_the_bureau_accepts_each_delivery_by_itself(fresh_stage: Stage) -> None:
    """A1: neither stands for the other."""
    stage = before_deliveries(fresh_stage)
    instance = delivering.sent(stage)
    delivering.dispatched(stage, instance)
    ended = []
    for intake in stage.instances("bureau_result_intake"):
        delivering.bureau_checks(stage, intake)
        ended.append(stage.has_ended(instance))
    assert (ended, stage.state()) == ([False, True], "accepted")


def test_a1_the_first_is_waived_only_with_its_basis(fresh_stage: Stage) -> None:
    """A1: an agreement with the bureau is named."""
    fresh_stage.move_to("2025-12-29T09:00")
    instance = fresh_stage.start("result_submission")
    faults = fresh_stage.faults("sec_handler", instance, "compile_d1", waived=True)
    assert faults == [("waiver_basis", "This entry is required")]


def test_a1_where_the_first_is_waived_the_second_is_made_and_accepted(fresh_stage: Stage) -> None:
    """A1: what is waived is not sent, and its basis stays with its numbers."""
    stage, basis = before_deliveries(fresh_stage), "總局秘書室115年1月2日電話紀錄同意併送"
    instance = delivering.frozen(stage, waived=True, waiver_basis=basis)
    stage.move_to(delivering.AFTER_NEW_YEAR)
    delivering.dispatched(stage, instance)
    (intake,) = stage.instances("bureau_result_intake")
    delivering.bureau_checks(stage, intake)
    assert (deliveries(stage), stage.document("d1").body["waiver_basis"]) == (["d2"], basis)
    assert (stage.has_ended(instance), stage.state()) == (True, "accepted")


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


def test_a7_the_units_report_by_the_early_cut_off(fresh_stage: Stage) -> None:
    """A7: the year's assessment begins before the year has ended."""
    fresh_stage.move_to("2025-11-14T10:00")
    instance = fresh_stage.start("self_assessment")
    fresh_stage.complete("sec_handler", instance, "open_assessment")
    due = {task.due_at for task in fresh_stage.tasks(instance, "self_report")}
    assert [at.astimezone(TAIPEI).date() for at in due if at] == [date(2025, 12, 10)]


@pytest.mark.parametrize(
    ("actual", "status", "changed", "signer"),
    [("110", "partly_achieved", 0, "sec_chief"), ("121", "achieved", 1, "director")],
)
def test_a7_numbers_of_the_rest_of_the_year_are_added_until_d1(
    fresh_stage: Stage, actual: str, status: str, changed: int, signer: str
) -> None:
    """A7: without a new round of signatures, unless what is reached changes."""
    stage = before_deliveries(fresh_stage, weights="100")
    late = [{"row": delivering.WEIGHTS, "actual": actual, "reason": "十二月補列"}]
    instance = delivering.compiled(stage, late_changes=late)
    as_of = stage.document("d1").body["as_of"]
    wanted = [candidate.role for candidate in stage.task(instance, "sign_d1").candidates]
    stage.complete(signer, instance, "sign_d1", decision="approve")
    frozen = stage.document("d1").body
    row = next(row for row in frozen["rows"] if row["unit"] == "metrology")
    assert (as_of, wanted, len(frozen["status_changes"])) == ("2025-12-31", [signer], changed)
    assert (row["actual"], row["status"], frozen["late_changes"][0]["reason"]) == (
        actual, status, "十二月補列",
    )  # fmt: skip


def test_a7_what_the_units_reported_stays_as_they_reported_it(fresh_stage: Stage) -> None:
    """A7: the late number stands in D1 beside the unit's own."""
    stage = before_deliveries(fresh_stage, weights="100")
    late = [{"row": delivering.WEIGHTS, "actual": "110", "reason": "十二月補列"}]
    delivering.frozen(stage, late_changes=late)
    assert stage.document("self_report", "metrology").body["rows"][0]["actual"] == "100"


def test_a7_after_d1_a_number_changes_only_in_d2_and_with_its_reason(fresh_stage: Stage) -> None:
    """A7: the top-up ends with D1; D2 begins from its numbers and lists what differs."""
    stage = before_deliveries(fresh_stage, weights="100")
    late = [{"row": delivering.WEIGHTS, "actual": "110", "reason": "十二月補列"}]
    instance = delivering.sent(stage, late_changes=late)
    change = {"row": delivering.WEIGHTS, "actual": "112"}
    faults = stage.faults("sec_handler", instance, "compile_d2", **delivering.SECTIONS, changes=[change])
    delivering.dispatched(stage, instance, changes=[{**change, "reason": "漏列二具"}])
    (difference,) = stage.document("d2").body["differences"]
    assert [path for path, _ in faults] == ["changes/0/reason"]
    assert (stage.open(instance), difference["before"], difference["after"], difference["reason"]) == (
        [], "110", "112", "漏列二具",
    )  # fmt: skip


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


def owners(stage: Stage) -> dict[str, tuple[str, ...]]:
    """The responsible units of every action in the draft of 115."""
    plan = from_json(stage.document("plan", plan_key=KEY).body)
    return {action.id: action.owner_units for action in plan.actions()}


@pytest.mark.parametrize(
    ("units", "expected"),
    [
        (("metrology",), {"1.1.1": ("metrology",), "1.1.2": ("metrology",), "1.1.3": ("metrology",)}),
        (
            ("metrology", "kinmen"),
            {"1.1.1": ("metrology",), "1.1.2": ("kinmen",), "1.1.3": ("metrology", "kinmen")},
        ),
    ],
)
def test_a18_the_unit_of_an_action_is_set_when_the_methods_are_assigned(
    fresh_stage: Stage, units: tuple[str, ...], expected: dict[str, tuple[str, ...]]
) -> None:
    """A18: until then no unit is asked; what belonged to a unit that is not named goes to those who are."""
    stage = actors.begin_year(fresh_stage)
    cycle = actors.start_cycle(stage)
    actors.register(stage, cycle)
    before = stage.open(cycle)
    actors.assign(stage, cycle, units)
    assert (before, stage.open(cycle)) == (
        ["assign_units"], sorted(f"edit_actions@{unit}" for unit in units),
    )  # fmt: skip
    assert owners(stage) == expected


def test_a18_a_method_without_a_unit_is_not_assigned(fresh_stage: Stage) -> None:
    """A18: the text leaves it open, the assignment may not."""
    stage = actors.begin_year(fresh_stage)
    cycle = actors.start_cycle(stage)
    actors.register(stage, cycle)
    row = stage.shown("sec_handler", cycle, "assign_units")["assignments"][0]
    faults = stage.faults("sec_handler", cycle, "assign_units", assignments=[{**row, "units": []}])
    assert [path for path, _ in faults] == ["assignments/0/units"]


def test_a18_an_action_that_a_unit_adds_is_its_own(fresh_stage: Stage) -> None:
    """A18: and no other unit writes it."""
    stage = actors.begin_year(fresh_stage)
    cycle = actors.start_cycle(stage)
    actors.register(stage, cycle)
    actors.assign(stage, cycle)
    shown = stage.shown("unit_handler.kinmen", cycle, "edit_actions@kinmen")["actions"]
    rows = [
        {"evidence_kinds": ["紀錄"], **row, "summary": f"{row['summary']}並公開場次", **actors.qualified(row)}
        for row in shown
    ]
    added = {
        "method": "1.1", "summary": "新增離島到點諮詢服務並公開場次", "target_kind": "narrative",
        "narrative_reason": "視離島廠商需求辦理，無法預估次數", "evidence_kinds": ["辦理紀錄"],
        "handler": "unit_handler.kinmen",
    }  # fmt: skip
    stage.complete(
        "unit_handler.kinmen", cycle, "edit_actions@kinmen", applicable=True, actions=[*rows, added]
    )
    plan = from_json(stage.document("plan", plan_key=KEY).body)
    (new,) = [action for action in plan.actions() if action.summary == added["summary"]]
    assert new.owner_units == ("kinmen",)


def test_a18_the_plan_of_114_names_no_unit_beside_those_of_the_method() -> None:
    """A18."""
    plan = plan_of_114()
    assert all(
        set(action.owner_units) <= set(method.units) and action.owner_units
        for method in plan.methods()
        for action in method.actions
    )
    assert replace(Action(summary="新作法")).owner_units == ()
