"""An outcome that is corrected downwards: the rewards it gave are revoked, what remains is given anew."""

from engine.domain.identity import SYSTEM
from tests.stories import commendation_actors as reward
from tests.stories import entrants
from tests.stories.commendation_actors import CHIEF, HANDLER, outsider, own
from tests.stories.stage import Stage

METROLOGY = "account:unit_handler.metrology"
COACH = outsider("劉國華", "國家發展委員會", "superior_coach")
COACH_KEY = "outside:劉國華@國家發展委員會"


def finalist(stage: Stage, *persons: dict[str, object]) -> None:
    """The rewards of a finalist were given."""
    instance = reward.commendation(stage, "finalist")
    reward.to_order(stage, instance, *persons)
    reward.order(stage, instance, "11500000100")
    if "recommendation_letter" in stage.open(instance):
        reward.recommend(stage, instance)


def corrected(stage: Stage, outcome: str, *persons: dict[str, object]) -> int:
    """The list of the lower outcome is ready for its order."""
    instance = reward.commendation(stage, outcome, 2)
    reward.to_order(stage, instance, *persons)
    return instance


def test_a_lower_outcome_revokes_the_order_and_gives_what_remains(fresh_stage: Stage) -> None:
    finalist(fresh_stage, HANDLER)
    instance = corrected(fresh_stage, "recommended", HANDLER)
    row = fresh_stage.shown("hr_handler", instance, "issue_order")["lines"][0]
    reward.order(fresh_stage, instance, "11500000200")
    assert (row["issue"], reward.story(fresh_stage, METROLOGY)) == (
        "撤銷原令、另發新令",
        [
            ("issued", "記功1次", "11500000100"),
            ("revoked", "記功1次", "11500000100"),
            ("issued", "嘉獎2次", "11500000200"),
        ],
    )


def test_the_fallen_outcome_gives_no_rights_any_more(fresh_stage: Stage) -> None:
    finalist(fresh_stage, HANDLER)
    instance = reward.commendation(fresh_stage, "recommended", 2)
    reward.nominate(fresh_stage, instance, HANDLER)
    line = reward.lines(fresh_stage, 2)["unit_handler.metrology"]
    assert ([fact["outcome"] for fact in line["facts"]], line["grade"]) == (["recommended"], "嘉獎2次")


def test_where_no_right_remains_the_order_is_revoked_alone(fresh_stage: Stage) -> None:
    finalist(fresh_stage, HANDLER, CHIEF)
    instance = corrected(fresh_stage, "not_recommended", HANDLER, CHIEF)
    rows = fresh_stage.shown("hr_handler", instance, "issue_order")["lines"]
    reward.order(fresh_stage, instance, "11500000200")
    assert [(row["issue"], row["remark"]) for row in rows] == [
        ("撤銷原令", "撤銷原令（經標高人字第11500000100號，記功1次）"),
        ("撤銷原令", "撤銷原令（經標高人字第11500000100號，嘉獎2次）"),
    ]
    assert reward.story(fresh_stage, METROLOGY) == [
        ("issued", "記功1次", "11500000100"), ("revoked", "記功1次", "11500000100"),
    ]  # fmt: skip


def test_a_revoked_order_names_the_order_that_revoked_it(fresh_stage: Stage) -> None:
    finalist(fresh_stage, HANDLER)
    reward.order(fresh_stage, corrected(fresh_stage, "not_recommended", HANDLER), "11500000200")
    body = fresh_stage.document("reward", METROLOGY, plan_key=reward.EDITION).body
    assert (body["state"], body["revoked_by"]["number"]) == ("revoked", "11500000200")


def test_everybody_whose_reward_has_fallen_is_proposed_first(fresh_stage: Stage) -> None:
    finalist(fresh_stage, HANDLER, CHIEF)
    instance = reward.commendation(fresh_stage, "not_recommended", 2)
    rows = fresh_stage.shown("sec_handler", instance, "nominate_persons")["persons"]
    assert [(row["person"], row["relations"]) for row in rows] == [
        ("unit_chief.metrology", ["head"]), ("unit_handler.metrology", ["main_handler"]),
    ]  # fmt: skip


def test_nobody_whose_reward_has_fallen_is_forgotten(fresh_stage: Stage) -> None:
    finalist(fresh_stage, HANDLER, CHIEF)
    instance = reward.commendation(fresh_stage, "recommended", 2)
    assert reward.faults_of_nomination(fresh_stage, instance, CHIEF) == [
        ("persons", "The outcome was corrected: name unit_handler.metrology, whose reward is to be revoked")
    ]


def test_a_list_of_the_fallen_outcome_that_is_under_way_gives_nothing(fresh_stage: Stage) -> None:
    first = reward.commendation(fresh_stage, "finalist")
    reward.to_order(fresh_stage, first, HANDLER)
    reward.outcome(fresh_stage, "recommended", 2)
    fresh_stage.complete("hr_handler", first, "issue_order")
    line = reward.lines(fresh_stage)["unit_handler.metrology"]
    assert (line["state"], line["trail"][-1]["words"], reward.story(fresh_stage, METROLOGY)) == (
        "blocked", "參獎結果已更正，本名單不再發布", [],
    )  # fmt: skip


def test_the_agency_of_an_outsider_is_told_what_is_withdrawn(fresh_stage: Stage) -> None:
    finalist(fresh_stage, HANDLER, COACH)
    instance = corrected(fresh_stage, "not_recommended", HANDLER, COACH)
    reward.order(fresh_stage, instance, "11500000200")
    persons = fresh_stage.shown("sec_handler", instance, "recommendation_letter")["letters"][0]["persons"]
    reward.recommend(fresh_stage, instance, 11500000300)
    states = [state for state, _, _ in reward.story(fresh_stage, COACH_KEY)]
    assert (persons, states) == (
        "劉國華 撤回原建議（經標高秘字第11500000040號，嘉獎2次）", ["recommended", "revoked"],
    )  # fmt: skip


def test_a_reward_that_another_entry_gave_stands(fresh_stage: Stage) -> None:
    """It rests on that entry, whose outcome did not fall; the order of the other list has nobody left."""
    finalist(fresh_stage, HANDLER)
    reward.outcome(fresh_stage, "finalist", 1, reward.OTHER_ENTRY)
    second = reward.commendation(fresh_stage, "not_recommended", 2, reward.OTHER_ENTRY)
    reward.to_order(fresh_stage, second, HANDLER)
    assert (fresh_stage.has_ended(second), reward.story(fresh_stage, METROLOGY)) == (
        True, [("issued", "記功1次", "11500000100")],
    )  # fmt: skip


def test_a_reward_that_the_fallen_one_held_back_is_given_in_its_place(fresh_stage: Stage) -> None:
    """Another entry gives less than the order that is out, so its line was blocked; nobody ends with none."""
    finalist(fresh_stage, HANDLER)
    blocked = reward.commendation(fresh_stage, "recommended", key=reward.OTHER_ENTRY)
    reward.to_order(fresh_stage, blocked, HANDLER)
    held = reward.lines(fresh_stage, key=reward.OTHER_ENTRY)["unit_handler.metrology"]["state"]
    instance = corrected(fresh_stage, "not_recommended", HANDLER)
    reward.order(fresh_stage, instance, "11500000200")
    assert (held, reward.story(fresh_stage, METROLOGY)) == (
        "blocked",
        [
            ("issued", "記功1次", "11500000100"),
            ("revoked", "記功1次", "11500000100"),
            ("issued", "嘉獎2次", "11500000200"),
        ],
    )


def test_what_the_committee_refused_elsewhere_is_not_given_afterwards(fresh_stage: Stage) -> None:
    """不予敘獎 was a decision on that entry, not a reward that a higher one held back."""
    finalist(fresh_stage, HANDLER)
    refused = reward.commendation(fresh_stage, "recommended", key=reward.OTHER_ENTRY)
    reward.to_committee(fresh_stage, refused, own("unit_handler.kinmen", "other_merit"))
    reward.session(fresh_stage, refused, unit_handler_kinmen={"decision": "change", "grade": "none"})
    reward.sign_list(fresh_stage, refused)
    instance = corrected(fresh_stage, "not_recommended", HANDLER, own("unit_handler.kinmen", "other_merit"))
    line = reward.lines(fresh_stage, 2)["unit_handler.kinmen"]
    assert (fresh_stage.open(instance), [fact["outcome"] for fact in line["facts"]]) == (
        ["issue_order"], ["not_recommended"],
    )  # fmt: skip


def test_the_entry_starts_the_list_that_revokes(stage: Stage) -> None:
    """A finalist was rewarded, awaits the award, and is then not recommended after all."""
    entry = entrants.recommended(stage)
    entrants.schedule(stage, entry)
    entrants.record_result(stage, entry, "finalist", "11500000930", awaits_award=True)
    (first,) = (child.id for child in stage.engine.ask(SYSTEM, lambda r: r.instances.children(entry)))
    reward.to_order(stage, first, HANDLER)
    reward.order(stage, first, "11500000100")
    entrants.look_on(stage, entry)
    entrants.record_result(
        stage, entry, "not_recommended", "11500000940", change_reason="經國發會撤銷薦送資格"
    )
    children = stage.engine.ask(SYSTEM, lambda r: r.instances.children(entry))
    assert [stage.open(child.id) for child in children] == [[], ["nominate_persons"]]
