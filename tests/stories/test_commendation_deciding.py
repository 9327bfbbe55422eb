"""Commendation (敘獎), stage 10: committee, signers, superior agency, order, and who is told."""

import pytest

from engine.commands import definitions
from engine.domain.definition import SourceFile
from engine.errors import NotPermitted
from tests.stories import commendation_actors as reward
from tests.stories import entrants
from tests.stories.commendation_actors import BUREAU, CHIEF, HANDLER, HELPER, outsider
from tests.stories.stage import Stage, workflow_files


def grades(stage: Stage, no: int = 1) -> dict[str, str]:
    return {person: line["grade"] for person, line in reward.lines(stage, no).items()}


def states(stage: Stage, no: int = 1) -> dict[str, str]:
    return {person: line["state"] for person, line in reward.lines(stage, no).items()}


def at_committee(stage: Stage, result: str = "finalist") -> int:
    instance = reward.commendation(stage, result)
    reward.to_committee(stage, instance, CHIEF, HELPER)
    return instance


def test_the_committee_changes_within_the_bounds(fresh_stage: Stage) -> None:
    instance = at_committee(fresh_stage)
    reward.session(fresh_stage, instance, unit_handler_kinmen={"decision": "change", "grade": "嘉獎1次"})
    assert grades(fresh_stage) == {"unit_chief.metrology": "嘉獎2次", "unit_handler.kinmen": "嘉獎1次"}


def test_the_committee_cannot_change_a_fixed_reward(fresh_stage: Stage) -> None:
    instance = reward.commendation(fresh_stage, "finalist")
    reward.to_committee(fresh_stage, instance, HANDLER, CHIEF)
    rows = fresh_stage.shown("merit_committee", instance, "committee_record")["lines"]
    lowered = [{**rows[0], "decision": "change", "grade": "嘉獎2次"}, rows[1]]
    faults = fresh_stage.faults(
        "merit_committee", instance, "committee_record", lines=lowered, met_on="2025-01-06", session="第1次",
        attendance=5, minutes=[reward.pdf(fresh_stage, "merit_committee")],
    )  # fmt: skip
    assert faults == [("lines/0/grade", "Clause 柒.二(二) fixes 記功1次")]


def test_a_session_is_held_with_people_and_minutes_before_it_is_entered(fresh_stage: Stage) -> None:
    instance = at_committee(fresh_stage)
    faults = fresh_stage.faults(
        "merit_committee", instance, "committee_record", met_on="2025-01-06", session="第1次", attendance=0
    )
    minutes = [reward.pdf(fresh_stage, "merit_committee")]
    ahead = fresh_stage.faults(
        "merit_committee", instance, "committee_record", met_on="2025-02-06", session="第1次", attendance=5,
        minutes=minutes,
    )  # fmt: skip
    assert ([path for path, _ in faults], ahead) == (
        ["attendance", "minutes"], [("met_on", "This date cannot lie in the future")],
    )  # fmt: skip


def test_a_deferred_line_waits_for_the_next_session_while_the_others_go_on(fresh_stage: Stage) -> None:
    instance = at_committee(fresh_stage)
    reward.session(fresh_stage, instance, unit_handler_kinmen="defer")
    reward.sign_list(fresh_stage, instance)
    reward.order(fresh_stage, instance)
    after_first = (fresh_stage.open(instance), states(fresh_stage))
    reward.session(fresh_stage, instance, no="115年第4次")
    reward.sign_list(fresh_stage, instance)
    reward.order(fresh_stage, instance, "11500000011")
    assert after_first == (
        ["committee_record"], {"unit_chief.metrology": "ordered", "unit_handler.kinmen": "deferred"},
    )  # fmt: skip
    assert (fresh_stage.has_ended(instance), states(fresh_stage)) == (
        True, {"unit_chief.metrology": "ordered", "unit_handler.kinmen": "ordered"},
    )  # fmt: skip


def test_when_every_line_is_deferred_the_committee_meets_again(fresh_stage: Stage) -> None:
    instance = at_committee(fresh_stage)
    reward.session(fresh_stage, instance, unit_handler_kinmen="defer", unit_chief_metrology="defer")
    assert (fresh_stage.open(instance), set(states(fresh_stage).values())) == (
        ["committee_record"], {"deferred"},
    )  # fmt: skip


def test_a_returned_list_shows_the_persons_again(fresh_stage: Stage) -> None:
    instance = reward.commendation(fresh_stage, "finalist")
    reward.nominate(fresh_stage, instance, HANDLER)
    fresh_stage.complete(
        "sec_chief", instance, "chief_review", decision="return", return_reason=["incomplete"],
        opinion="請補其他有功人員",
    )  # fmt: skip
    rows = fresh_stage.shown("sec_handler", instance, "nominate_persons")["persons"]
    reward.nominate(fresh_stage, instance, HELPER)
    dropped = fresh_stage.document(
        "reward_line", f"account:unit_handler.metrology|{reward.ENTRY}|1", plan_key=reward.EDITION
    ).body
    assert (rows, dropped["state"], list(grades(fresh_stage))) == (
        [HANDLER], "dropped", ["unit_handler.kinmen"],
    )  # fmt: skip


def test_personnel_returns_a_list_with_the_reason(fresh_stage: Stage) -> None:
    instance = reward.commendation(fresh_stage, "finalist")
    reward.nominate(fresh_stage, instance, HANDLER)
    reward.review(fresh_stage, instance)
    faults = fresh_stage.faults("hr_handler", instance, "hr_check", result="return")
    reward.check(fresh_stage, instance, result="return", comment="請確認身分")
    assert (faults, fresh_stage.open(instance)) == (
        [("comment", "This entry is required")], ["nominate_persons"],
    )  # fmt: skip


def test_a_list_that_a_signer_returns_is_proposed_again(fresh_stage: Stage) -> None:
    instance = at_committee(fresh_stage)
    reward.session(fresh_stage, instance)
    fresh_stage.complete(
        "hr_chief", instance, "sign", decision="return", return_to="handler", return_reason=["incomplete"],
        opinion="請補會議紀錄",
    )  # fmt: skip
    rows = fresh_stage.shown("sec_handler", instance, "nominate_persons")["persons"]
    assert (fresh_stage.open(instance), [row["person"] for row in rows]) == (
        ["nominate_persons"], ["unit_chief.metrology", "unit_handler.kinmen"],
    )  # fmt: skip


def test_who_signs_reads_every_person_with_clause_and_bounds(fresh_stage: Stage) -> None:
    instance = at_committee(fresh_stage)
    reward.session(fresh_stage, instance)
    panels = fresh_stage.content("hr_chief", instance, "sign").panels
    assert [
        (row["person"], row["clause"], row["bounds"], row["grade"]) for row in panels["reward_lines"]
    ] == [
        ("unit_chief.metrology", "柒.二(二)", "最高嘉獎2次", "嘉獎2次"),
        ("unit_handler.kinmen", "柒.二(二)", "最高嘉獎2次", "嘉獎2次"),
    ]


def test_a_major_merit_goes_to_the_superior_agency(fresh_stage: Stage) -> None:
    instance = reward.commendation(fresh_stage, "won")
    reward.to_order(fresh_stage, instance, HANDLER, CHIEF)
    opened = fresh_stage.open(instance)
    panel = fresh_stage.content("hr_handler", instance, "report_to_superior").panels["reward_lines"]
    reward.report(fresh_stage, instance)
    reward.reply(fresh_stage, instance)
    assert (opened, [row["person"] for row in panel], fresh_stage.open(instance)) == (
        ["report_to_superior"], ["unit_handler.metrology"], ["issue_order"],
    )  # fmt: skip


def test_what_the_superior_declines_is_not_in_the_order(fresh_stage: Stage) -> None:
    instance = reward.commendation(fresh_stage, "won")
    reward.to_order(fresh_stage, instance, HANDLER, CHIEF)
    reward.report(fresh_stage, instance)
    reward.reply(fresh_stage, instance, unit_handler_metrology="decline")
    reward.order(fresh_stage, instance)
    assert states(fresh_stage) == {"unit_handler.metrology": "declined", "unit_chief.metrology": "ordered"}


def test_the_superior_decides_within_the_bounds_as_well(fresh_stage: Stage) -> None:
    instance = reward.commendation(fresh_stage, "won")
    reward.to_order(fresh_stage, instance, HANDLER, outsider("劉國華", BUREAU, "superior_coach"))
    reward.report(fresh_stage, instance)
    rows = fresh_stage.shown("hr_handler", instance, "superior_reply")["lines"]
    raised = [rows[0], {**rows[1], "decision": "change", "grade": "記大功1次"}]
    today = reward.today(fresh_stage)
    faults = fresh_stage.faults(
        "hr_handler", instance, "superior_reply", issuer="bureau", doc_no="11400000030", doc_date=today,
        doc_type="letter", received_on=today, speed="normal", subject="復如說明", lines=raised,
        attachments=[reward.pdf(fresh_stage, "hr_handler")],
    )  # fmt: skip
    assert faults == [("lines/1/grade", "記大功1次 is more than 記功1次")]


def test_people_of_the_bureau_are_rewarded_by_the_bureau(fresh_stage: Stage) -> None:
    instance = reward.commendation(fresh_stage, "recommended")
    reward.to_order(fresh_stage, instance, outsider("劉國華", BUREAU, "bureau_coach"))
    opened = fresh_stage.open(instance)
    reward.report(fresh_stage, instance)
    reward.reply(fresh_stage, instance)
    assert (opened, states(fresh_stage), fresh_stage.has_ended(instance)) == (
        ["report_to_superior"], {"劉國華": "lettered"}, True,
    )  # fmt: skip


def test_an_order_number_is_used_once(fresh_stage: Stage) -> None:
    first = at_committee(fresh_stage)
    reward.session(fresh_stage, first)
    reward.sign_list(fresh_stage, first)
    reward.order(fresh_stage, first, "11400000010")
    second = reward.commendation(fresh_stage, "recommended", key=reward.OTHER_ENTRY)
    reward.to_order(fresh_stage, second, HANDLER)
    faults = fresh_stage.faults(
        "hr_handler", second, "issue_order", doc_no="11400000010", doc_date=reward.today(fresh_stage)
    )
    assert faults == [("doc_no", "This number of this sender is in the register already")]


def test_an_order_is_not_dated_ahead(fresh_stage: Stage) -> None:
    instance = at_committee(fresh_stage)
    reward.session(fresh_stage, instance)
    reward.sign_list(fresh_stage, instance)
    faults = fresh_stage.faults(
        "hr_handler", instance, "issue_order", doc_no="11400000010", doc_date="2025-02-01"
    )
    assert faults == [("doc_date", "The date of a letter cannot lie in the future")]


def test_everybody_in_the_order_with_an_account_is_told(fresh_stage: Stage) -> None:
    instance = at_committee(fresh_stage)
    reward.session(fresh_stage, instance)
    reward.sign_list(fresh_stage, instance)
    reward.order(fresh_stage, instance)
    told = [user for user, label in fresh_stage.mailed() if label == "獎懲令"]
    assert told == ["unit_chief.metrology", "unit_handler.kinmen"]


def test_a_later_round_with_letters_only_tells_nobody_of_the_order_again(fresh_stage: Stage) -> None:
    instance = reward.commendation(fresh_stage, "finalist")
    reward.to_committee(fresh_stage, instance, CHIEF, outsider("陳大文", "經濟部", "superior_coach"))
    reward.session(fresh_stage, instance, 陳大文="defer")
    reward.sign_list(fresh_stage, instance)
    reward.order(fresh_stage, instance)
    reward.session(fresh_stage, instance, no="115年第4次")
    reward.sign_list(fresh_stage, instance)
    reward.recommend(fresh_stage, instance)
    told = [user for user, label in fresh_stage.mailed() if label == "獎懲令"]
    assert (told, fresh_stage.has_ended(instance)) == (["unit_chief.metrology"], True)


def test_the_team_and_the_coaches_of_the_entry_are_proposed_at_first(fresh_stage: Stage) -> None:
    instance = reward.commendation(
        fresh_stage,
        team=[{"person": "unit_handler.metrology", "unit": "metrology", "relation": "main_handler"}],
        coaches=[{"name": "劉國華", "agency": BUREAU, "relation": "bureau_coach"}],
    )
    rows = fresh_stage.shown("sec_handler", instance, "nominate_persons")["persons"]
    assert rows == [
        {"kind": "civil_servant", "standing": "serving", "person": "unit_handler.metrology",
         "relations": ["main_handler"]},
        {"kind": "other_agency", "name": "劉國華", "agency": BUREAU, "relations": ["bureau_coach"]},
    ]  # fmt: skip


def test_only_personnel_checks_a_list(fresh_stage: Stage) -> None:
    instance = reward.commendation(fresh_stage, "finalist")
    reward.nominate(fresh_stage, instance, HANDLER)
    reward.review(fresh_stage, instance)
    with pytest.raises(NotPermitted):
        reward.check(fresh_stage, instance, "sec_handler")


def won_entry(stage: Stage) -> None:
    """An entry that became a finalist, and then won."""
    entry = entrants.recommended(stage)
    entrants.schedule(stage, entry)
    entrants.record_result(stage, entry, "finalist", "11500000930", awaits_award=True)
    entrants.look_on(stage, entry)
    entrants.record_result(stage, entry, "won", "11500000940")


SCENES = {"rewarded": won_entry}


@pytest.fixture
def rewarded(stage: Stage) -> list[int]:
    """The reward lists of the entry, oldest first."""
    return sorted(lists_of(stage))


def test_each_outcome_that_gives_rights_starts_a_reward_list(rewarded: list[int], stage: Stage) -> None:
    shown = [stage.shown("sec_handler", number, "nominate_persons") for number in rewarded]
    assert [(values["outcome"], [row["relations"] for row in values["persons"]]) for values in shown] == [
        ("入圍實地訪查", [["main_handler"], ["head"], ["bureau_coach"]]),
        ("得獎", [["main_handler"], ["head"], ["bureau_coach"]]),
    ]


def test_a_recommendation_gives_its_reward_when_nothing_higher_came(stage: Stage) -> None:
    entry = entrants.recommended(stage)
    before = lists_of(stage)
    entrants.schedule(stage, entry)
    entrants.record_result(stage, entry, "recommended", "11500000930")
    assert (before, len(lists_of(stage))) == ([], 1)


def lists_of(stage: Stage) -> list[int]:
    found = stage.engine.ask(reward.SYSTEM, lambda reader: reader.instances.of_plan(entrants.ENTRY))
    return [instance.id for instance in found if instance.definition_key == "commendation"]


def test_a_changed_table_rules_for_lists_that_begin_after_it(fresh_stage: Stage) -> None:
    """A11 is decided in the table: here the bureau's coaches are rewarded without a recommendation, too."""
    table = next(file for file in workflow_files() if file.name == "reward_clause.dmn")
    text = table.body.decode().replace('in ["won", "finalist", "recommended"]', "-", 1)
    text = text.replace(
        '<inputEntry id="rule_14_relation">\n          <text>-</text>',
        '<inputEntry id="rule_14_relation">\n          <text>!= "bureau_coach"</text>',
    )
    changed = SourceFile(name=table.name, body=text.encode())
    others = [file for file in workflow_files() if file.name != table.name]
    fresh_stage.engine.execute(reward.SYSTEM, definitions.deploy, (changed, *others))
    instance = reward.commendation(fresh_stage, "not_recommended")
    reward.nominate(fresh_stage, instance, outsider("劉國華", BUREAU, "bureau_coach"))
    assert grades(fresh_stage) == {"劉國華": "嘉獎1次"}
