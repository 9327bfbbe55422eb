"""One reward per person and edition (柒.二(五)): several entries, earlier outcomes, orders that exist."""

import pytest

from engine.commands import instances
from engine.domain.identity import SYSTEM
from engine.errors import Invalid
from tests.stories import commendation_actors as reward
from tests.stories.commendation_actors import BUREAU, CHIEF, ENTRY, HANDLER, OTHER_ENTRY, outsider, own
from tests.stories.stage import Stage

METROLOGY = "account:unit_handler.metrology"
HEAD = "account:unit_chief.metrology"
HELPER = own("unit_handler.metrology", "other_merit")


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
    finished(fresh_stage, "recommended", HANDLER, key=OTHER_ENTRY, number="11500000100")
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


def won_while_the_first_waits(stage: Stage) -> tuple[int, int]:
    """The first order was not issued yet when the entry won: the lower line waits for the higher one."""
    first = reward.commendation(stage, "finalist")
    reward.to_committee(stage, first, HANDLER, CHIEF)
    second = reward.commendation(stage, "won", 2)
    reward.to_committee(stage, second, HANDLER)
    reward.session(stage, first)
    reward.sign_list(stage, first)
    reward.order(stage, first, "11500000100")
    return first, second


def again(stage: Stage, instance: int) -> None:
    """The committee passes what waited, and everybody signs."""
    reward.session(stage, instance, no="115年第4次")
    reward.sign_list(stage, instance)


def states_of(stage: Stage, no: int = 1) -> dict[str, str]:
    return {person: line["state"] for person, line in reward.lines(stage, no).items()}


def test_a_lower_line_waits_for_the_higher_one_that_is_under_way(fresh_stage: Stage) -> None:
    first, _ = won_while_the_first_waits(fresh_stage)
    rows = fresh_stage.shown("merit_committee", first, "committee_record")["lines"]
    assert (states_of(fresh_stage), reward.story(fresh_stage, METROLOGY)) == (
        {"unit_handler.metrology": "deferred", "unit_chief.metrology": "ordered"}, [],
    )  # fmt: skip
    assert [(row["person"], row["remark"]) for row in rows] == [
        ("unit_handler.metrology", "同屆另案（得獎）擬敘記大功1次較高，俟該案定案再議")
    ]


def test_the_higher_one_is_used_once_and_ends_the_wait(fresh_stage: Stage) -> None:
    first, second = won_while_the_first_waits(fresh_stage)
    again(fresh_stage, second)
    reward.report(fresh_stage, second)
    reward.reply(fresh_stage, second)
    reward.order(fresh_stage, second, "11500000200")
    again(fresh_stage, first)
    assert (fresh_stage.has_ended(first), states_of(fresh_stage)) == (
        True, {"unit_handler.metrology": "blocked", "unit_chief.metrology": "ordered"},
    )  # fmt: skip
    assert reward.story(fresh_stage, METROLOGY) == [("issued", "記大功1次", "11500000200")]


def test_nobody_loses_the_lower_reward_when_the_higher_one_is_declined(fresh_stage: Stage) -> None:
    first, second = won_while_the_first_waits(fresh_stage)
    again(fresh_stage, second)
    reward.report(fresh_stage, second)
    reward.reply(fresh_stage, second, unit_handler_metrology="decline")
    fresh_stage.complete("hr_handler", second, "issue_order")
    again(fresh_stage, first)
    reward.order(fresh_stage, first, "11500000300")
    assert (fresh_stage.has_ended(first), reward.story(fresh_stage, METROLOGY)) == (
        True, [("issued", "記功1次", "11500000300")],
    )  # fmt: skip


def test_nobody_loses_the_lower_reward_when_the_higher_list_is_cancelled(fresh_stage: Stage) -> None:
    first, second = won_while_the_first_waits(fresh_stage)
    cancel(fresh_stage, second)
    again(fresh_stage, first)
    reward.order(fresh_stage, first, "11500000300")
    assert (states_of(fresh_stage, 2), reward.story(fresh_stage, METROLOGY)) == (
        {"unit_handler.metrology": "dropped"}, [("issued", "記功1次", "11500000300")],
    )  # fmt: skip


def test_what_another_list_only_proposes_is_no_fact_yet(fresh_stage: Stage) -> None:
    """The winner's list may still be returned without the person: nothing rests on it."""
    winner = reward.commendation(fresh_stage, "won", key=OTHER_ENTRY)
    reward.nominate(fresh_stage, winner, HANDLER)
    listed = reward.commendation(fresh_stage, "recommended")
    reward.nominate(fresh_stage, listed, HELPER)
    line = reward.lines(fresh_stage)["unit_handler.metrology"]
    assert (line["clause"], line["cap"], [fact["outcome"] for fact in line["facts"]]) == (
        "柒.二(三)", "嘉獎1次", ["recommended"],
    )  # fmt: skip


def test_a_fact_that_fell_meanwhile_gives_no_reward(fresh_stage: Stage) -> None:
    """The other entry's outcome was corrected after the ruling: the committee decides anew, by what holds."""
    finished(fresh_stage, "finalist", HANDLER, key=OTHER_ENTRY, number="11500000100")
    listed = reward.commendation(fresh_stage, "recommended")
    reward.to_committee(fresh_stage, listed, HELPER)
    ruled = reward.lines(fresh_stage)["unit_handler.metrology"]
    reward.outcome(fresh_stage, "not_recommended", 2, OTHER_ENTRY)
    again(fresh_stage, listed)
    line = reward.lines(fresh_stage)["unit_handler.metrology"]
    again(fresh_stage, listed)
    reward.order(fresh_stage, listed, "11500000200")
    assert (ruled["cap"], line["state"], line["cap"], line["trail"][-1]["words"]) == (
        "記功1次", "deferred", "嘉獎1次", "同屆他案之敘獎依據已不存在，重行審議",
    )  # fmt: skip
    assert reward.story(fresh_stage, METROLOGY) == [
        ("issued", "記功1次", "11500000100"),
        ("revoked", "記功1次", "11500000100"),
        ("issued", "嘉獎1次", "11500000200"),
    ]


def test_a_cancelled_list_leaves_what_it_gave(fresh_stage: Stage) -> None:
    first, _ = won_while_the_first_waits(fresh_stage)
    cancel(fresh_stage, first)
    assert states_of(fresh_stage) == {"unit_handler.metrology": "dropped", "unit_chief.metrology": "ordered"}


def test_a_list_on_which_the_superior_agency_was_asked_waits_for_its_reply(fresh_stage: Stage) -> None:
    """Nobody would tell the superior agency; after its reply the list may be cancelled."""
    listed = reward.commendation(fresh_stage, "won")
    reward.to_order(fresh_stage, listed, HANDLER)
    reward.report(fresh_stage, listed)
    with pytest.raises(Invalid) as refusal:
        cancel(fresh_stage, listed)
    assert [error.template for error in refusal.value.errors] == [
        "The superior agency was asked to decide: enter its reply first"
    ]
    reward.reply(fresh_stage, listed)
    cancel(fresh_stage, listed)
    assert (fresh_stage.has_ended(listed), states_of(fresh_stage)) == (
        True, {"unit_handler.metrology": "dropped"},
    )  # fmt: skip


def cancel(stage: Stage, instance: int) -> None:
    reason = "本件敘獎名單提列有誤，全案撤案不再續辦，特此說明。"
    stage.engine.execute(stage.engine.actor("director"), instances.cancel, instance, reason=reason)


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
