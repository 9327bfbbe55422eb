"""Recusal (迴避): nobody checks, decides or signs a list that names them; somebody else does, on record."""

import pytest

from engine.commands import definitions, organisation
from engine.domain.definition import SourceFile
from engine.domain.identity import SYSTEM
from engine.errors import NotFound, NotPermitted
from tests.stories import actors
from tests.stories import commendation_actors as reward
from tests.stories.commendation_actors import HANDLER, MERITS, outsider, own
from tests.stories.stage import Stage, workflow_files


def levels(stage: Stage, instance: int) -> list[str]:
    return [level["role"] for level in actors.results(stage, instance, "open_round")[-1]["levels"]]


def skipped(stage: Stage, instance: int) -> list[dict[str, object]]:
    return [skip for result in actors.results(stage, instance, "next_level") for skip in result["skipped"]]


def pair(stage: Stage, instance: int, element: str) -> str:
    return stage.task(instance, element).candidates[0].role


def to_sign(stage: Stage, *persons: dict[str, object]) -> int:
    instance = reward.commendation(stage, "finalist")
    reward.to_committee(stage, instance, *persons)
    reward.session(stage, instance)
    return instance


@pytest.mark.parametrize(
    ("named", "element", "taken_by"),
    [("sec_chief", "chief_review", "deputy_director"), ("hr_handler", "hr_check", "hr_chief")],
)
def test_a_list_that_names_who_would_look_at_it_goes_to_somebody_else(
    fresh_stage: Stage, named: str, element: str, taken_by: str
) -> None:
    instance = reward.commendation(fresh_stage, "finalist")
    reward.nominate(fresh_stage, instance, own(named, "main_handler"))
    if element == "hr_check":
        reward.review(fresh_stage, instance)
    stand_ins = actors.results(fresh_stage, instance, "apply_rule")[-1]["stand_ins"]
    assert (pair(fresh_stage, instance, element), len(stand_ins)) == (taken_by, 1)


def test_one_of_two_in_a_role_recuses_and_the_other_takes_the_step(fresh_stage: Stage) -> None:
    fresh_stage.grant("web_owner", "hr_handler", "personnel")
    instance = reward.commendation(fresh_stage, "finalist")
    reward.nominate(fresh_stage, instance, own("hr_handler", "main_handler"))
    reward.review(fresh_stage, instance)
    with pytest.raises(NotPermitted):
        reward.check(fresh_stage, instance, "hr_handler")
    reward.check(fresh_stage, instance, "web_owner")
    assert fresh_stage.open(instance) == ["committee_record"]


def test_a_step_that_only_people_of_the_list_could_take_is_refused_at_the_proposal(
    fresh_stage: Stage,
) -> None:
    instance = reward.commendation(fresh_stage, "finalist")
    everybody = (own("hr_handler", "main_handler"), own("hr_chief", "other_merit"))
    assert reward.faults_of_nomination(fresh_stage, instance, *everybody) == [
        ("", "Everybody who could take the step “人事室審查” is on the list; give its role to somebody else")
    ]


def test_personnel_names_others_who_recuse(fresh_stage: Stage) -> None:
    """The chair is related to somebody on the list: the session is recorded by personnel's chief."""
    instance = reward.commendation(fresh_stage, "finalist")
    reward.nominate(fresh_stage, instance, HANDLER)
    reward.review(fresh_stage, instance)
    reward.check(fresh_stage, instance, recused=["merit_committee"])
    assert pair(fresh_stage, instance, "committee_record") == "hr_chief"


def test_a_level_whose_holders_are_all_named_is_skipped_with_the_reason(fresh_stage: Stage) -> None:
    instance = to_sign(fresh_stage, own("deputy_director", "other_merit"))
    reward.sign_list(fresh_stage, instance, "hr_chief", "director")
    assert skipped(fresh_stage, instance) == [{"no": 1, "label": "副分局長", "reason": "named_on_list"}]


def test_nobody_on_the_list_may_sign_it(fresh_stage: Stage) -> None:
    fresh_stage.grant("web_owner", "deputy_director", "head")
    instance = to_sign(fresh_stage, own("deputy_director", "other_merit"))
    fresh_stage.complete("hr_chief", instance, "sign", decision="approve", opinion="如擬")
    task = fresh_stage.task(instance, "sign")
    with pytest.raises(NotPermitted):
        fresh_stage.complete("deputy_director", instance, "sign", decision="approve")
    fresh_stage.complete("web_owner", instance, "sign", decision="approve", opinion="如擬")
    assert (task.candidates[0].role, task.excluded) == ("deputy_director", ("deputy_director", "hr_chief"))


def test_a_list_with_the_director_is_signed_below_and_goes_to_the_superior(fresh_stage: Stage) -> None:
    instance = to_sign(fresh_stage, own("director", "head"), HANDLER)
    chain = levels(fresh_stage, instance)
    reward.sign_list(fresh_stage, instance, "hr_chief", "deputy_director")
    panel = fresh_stage.content("hr_handler", instance, "report_to_superior").panels["reward_lines"]
    assert (chain, fresh_stage.open(instance), [row["person"] for row in panel]) == (
        ["hr_chief", "deputy_director"],
        ["report_to_superior"],
        ["director", "unit_handler.metrology"],
    )


def test_a_list_with_everybody_who_signs_goes_to_the_superior_unsigned(fresh_stage: Stage) -> None:
    fresh_stage.grant("web_owner", "sec_chief", "secretariat")
    named = tuple(own(user, "other_merit") for user in ("hr_chief", "deputy_director", "director"))
    instance = reward.commendation(fresh_stage, "finalist")
    reward.to_committee(fresh_stage, instance, *named)
    reward.session(fresh_stage, instance)
    assert (fresh_stage.open(instance), actors.results(fresh_stage, instance, "open_round")) == (
        ["report_to_superior"], [],
    )  # fmt: skip


def test_whoever_is_named_may_propose(fresh_stage: Stage) -> None:
    instance = reward.commendation(fresh_stage, "finalist")
    reward.nominate(fresh_stage, instance, own("sec_handler", "main_handler"))
    assert fresh_stage.open(instance) == ["chief_review"]


def test_who_holds_a_signing_role_and_is_named_is_shown_to_personnel(fresh_stage: Stage) -> None:
    instance = reward.commendation(fresh_stage, "finalist")
    reward.nominate(fresh_stage, instance, own("deputy_director", "other_merit"))
    if "choose_grade" in fresh_stage.open(instance):
        reward.choose(fresh_stage, instance)
    reward.review(fresh_stage, instance)
    rows = fresh_stage.shown("hr_handler", instance, "hr_check")["lines"]
    assert [row["recusal"] for row in rows] == ["副分局長"]


def test_the_person_of_the_level_before_does_not_see_the_next_one(fresh_stage: Stage) -> None:
    fresh_stage.engine.execute(
        SYSTEM, organisation.grant, "hr_chief", role="deputy_director", unit="head", valid_from=reward.SINCE
    )
    instance = to_sign(fresh_stage, HANDLER)
    fresh_stage.complete("hr_chief", instance, "sign", decision="approve", opinion="如擬")
    with pytest.raises(NotPermitted):
        fresh_stage.complete("hr_chief", instance, "sign", decision="approve", opinion="如擬")


def test_the_chief_of_the_unit_that_entered_reviews(fresh_stage: Stage) -> None:
    instance = reward.commendation(fresh_stage, "finalist", entrant_kind="unit", entrant="metrology")
    reward.nominate(fresh_stage, instance, HANDLER)
    candidate = fresh_stage.task(instance, "chief_review@metrology").candidates[0]
    assert (candidate.role, candidate.unit) == ("unit_chief", "metrology")


def test_nobody_on_what_is_signed_countersigns_it(fresh_stage: Stage) -> None:
    """A diagram that asks a unit beforehand (並會) about what names its chief: the unit's handler answers."""
    drawn = next(file for file in workflow_files() if file.name == "commendation.bpmn")
    text = drawn.body.decode().replace('"countersign_units": []', '"countersign_units": ["metrology"]')
    changed = SourceFile(name=drawn.name, body=text.encode())
    others = [file for file in workflow_files() if file.name != drawn.name]
    fresh_stage.engine.execute(SYSTEM, definitions.deploy, (changed, *others))
    instance = to_sign(fresh_stage, own("unit_chief.metrology", "head"))
    element = "countersign_opinion@metrology"
    with pytest.raises((NotFound, NotPermitted)):
        fresh_stage.complete("unit_chief.metrology", instance, element, opinion_kind="agree")
    fresh_stage.complete(
        "unit_handler.metrology", instance, element, opinion_kind="disagree", opinion="事蹟不符"
    )
    merging = fresh_stage.task(instance, "merge_opinions@personnel")
    assert merging.excluded == ("unit_chief.metrology",)


@pytest.mark.parametrize("kind", ["civil_servant", "contract"])
def test_whoever_has_an_account_is_not_proposed_by_name(fresh_stage: Stage, kind: str) -> None:
    """The account is what recuses: a name that is written out would let its holder sign."""
    standing = {"standing": "serving"} if kind == "civil_servant" else {}
    typed = {"kind": kind, "name": "ｄｉｒｅｃｔｏｒ ", "relations": ["head"], "merits": MERITS, **standing}
    instance = reward.commendation(fresh_stage, "finalist")
    assert reward.faults_of_nomination(fresh_stage, instance, typed) == [
        ("persons/0/person", "Somebody of the house has this name: choose the account")
    ]


def test_a_namesake_from_elsewhere_recuses_until_personnel_tells_them_apart(fresh_stage: Stage) -> None:
    instance = reward.commendation(fresh_stage, "finalist")
    reward.nominate(fresh_stage, instance, HANDLER, outsider("director", "經濟部", "superior_coach"))
    reward.choose(fresh_stage, instance)
    reward.review(fresh_stage, instance)
    task = fresh_stage.task(instance, "hr_check")
    row = fresh_stage.shown("hr_handler", instance, "hr_check")["lines"][1]
    faults = fresh_stage.faults("hr_handler", instance, "hr_check", result="conforms")
    reward.check(fresh_stage, instance, namesakes_confirmed=True)
    apart = fresh_stage.task(instance, "committee_record").excluded
    assert (task.excluded, row["elsewhere"].startswith("同名：本分局"), faults, apart) == (
        ("director", "unit_handler.metrology"),
        True,
        [
            (
                "namesakes_confirmed",
                "Somebody of the house has this name: confirm that it is another person",
            )
        ],
        ("unit_handler.metrology",),
    )


def test_a_list_that_is_sent_back_tells_nobody_apart(fresh_stage: Stage) -> None:
    instance = reward.commendation(fresh_stage, "finalist")
    reward.nominate(fresh_stage, instance, outsider("sec_chief", "經濟部", "superior_coach"))
    reward.choose(fresh_stage, instance)
    reward.review(fresh_stage, instance, "deputy_director")
    reward.check(fresh_stage, instance, result="return", comment="請補正", namesakes_confirmed=True)
    reward.nominate(fresh_stage, instance, outsider("sec_chief", "經濟部", "superior_coach"))
    reward.choose(fresh_stage, instance)
    assert pair(fresh_stage, instance, "chief_review") == "deputy_director"


def test_nobody_chooses_a_grade_on_a_list_that_names_them(fresh_stage: Stage) -> None:
    """The one who proposes is on the list: the chief chooses, on record."""
    instance = reward.commendation(fresh_stage, "won")
    reward.nominate(fresh_stage, instance, own("sec_handler", "other_merit"))
    task = fresh_stage.task(instance, "choose_grade")
    rows = fresh_stage.shown("sec_chief", instance, "choose_grade")["grades"]
    with pytest.raises(NotPermitted):
        fresh_stage.complete("sec_handler", instance, "choose_grade", grades=rows)
    fresh_stage.complete("sec_chief", instance, "choose_grade", grades=rows)
    noted = actors.results(fresh_stage, instance, "apply_rule")[-1]["stand_ins"]
    assert (task.candidates[0].role, task.excluded, noted, fresh_stage.open(instance)) == (
        "sec_chief",
        ("sec_handler",),
        [{"step": "擇定敘獎額度", "instead": "秘書室主任", "reason": "named_on_list"}],
        ["chief_review"],
    )


def test_a_list_with_fixed_rewards_needs_nobody_to_choose(fresh_stage: Stage) -> None:
    instance = reward.commendation(fresh_stage, "finalist")
    reward.nominate(fresh_stage, instance, own("sec_handler", "main_handler"))
    noted = actors.results(fresh_stage, instance, "apply_rule")[-1]["stand_ins"]
    assert (fresh_stage.open(instance), noted) == (["chief_review"], [])


def test_whoever_chose_the_grades_does_not_review_them(fresh_stage: Stage) -> None:
    """The chief stands in for the secretariat's handler, who is on the list; the deputy reviews."""
    instance = reward.commendation(fresh_stage, "finalist")
    reward.nominate(fresh_stage, instance, own("sec_handler", "other_merit"))
    grades = fresh_stage.shown("sec_chief", instance, "choose_grade")["grades"]
    fresh_stage.complete("sec_chief", instance, "choose_grade", grades=grades)
    task = fresh_stage.task(instance, "chief_review")
    with pytest.raises(NotPermitted):
        reward.review(fresh_stage, instance, "sec_chief")
    reward.review(fresh_stage, instance, "deputy_director")
    assert (task.candidates[0].role, task.excluded) == ("deputy_director", ("sec_chief", "sec_handler"))


def test_a_chooser_who_holds_the_reviewing_role_too_leaves_it_to_another(fresh_stage: Stage) -> None:
    fresh_stage.grant("sec_handler", "sec_chief", "secretariat")
    instance = reward.commendation(fresh_stage, "finalist")
    reward.nominate(fresh_stage, instance, own("unit_handler.kinmen", "other_merit"))
    reward.choose(fresh_stage, instance)
    with pytest.raises(NotPermitted):
        reward.review(fresh_stage, instance, "sec_handler")
    reward.review(fresh_stage, instance, "sec_chief")
    assert fresh_stage.open(instance) == ["hr_check"]


def test_where_nobody_else_could_review_the_choice_is_refused(fresh_stage: Stage) -> None:
    named = ("sec_handler", "deputy_director", "director", "hr_chief")
    instance = reward.commendation(fresh_stage, "finalist")
    reward.nominate(fresh_stage, instance, *(own(user, "other_merit") for user in named))
    grades = fresh_stage.shown("sec_chief", instance, "choose_grade")["grades"]
    assert fresh_stage.faults("sec_chief", instance, "choose_grade", grades=grades) == [
        ("grades", "Only you could review these grades; give that role to somebody else first")
    ]
