"""One reward per person and edition (柒.二(五)): several entries, earlier outcomes, orders that exist."""

from engine.domain.identity import SYSTEM
from tests.stories import commendation_actors as reward
from tests.stories.commendation_actors import BUREAU, CHIEF, ENTRY, HANDLER, OTHER_ENTRY, outsider, own
from tests.stories.stage import Stage

METROLOGY = "account:unit_handler.metrology"
HEAD = "account:unit_chief.metrology"


def finished(
    stage: Stage, result: str, *persons: dict[str, object], no: int = 1, key: str = ENTRY, number: str
) -> int:
    """A list that went to its order."""
    instance = reward.commendation(stage, result, no, key)
    reward.to_order(stage, instance, *persons)
    if "report_to_superior" in stage.open(instance):
        reward.report(stage, instance, f"{int(number) + 1}")
        reward.reply(stage, instance, f"{int(number) + 2}")
    reward.order(stage, instance, number)
    return instance


def test_a_finalist_who_later_wins_gets_a_new_order_in_place_of_the_first(fresh_stage: Stage) -> None:
    finished(fresh_stage, "finalist", HANDLER, number="11500000100")
    finished(fresh_stage, "won", HANDLER, no=2, number="11500000200")
    assert reward.story(fresh_stage, METROLOGY) == [
        ("issued", "記功1次", "11500000100"),
        ("revoked", "記功1次", "11500000100"),
        ("issued", "記大功1次", "11500000200"),
    ]


def test_the_order_says_that_it_revokes_the_first(fresh_stage: Stage) -> None:
    finished(fresh_stage, "finalist", HANDLER, number="11500000100")
    instance = reward.commendation(fresh_stage, "won", 2)
    reward.to_order(fresh_stage, instance, HANDLER)
    reward.report(fresh_stage, instance)
    reward.reply(fresh_stage, instance)
    rows = fresh_stage.shown("hr_handler", instance, "issue_order")["lines"]
    assert [(row["issue"], row["remark"]) for row in rows] == [
        ("撤銷原令、另發新令", "撤銷原令（經標高人字第11500000100號，記功1次），另發新令")
    ]


def test_what_a_new_order_replaces_stands_in_the_new_one(fresh_stage: Stage) -> None:
    finished(fresh_stage, "finalist", HANDLER, number="11500000100")
    finished(fresh_stage, "won", HANDLER, no=2, number="11500000200")
    body = fresh_stage.document("reward", METROLOGY, plan_key=reward.EDITION).body
    assert (body["revokes"]["number"], body["grade"]) == ("11500000100", "記大功1次")


def test_an_equal_reward_of_the_edition_is_blocked_with_the_reason(fresh_stage: Stage) -> None:
    finished(fresh_stage, "recommended", HANDLER, number="11500000100")
    second = reward.commendation(fresh_stage, "recommended", key=OTHER_ENTRY)
    reward.to_order(fresh_stage, second, HANDLER)
    line = reward.lines(fresh_stage, key=OTHER_ENTRY)["unit_handler.metrology"]
    assert (line["state"], line["trail"][-1]["words"], fresh_stage.has_ended(second)) == (
        "blocked", "同屆已核給嘉獎2次（經標高人字第11500000100號），不得重複敘獎", True,
    )  # fmt: skip


def test_a_lower_reward_of_the_edition_is_blocked(fresh_stage: Stage) -> None:
    finished(fresh_stage, "finalist", CHIEF, number="11500000100")
    second = reward.commendation(fresh_stage, "recommended", key=OTHER_ENTRY)
    reward.nominate(fresh_stage, second, CHIEF)
    reward.choose(fresh_stage, second, unit_chief_metrology="嘉獎1次")
    reward.review(fresh_stage, second)
    reward.check(fresh_stage, second)
    reward.session(fresh_stage, second)
    reward.sign_list(fresh_stage, second)
    assert reward.story(fresh_stage, HEAD) == [("issued", "嘉獎2次", "11500000100")]


def test_several_entries_of_an_edition_give_one_reward_the_highest(fresh_stage: Stage) -> None:
    """Main handler of an entry that was recommended and other merit of one that won."""
    first = reward.commendation(fresh_stage, "recommended", key=OTHER_ENTRY)
    reward.nominate(fresh_stage, first, HANDLER)
    second = reward.commendation(fresh_stage, "won")
    reward.nominate(fresh_stage, second, own("unit_handler.metrology", "other_merit"))
    line = reward.lines(fresh_stage)["unit_handler.metrology"]
    assert (line["cap"], line["floor"], line["clause"], line["mode"]) == (
        "記功1次", "嘉獎2次", "柒.二(一)", "at_most",
    )  # fmt: skip
    assert [(fact["outcome"], fact["relation"]) for fact in line["facts"]] == [
        ("won", "other_merit"), ("recommended", "main_handler"),
    ]  # fmt: skip


def test_two_rewards_of_the_same_weight_are_not_added(fresh_stage: Stage) -> None:
    first = reward.commendation(fresh_stage, "recommended", key=OTHER_ENTRY)
    reward.nominate(fresh_stage, first, HANDLER)
    second = reward.commendation(fresh_stage, "recommended")
    reward.nominate(fresh_stage, second, HANDLER)
    assert reward.lines(fresh_stage)["unit_handler.metrology"]["cap"] == "嘉獎2次"


def test_a_lower_list_that_is_still_under_way_leaves_the_person_to_the_higher_one(
    fresh_stage: Stage,
) -> None:
    """The first order was not issued yet when the entry won: the higher reward is used, once."""
    first = reward.commendation(fresh_stage, "finalist")
    reward.to_committee(fresh_stage, first, HANDLER, CHIEF)
    second = reward.commendation(fresh_stage, "won", 2)
    reward.to_committee(fresh_stage, second, HANDLER)
    reward.session(fresh_stage, first)
    reward.sign_list(fresh_stage, first)
    reward.order(fresh_stage, first, "11500000100")
    states = {person: line["state"] for person, line in reward.lines(fresh_stage).items()}
    assert (states, reward.story(fresh_stage, METROLOGY)) == (
        {"unit_handler.metrology": "blocked", "unit_chief.metrology": "ordered"}, [],
    )  # fmt: skip


def test_another_edition_stands_for_itself(fresh_stage: Stage) -> None:
    finished(fresh_stage, "finalist", HANDLER, number="11500000100")
    reward.entry(fresh_stage, "award:116:bsmi_khh")
    reward.outcome(fresh_stage, "recommended", key="award:116:bsmi_khh")
    other = fresh_stage.start(
        "commendation", plan_key="award:116:bsmi_khh", entry_key="award:116:bsmi_khh",
        edition_key="award:116", award_year=116, outcome_no=1,
    )  # fmt: skip
    reward.nominate(fresh_stage, other, HANDLER)
    line = reward.lines(fresh_stage, key="award:116:bsmi_khh")["unit_handler.metrology"]
    assert (line["cap"], line["clause"]) == ("嘉獎2次", "柒.二(三)")


def test_an_order_that_came_out_meanwhile_is_seen_before_the_next_one(fresh_stage: Stage) -> None:
    """Two lists wait for their orders at once: what is equal then is left out, and the step can still end."""
    first = reward.commendation(fresh_stage, "recommended", key=OTHER_ENTRY)
    reward.to_order(fresh_stage, first, HANDLER)
    second = reward.commendation(fresh_stage, "recommended")
    reward.to_order(fresh_stage, second, HANDLER)
    reward.order(fresh_stage, first, "11500000100")
    shown = fresh_stage.shown("hr_handler", second, "issue_order")
    fresh_stage.complete("hr_handler", second, "issue_order")
    assert (shown["outcome"], shown["lines"][0]["issue"], fresh_stage.has_ended(second)) == (
        "nothing", "不列入", True,
    )  # fmt: skip
    assert reward.story(fresh_stage, METROLOGY) == [("issued", "嘉獎2次", "11500000100")]


def test_personnel_sees_the_other_lines_of_a_person_in_the_edition(fresh_stage: Stage) -> None:
    finished(fresh_stage, "recommended", HANDLER, key=OTHER_ENTRY, number="11500000100")
    second = reward.commendation(fresh_stage, "finalist")
    reward.nominate(fresh_stage, second, HANDLER)
    reward.review(fresh_stage, second)
    rows = fresh_stage.shown("hr_handler", second, "hr_check")["lines"]
    assert rows[0]["elsewhere"] == (
        "同屆已核給嘉獎2次（經標高人字第11500000100號）；同屆另列於薦送未入圍名單（擇一最高）"
    )


def test_people_of_one_name_are_told_apart_by_personnel(fresh_stage: Stage) -> None:
    first = reward.commendation(fresh_stage, "recommended", key=OTHER_ENTRY)
    reward.nominate(fresh_stage, first, outsider("劉國華", BUREAU, "bureau_coach"))
    second = reward.commendation(fresh_stage, "recommended")
    reward.nominate(fresh_stage, second, outsider("劉國華", "經濟部", "superior_coach"))
    reward.choose(fresh_stage, second)
    reward.review(fresh_stage, second)
    faults = fresh_stage.faults("hr_handler", second, "hr_check", result="conforms")
    reward.check(fresh_stage, second, namesakes_confirmed=True)
    assert (faults, fresh_stage.open(second)) == (
        [
            (
                "namesakes_confirmed",
                "Somebody of this name stands in the edition: confirm that it is another person",
            )
        ],
        ["committee_record"],
    )


def test_a_coach_of_the_bureau_who_is_also_a_superior_coach_has_a_floor(fresh_stage: Stage) -> None:
    """A10: two relations; the higher one counts, and 嘉獎1次 is certain."""
    instance = reward.commendation(fresh_stage, "won")
    reward.nominate(fresh_stage, instance, outsider("劉國華", BUREAU, "bureau_coach", "superior_coach"))
    line = reward.lines(fresh_stage)["劉國華"]
    assert (line["cap"], line["floor"], line["clause"]) == ("記功1次", "嘉獎1次", "柒.二(一)")


OUTSIDER = outsider("陳大文", "經濟部", "superior_coach")
OUTSIDER_KEY = "outside:陳大文@經濟部"
COACH = outsider("劉國華", BUREAU, "bureau_coach")
COACH_KEY = f"outside:劉國華@{BUREAU}"


def two_letters_due(stage: Stage) -> tuple[int, int]:
    """One outsider stands on the list of an entry that was recommended, and on that of one that won."""
    low = reward.commendation(stage, "recommended", key=OTHER_ENTRY)
    reward.to_order(stage, low, OUTSIDER)
    high = reward.commendation(stage, "won")
    reward.to_order(stage, high, OUTSIDER)
    return low, high


def test_a_higher_recommendation_is_not_replaced_by_a_lower_one(fresh_stage: Stage) -> None:
    """Both letters were due before either left: the second one has nobody to recommend any more."""
    low, high = two_letters_due(fresh_stage)
    reward.recommend(fresh_stage, high, 11500000401)
    content = fresh_stage.content("sec_handler", low, "recommendation_letter")
    reward.recommend(fresh_stage, low, 11500000411)
    line = reward.lines(fresh_stage, key=OTHER_ENTRY)["陳大文"]
    assert (content.values["letters"], [row["note"] for row in content.panels["reward_lines"]]) == (
        [], ["同屆已核給記功1次（經標高秘字第11500000401號），不得重複敘獎"],
    )  # fmt: skip
    assert (line["state"], fresh_stage.has_ended(low), reward.story(fresh_stage, OUTSIDER_KEY)) == (
        "blocked", True, [("recommended", "記功1次", "11500000401")],
    )  # fmt: skip


def test_a_higher_recommendation_withdraws_the_lower_one_that_was_sent(fresh_stage: Stage) -> None:
    low = reward.commendation(fresh_stage, "recommended", key=OTHER_ENTRY)
    reward.to_order(fresh_stage, low, OUTSIDER)
    reward.recommend(fresh_stage, low, 11500000411)
    high = reward.commendation(fresh_stage, "won")
    reward.to_order(fresh_stage, high, OUTSIDER)
    reward.recommend(fresh_stage, high, 11500000401)
    assert reward.story(fresh_stage, OUTSIDER_KEY) == [
        ("recommended", "嘉獎1次", "11500000411"),
        ("revoked", "嘉獎1次", "11500000411"),
        ("recommended", "記功1次", "11500000401"),
    ]


def test_the_superior_does_not_give_the_same_reward_twice(fresh_stage: Stage) -> None:
    """Both lists wait for the superior's reply; what equals the first reply is left out of the second."""
    first = reward.commendation(fresh_stage, "recommended", key=OTHER_ENTRY)
    reward.to_order(fresh_stage, first, COACH)
    second = reward.commendation(fresh_stage, "recommended")
    reward.to_order(fresh_stage, second, COACH)
    reward.report(fresh_stage, first, "11500000301")
    reward.report(fresh_stage, second, "11500000303")
    reward.reply(fresh_stage, first, "11500000302")
    rows = fresh_stage.shown("hr_handler", second, "superior_reply")["lines"]
    reward.reply(fresh_stage, second, "11500000304")
    line = reward.lines(fresh_stage)["劉國華"]
    words = "同屆已核給嘉獎1次（經標秘字第11500000302號），不得重複敘獎"
    assert (rows[0]["remark"], line["state"], line["trail"][-1]["words"]) == (words, "blocked", words)
    assert (fresh_stage.has_ended(second), reward.story(fresh_stage, COACH_KEY)) == (
        True, [("recommended", "嘉獎1次", "11500000302")],
    )  # fmt: skip


def test_a13_several_entries_and_relations_of_an_edition_give_one_reward(fresh_stage: Stage) -> None:
    """A13: one person on the lists of three entries, under other relations; the highest stands, alone."""
    third = "award:115:kinmen"
    finished(fresh_stage, "recommended", HANDLER, key=OTHER_ENTRY, number="11500000100")
    helped = own("unit_handler.metrology", "other_merit", "head")
    finished(fresh_stage, "won", helped, number="11500000200")
    last = reward.commendation(fresh_stage, "recommended", key=third)
    reward.to_order(fresh_stage, last, HANDLER)
    rewards = fresh_stage.engine.ask(SYSTEM, lambda reader: reader.documents.list(reward.EDITION, "reward"))
    standing = [(r.body["state"], r.body["grade"]) for r in rewards]
    assert (standing, fresh_stage.has_ended(last)) == ([("issued", "記功1次")], True)
