"""Commendation (敘獎), stage 10: the persons proposed, the rule on them, and its bounds."""

import pytest

from tests.stories import commendation_actors as reward
from tests.stories.commendation_actors import BUREAU, CHIEF, HANDLER, HELPER, MERITS, outsider, own
from tests.stories.stage import Stage


def grades(stage: Stage, no: int = 1) -> dict[str, str]:
    return {person: line["grade"] for person, line in reward.lines(stage, no).items()}


def states(stage: Stage, no: int = 1) -> dict[str, str]:
    return {person: line["state"] for person, line in reward.lines(stage, no).items()}


def test_a_list_goes_from_the_proposal_to_the_order(fresh_stage: Stage) -> None:
    stage, way = fresh_stage, []
    instance = reward.commendation(stage, "finalist")
    way += stage.open(instance)
    reward.nominate(stage, instance, HANDLER, CHIEF)
    way += stage.open(instance)
    reward.choose(stage, instance, unit_chief_metrology="嘉獎1次")
    way += stage.open(instance)
    reward.review(stage, instance)
    way += stage.open(instance)
    reward.check(stage, instance)
    way += stage.open(instance)
    reward.session(stage, instance)
    way += stage.open(instance)
    reward.sign_list(stage, instance)
    way += stage.open(instance)
    reward.order(stage, instance)
    assert (way, grades(stage), states(stage), stage.has_ended(instance)) == (
        ["nominate_persons", "choose_grade", "chief_review", "hr_check", "committee_record", "sign",
         "issue_order"],
        {"unit_handler.metrology": "記功1次", "unit_chief.metrology": "嘉獎1次"},
        {"unit_handler.metrology": "ordered", "unit_chief.metrology": "ordered"},
        True,
    )  # fmt: skip


def test_its_history_is_proven_to_the_end(fresh_stage: Stage) -> None:
    instance = reward.commendation(fresh_stage)
    reward.to_order(fresh_stage, instance, HANDLER, CHIEF, outsider("劉國華", BUREAU, "bureau_coach"))
    reward.report(fresh_stage, instance)
    reward.reply(fresh_stage, instance)
    reward.order(fresh_stage, instance)
    assert fresh_stage.faults_of_history(instance) == []


def test_a_fixed_reward_leaves_nothing_to_choose(fresh_stage: Stage) -> None:
    instance = reward.commendation(fresh_stage, "finalist")
    reward.nominate(fresh_stage, instance, HANDLER)
    assert (fresh_stage.open(instance), grades(fresh_stage)) == (
        ["chief_review"], {"unit_handler.metrology": "記功1次"},
    )  # fmt: skip


@pytest.mark.parametrize(("result", "grade"), [("finalist", "記功1次"), ("recommended", "嘉獎2次")])
def test_a_grade_over_every_cap_is_not_offered(fresh_stage: Stage, result: str, grade: str) -> None:
    instance = reward.commendation(fresh_stage, result)
    reward.nominate(fresh_stage, instance, CHIEF)
    rows = fresh_stage.shown("sec_handler", instance, "choose_grade")["grades"]
    wanted = [{**rows[0], "grade": grade}]
    faults = fresh_stage.faults("sec_handler", instance, "choose_grade", grades=wanted)
    assert faults == [("grades/0/grade", "Choose one of the options")]


def test_each_person_has_bounds_of_their_own(fresh_stage: Stage) -> None:
    """嘉獎1次 is offered for one of them, and too little for the other."""
    instance = reward.commendation(fresh_stage, "finalist")
    coach = outsider("劉國華", BUREAU, "bureau_coach", "superior_coach")
    reward.nominate(fresh_stage, instance, CHIEF, coach)
    rows = fresh_stage.shown("sec_handler", instance, "choose_grade")["grades"]
    wanted = [{**row, "grade": "none"} for row in rows]
    faults = fresh_stage.faults("sec_handler", instance, "choose_grade", grades=wanted)
    assert [row["bounds"] for row in rows] == ["最高嘉獎2次", "最高嘉獎2次、不低於嘉獎1次"]
    assert faults == [("grades/1/grade", "不予敘獎 is less than 嘉獎1次")]


def test_the_rule_gives_nothing_to_an_entry_that_was_not_recommended(fresh_stage: Stage) -> None:
    instance = reward.commendation(fresh_stage, "not_recommended")
    reward.to_order(fresh_stage, instance, HANDLER, outsider("劉國華", BUREAU, "bureau_coach"))
    assert (grades(fresh_stage), states(fresh_stage), fresh_stage.has_ended(instance)) == (
        {"unit_handler.metrology": "none", "劉國華": "none"},
        {"unit_handler.metrology": "blocked", "劉國華": "blocked"},
        True,
    )  # fmt: skip


def test_a_person_without_account_or_name_is_refused(fresh_stage: Stage) -> None:
    instance = reward.commendation(fresh_stage)
    nobody = {"kind": "civil_servant", "standing": "serving", "relations": ["head"], "merits": MERITS}
    nameless = {"kind": "other_agency", "agency": BUREAU, "relations": ["bureau_coach"], "merits": MERITS}
    assert reward.faults_of_nomination(fresh_stage, instance, nobody, nameless) == [
        ("persons/0/person", "Choose the person, or write the name"),
        ("persons/1/name", "Choose the person, or write the name"),
    ]


def test_somebody_from_elsewhere_has_an_agency(fresh_stage: Stage) -> None:
    instance = reward.commendation(fresh_stage)
    moved = own("unit_handler.kinmen", "other_merit", standing="transferred")
    assert reward.faults_of_nomination(fresh_stage, instance, moved) == [
        ("persons/0/agency", "Name the agency where the person serves now")
    ]


def test_a_person_is_named_in_one_row(fresh_stage: Stage) -> None:
    instance = reward.commendation(fresh_stage)
    again = own("unit_handler.metrology", "other_merit")
    assert reward.faults_of_nomination(fresh_stage, instance, HANDLER, again) == [
        ("persons/1/relations", "This person is on the list already; enter all relations in one row")
    ]


def test_spaces_and_widths_do_not_make_another_person(fresh_stage: Stage) -> None:
    instance = reward.commendation(fresh_stage)
    first = outsider("劉國華", "經濟部 ABC", "superior_coach")
    second = outsider("劉 國 華", "經濟部ＡＢＣ", "superior_coach")
    assert reward.faults_of_nomination(fresh_stage, instance, first, second) == [
        ("persons/1/relations", "This person is on the list already; enter all relations in one row")
    ]


def test_merits_are_written_out(fresh_stage: Stage) -> None:
    instance = reward.commendation(fresh_stage)
    faults = reward.faults_of_nomination(fresh_stage, instance, own("sec_handler", "head", merits="辛勞"))
    assert [path for path, _ in faults] == ["persons/0/merits"]


def test_coaches_serve_where_their_clause_says(fresh_stage: Stage) -> None:
    instance = reward.commendation(fresh_stage)
    rows = (outsider("陳大文", "經濟部", "bureau_coach"), own("sec_handler", "superior_coach"))
    assert reward.faults_of_nomination(fresh_stage, instance, *rows) == [
        ("persons/0/relations", "Only people of the bureau are coaches of the bureau"),
        ("persons/1/relations", "Coaches of the superior agency serve at that agency"),
    ]


@pytest.mark.parametrize("name", ["標準檢驗局", "經濟部 標準檢驗局秘書室", "總局"])
def test_the_bureau_is_known_by_every_name_of_it(name: str, fresh_stage: Stage) -> None:
    """So that its people go to it, and one person is not two under two names of one agency."""
    instance = reward.commendation(fresh_stage)
    reward.nominate(fresh_stage, instance, outsider("吳宗翰", name, "bureau_coach"))
    person = reward.lines(fresh_stage)["吳宗翰"]["person"]
    assert (person["agency"], person["key"]) == (reward.BUREAU, f"outside:吳宗翰@{reward.BUREAU}")


def test_other_agencies_of_the_ministry_keep_the_name_that_was_written(fresh_stage: Stage) -> None:
    instance = reward.commendation(fresh_stage)
    reward.nominate(fresh_stage, instance, outsider("莊雅筑", "經濟部商業發展署", "superior_coach"))
    assert reward.lines(fresh_stage)["莊雅筑"]["person"]["agency"] == "經濟部商業發展署"


MANY = tuple(
    own(user, "main_handler")
    for user in ("unit_handler.metrology", "unit_handler.kinmen", "unit_handler.secretariat", "web_owner")
)


def test_more_than_three_main_handlers_ask_for_a_reason(fresh_stage: Stage) -> None:
    instance = reward.commendation(fresh_stage, "finalist")
    faults = reward.faults_of_nomination(fresh_stage, instance, *MANY)
    reward.nominate(fresh_stage, instance, *MANY, many_reason="四人各自主辦一項服務措施並全程參與")
    assert (faults, len(grades(fresh_stage))) == (
        [("many_reason", "Say why there are more than 3 main handlers")], 4,
    )  # fmt: skip


def test_whoever_decides_on_many_main_handlers_reads_how_many_and_why(fresh_stage: Stage) -> None:
    """Nothing limits their number; the approver sees it (domain 6.4)."""
    reason = "四人各自主辦一項服務措施並全程參與"
    instance = reward.commendation(fresh_stage, "finalist")
    reward.nominate(fresh_stage, instance, *MANY, many_reason=reason)
    told = []

    def read(user: str, step: str) -> None:
        told.append(fresh_stage.content(user, instance, step).panels.get("main_handlers"))

    read("sec_chief", "chief_review")
    reward.review(fresh_stage, instance)
    read("hr_handler", "hr_check")
    reward.check(fresh_stage, instance)
    read("merit_committee", "committee_record")
    reward.session(fresh_stage, instance)
    read("hr_chief", "sign")
    assert told == [{"title": "主要承辦人員4人", "text": reason}] * 4


def test_a_shorter_list_needs_and_keeps_no_reason(fresh_stage: Stage) -> None:
    instance = reward.commendation(fresh_stage, "finalist")
    reward.nominate(fresh_stage, instance, *MANY, many_reason="四人各自主辦一項服務措施並全程參與")
    fresh_stage.complete(
        "sec_chief", instance, "chief_review", decision="return", return_reason=["incomplete"],
        opinion="請再精簡名單",
    )  # fmt: skip
    before = fresh_stage.shown("sec_handler", instance, "nominate_persons")["many_reason"]
    reward.nominate(fresh_stage, instance, *MANY[:3], many_reason=before)
    kept = fresh_stage.document("reward_list", "1", plan_key=reward.ENTRY).body
    panels = fresh_stage.content("sec_chief", instance, "chief_review").panels
    assert (before, "many_reason" in kept, "main_handlers" in panels) == (
        "四人各自主辦一項服務措施並全程參與", False, False,
    )  # fmt: skip


def test_three_main_handlers_need_no_reason(fresh_stage: Stage) -> None:
    instance = reward.commendation(fresh_stage, "finalist")
    reward.nominate(fresh_stage, instance, *MANY[:3])
    assert fresh_stage.open(instance) == ["chief_review"]


def test_the_same_merits_are_not_rewarded_twice(fresh_stage: Stage) -> None:
    """柒.一: whoever was proposed after the self-assessment needs other merits."""
    proposal = {
        "proposal": "建議嘉獎unit_handler.metrology以資鼓勵，餘依程序辦理",
        "basis": "全年校正作業如期達成目標且無民眾申訴案件",
    }
    fresh_stage.engine.execute(reward.SYSTEM, reward._put, "bsmi_khh:114", "reward_proposal", "", proposal)
    instance = reward.commendation(fresh_stage, "finalist")
    faults = reward.faults_of_nomination(fresh_stage, instance, HANDLER, HELPER)
    other = {**HANDLER, "distinct_reason": "本次為參獎籌備，與年度考核事由不同"}
    reward.nominate(fresh_stage, instance, other, HELPER)
    assert (faults, fresh_stage.open(instance)) == (
        [
            (
                "persons/0/distinct_reason",
                "A reward was proposed for this person after the self-assessment: "
                "say why these are other merits",
            )
        ],
        ["choose_grade"],
    )


def test_contract_staff_and_private_partners_are_dealt_with_apart(fresh_stage: Stage) -> None:
    instance = reward.commendation(fresh_stage, "finalist")
    contract = own("unit_handler.kinmen", "other_merit", kind="contract")
    contract.pop("standing")
    partner = outsider("林小姐", "示範科技公司", "other_merit", kind="private")
    reward.nominate(fresh_stage, instance, contract, partner)
    reward.review(fresh_stage, instance)
    reward.check(fresh_stage, instance)
    assert (grades(fresh_stage), states(fresh_stage), fresh_stage.has_ended(instance)) == (
        {"unit_handler.kinmen": "none", "林小姐": "none"},
        {"unit_handler.kinmen": "apart", "林小姐": "apart"},
        True,
    )  # fmt: skip


def test_people_of_other_agencies_are_only_recommended(fresh_stage: Stage) -> None:
    instance = reward.commendation(fresh_stage, "finalist")
    coach = outsider("陳大文", "經濟部", "superior_coach")
    reward.to_order(fresh_stage, instance, coach)
    opened = fresh_stage.open(instance)
    letters = fresh_stage.shown("sec_handler", instance, "recommendation_letter")["letters"]
    reward.recommend(fresh_stage, instance)
    assert (opened, letters, states(fresh_stage), fresh_stage.has_ended(instance)) == (
        ["recommendation_letter"],
        [{"agency": "經濟部", "persons": "陳大文 嘉獎2次", "doc_prefix": "經標高秘字"}],
        {"陳大文": "lettered"},
        True,
    )


def test_whoever_moved_or_retired_is_recommended_to_the_present_agency(fresh_stage: Stage) -> None:
    instance = reward.commendation(fresh_stage, "finalist")
    moved = own("unit_handler.kinmen", "other_merit", standing="transferred", agency="財政部關務署")
    reward.to_order(fresh_stage, instance, moved)
    letters = fresh_stage.shown("sec_handler", instance, "recommendation_letter")["letters"]
    assert (letters[0]["agency"], letters[0]["persons"]) == ("財政部關務署", "unit_handler.kinmen 嘉獎2次")


def test_two_letters_have_two_numbers(fresh_stage: Stage) -> None:
    instance = reward.commendation(fresh_stage, "finalist")
    persons = [outsider(name, name, "superior_coach") for name in ("經濟部", "行政院")]
    reward.to_order(fresh_stage, instance, *persons)
    rows = fresh_stage.shown("sec_handler", instance, "recommendation_letter")["letters"]
    same = [
        {**row, "doc_no": "11400000050", "doc_date": reward.today(fresh_stage), "sent_by": "paper"}
        for row in rows
    ]
    faults = fresh_stage.faults("sec_handler", instance, "recommendation_letter", letters=same)
    assert faults == [("letters/1/doc_no", "Two letters have the same number")]


def test_nothing_is_decided_before_the_certificate_of_a_finalist_is_registered(fresh_stage: Stage) -> None:
    reward.entry(fresh_stage)
    reward.outcome(fresh_stage, "finalist", certificate="")
    instance = reward.start(fresh_stage)
    reward.nominate(fresh_stage, instance, HANDLER)
    reward.review(fresh_stage, instance)
    faults = fresh_stage.faults("hr_handler", instance, "hr_check", result="conforms")
    reward.outcome(fresh_stage, "finalist")
    reward.check(fresh_stage, instance)
    assert (faults, fresh_stage.open(instance)) == (
        [("result", "Register the certificate of the finalist first; then the list is decided")],
        ["committee_record"],
    )
