"""Question 12: on what every line of a reward list rests, and whether a person has two rewards."""

from typing import Any

from engine.domain.history import ORGANISATION_STREAM, EventDraft, EventType
from engine.domain.identity import SYSTEM
from engine.domain.sensitive import Kept, SensitiveLook
from engine.queries.questions.registry import ask_question
from engine.queries.questions.scope import Scope
from engine.store.unit_of_work import Reader, UnitOfWork
from tests.stories import commendation_actors as reward
from tests.stories.asking import table
from tests.stories.commendation_actors import CHIEF, EDITION, HANDLER, MERITS, OTHER_ENTRY
from tests.stories.stage import Stage

SLUG = "reward-grounds"


def answers(stage: Stage, *keys: str, **scope: int) -> list[dict[str, str]]:
    return table(stage, SLUG, *keys, **scope)


def test_a_line_is_told_from_its_facts_to_the_order(fresh_stage: Stage) -> None:
    stage = fresh_stage
    instance = reward.commendation(stage, "finalist")
    reward.nominate(stage, instance, HANDLER, CHIEF)
    reward.choose(stage, instance, unit_chief_metrology="嘉獎1次")
    reward.review(stage, instance)
    reward.check(stage, instance)
    reward.session(stage, instance, unit_chief_metrology={"decision": "change", "grade": "嘉獎2次"})
    reward.sign_list(stage, instance)
    reward.order(stage, instance)
    order = "已發布 / 115年第3次：{} / 2025-01-06 / 經標高人字第11500000010號令 / 2025-01-06"
    keys = ("person", "fact", "alternatives", "grade", "order", "elsewhere")
    assert answers(stage, *keys, instance_id=instance) == [
        {"person": f"unit_chief.metrology / 首長（主管） / 高雄分局 入圍實地訪查 / {MERITS}",
         "fact": "入圍實地訪查・首長（主管）：柒.二(二) 最高嘉獎2次（rule_6）", "alternatives": "",
         "grade": "嘉獎2次 / Chosen by sec_handler 科員: 嘉獎1次 / "
                  "Changed by the committee (merit_committee 科員): 嘉獎2次",
         "order": order.format("修正"), "elsewhere": "", "why": ""},
        {"person": f"unit_handler.metrology / 主要承辦人員 / 高雄分局 入圍實地訪查 / {MERITS}",
         "fact": "入圍實地訪查・主要承辦人員：柒.二(二) 定額記功1次（rule_5）", "alternatives": "",
         "grade": "記功1次 / Chosen by nobody: the clause fixes it",
         "order": order.format("通過"), "elsewhere": "", "why": ""},
    ]  # fmt: skip


def test_the_version_of_the_rule_is_that_to_which_the_list_was_pinned(fresh_stage: Stage) -> None:
    instance = reward.commendation(fresh_stage, "finalist")
    reward.nominate(fresh_stage, instance, HANDLER)
    (row,) = answers(fresh_stage, "rule")
    digest = fresh_stage.engine.ask(SYSTEM, _digest_of_table)
    assert row == {"rule": f"記功1次（定額） / Version 1 of 敘獎條款 / {digest[:12]}", "why": ""}


def test_a_higher_reward_of_another_outcome_shows_what_matched_and_what_was_given_before(
    fresh_stage: Stage,
) -> None:
    stage = fresh_stage
    first = reward.commendation(stage, "finalist")
    reward.to_order(stage, first, HANDLER)
    reward.order(stage, first)
    reward.outcome(stage, "won", 2)
    second = reward.start(stage, 2)
    reward.to_committee(stage, second, HANDLER)
    given = "高雄分局 入圍實地訪查：已發布，記功1次（經標高人字第11500000010號{}）"
    (row,) = answers(stage, "fact", "alternatives", "elsewhere", instance_id=second)
    assert row == {
        "fact": "得獎・主要承辦人員：柒.二(一) 定額記大功1次（rule_1）",
        "alternatives": "入圍實地訪查・主要承辦人員：柒.二(二) 定額記功1次（rule_5）",
        "elsewhere": given.format(""),
        "why": "Rewarded elsewhere in the same edition",
    }
    reward.session(stage, second)
    reward.sign_list(stage, second)
    reward.report(stage, second)
    reward.reply(stage, second)
    reward.order(stage, second, "11500000011")
    assert answers(stage, "elsewhere", instance_id=second) == [
        {"elsewhere": given.format("，已撤銷"), "why": ""}
    ]


def test_a_person_on_the_list_of_another_entry_is_told_even_if_only_one_is_asked_about(
    fresh_stage: Stage,
) -> None:
    stage = fresh_stage
    first = reward.commendation(stage, "finalist")
    reward.nominate(stage, first, HANDLER)
    other = reward.commendation(stage, "recommended", key=OTHER_ENTRY, entrant_label="度量衡科")
    reward.nominate(stage, other, HANDLER)
    (row,) = answers(stage, "elsewhere", instance_id=other)
    assert row == {
        "elsewhere": "高雄分局 入圍實地訪查：擬議中，記功1次", "why": "Named elsewhere in the same edition"
    }  # fmt: skip


def test_two_orders_of_one_edition_that_both_stand_are_a_breach(fresh_stage: Stage) -> None:
    stage = fresh_stage
    instance = reward.commendation(stage, "finalist")
    reward.to_order(stage, instance, HANDLER)
    reward.order(stage, instance)
    given = stage.document("reward", "account:unit_handler.metrology", plan_key=EDITION).body
    again = {**given, "order": {**given["order"], "full": "經標高人字第11500000099號"}}
    stage.engine.execute(SYSTEM, put, EDITION, "reward", "account:unit_handler.metrology", again)
    (row,) = answers(stage)
    numbers = "經標高人字第11500000010號、經標高人字第11500000099號"
    assert row["why"] == f"Two rewards of one edition stand: {numbers}"


def test_whoever_is_dealt_with_apart_has_no_grade_to_be_wrong(fresh_stage: Stage) -> None:
    instance = reward.commendation(fresh_stage, "won")
    partner = reward.outsider("林志玲", "合作企業", "other_merit", kind="private")
    reward.nominate(fresh_stage, instance, partner)
    assert answers(fresh_stage, "grade", "order") == [{"grade": "—", "order": "另案辦理", "why": ""}]


def test_the_answer_is_a_look_at_the_list(fresh_stage: Stage) -> None:
    instance = reward.commendation(fresh_stage, "finalist")
    reward.nominate(fresh_stage, instance, HANDLER)

    def looks(reader: Reader, scope: Scope) -> set[SensitiveLook]:
        ask_question(reader, SLUG, scope)
        return reader.looks

    looked = {
        SensitiveLook(kept=Kept.REWARD_LIST, key=EDITION),
        SensitiveLook(kept=Kept.RESTRICTED_INSTANCE, key=instance),
    }
    other = fresh_stage.start("plan_publication", publication_reason="first")
    found = [fresh_stage.engine.ask(SYSTEM, looks, Scope(instance_id=id)) for id in (instance, other)]
    assert found == [looked, set()]


def put(uow: UnitOfWork, owner: str, kind: str, key: str, body: dict[str, Any]) -> None:
    uow.documents.put(owner, kind, key, body)
    uow.record_note(ORGANISATION_STREAM, EventDraft(type=EventType.DOCUMENT_RECORDED, data={}))


def _digest_of_table(reader: Reader) -> str:
    files = reader.definitions.get(reader.definitions.latest("commendation").deployment_id).files
    return next(file.digest.hex() for file in files if file.name == "reward_clause.dmn")
