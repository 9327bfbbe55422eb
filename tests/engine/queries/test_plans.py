from dataclasses import replace
from decimal import Decimal

import pytest

from engine.domain.document import Document
from engine.domain.history import ORGANISATION_STREAM, EventDraft, EventType
from engine.domain.identity import SYSTEM
from engine.errors import NotFound
from engine.plan.document import Plan, Target, to_json
from engine.queries.plan_numbers import standings
from engine.queries.plans import PlanPage, plan_letter, plan_list, plan_page, stage_of
from engine.store.unit_of_work import UnitOfWork
from tests.engine.queries.scene import Scene
from tests.stories.stage import small_plan


def page(scene: Scene, **wanted: int) -> PlanPage:
    return scene.engine.ask(scene.engine.actor("sec_handler"), plan_page, 114, **wanted)


def test_the_list_tells_where_each_plan_stands(scene: Scene) -> None:
    lines = scene.engine.ask(scene.engine.actor("sec_handler"), plan_list)
    assert [(line.roc_year, line.state, line.stage, line.open_tasks) for line in lines] == [
        (114, "acknowledged", 2, 4)
    ]


def test_a_plan_that_was_only_brought_in_as_a_model_is_no_draft(scene: Scene) -> None:
    def bring_in(uow: UnitOfWork) -> None:
        uow.documents.put("bsmi_khh:113", "plan", "", to_json(replace(small_plan(), roc_year=113)))
        uow.record_note(ORGANISATION_STREAM, EventDraft(type=EventType.DOCUMENT_RECORDED, data={}))

    scene.engine.execute(SYSTEM, bring_in)
    lines = scene.engine.ask(scene.engine.actor("sec_handler"), plan_list)
    assert [(line.roc_year, line.state) for line in lines] == [(114, "acknowledged"), (113, "text_only")]


def test_people_of_another_agency_see_no_plan(scene: Scene) -> None:
    stranger = scene.engine.actor("bureau_sec_handler")
    assert scene.engine.ask(stranger, plan_list) == ()
    with pytest.raises(NotFound):
        scene.engine.ask(stranger, plan_page, 114)


def test_the_page_shows_the_latest_version(scene: Scene) -> None:
    shown = page(scene)
    assert (shown.version.no, [version.no for version in shown.versions]) == (2, [2, 1])


def test_an_earlier_version_can_be_read(scene: Scene) -> None:
    assert page(scene, no=1).plan == small_plan()


@pytest.mark.parametrize("wanted", [{"no": 3}, {"compared_with": 9}])
def test_a_version_that_does_not_exist_is_not_found(scene: Scene, wanted: dict[str, int]) -> None:
    with pytest.raises(NotFound):
        page(scene, **wanted)


def test_a_year_without_a_plan_is_not_found(scene: Scene) -> None:
    with pytest.raises(NotFound):
        scene.engine.ask(SYSTEM, plan_page, 99)


def test_two_versions_are_compared_field_by_field(scene: Scene) -> None:
    changes = page(scene, compared_with=1).changes
    assert [(c.path, c.before, c.after) for c in changes] == [
        ("1.1.1.summary", "校正砝碼", "校正砝碼與電子秤")
    ]


def test_a_target_shows_how_far_it_has_come(scene: Scene) -> None:
    (target,) = page(scene).standings["1.1.1"].targets
    assert (target.actual, target.share, target.status, target.bar) == (
        Decimal("103.2"),
        Decimal("86.0"),
        "partly_achieved",
        86,
    )


def test_who_owes_something_is_listed_over_all_instances(scene: Scene) -> None:
    assert [line.task.label for line in page(scene).owed] == [
        "張貼公告",
        "張貼公告",
        "查核網站公開",
        "查核場所公告",
    ]


def test_proofs_tell_whether_the_acknowledged_version_was_published(scene: Scene) -> None:
    found = [(p.label, p.plan_no, p.verified, p.is_acknowledged) for p in page(scene).proofs]
    assert found == [("金門辦事處", 1, "", True), ("機關網站", 1, "", True)]


def test_letters_are_listed(scene: Scene) -> None:
    assert [letter.full_number for letter in page(scene).letters] == ["經標秘字第11490001120號"]


def test_a_letter_is_found_under_its_own_plan_only(scene: Scene) -> None:
    letter = page(scene).letters[0]
    assert scene.engine.ask(SYSTEM, plan_letter, 114, letter.id) == letter
    with pytest.raises(NotFound):
        scene.engine.ask(SYSTEM, plan_letter, 113, letter.id)


@pytest.mark.parametrize(
    ("state", "stage"),
    [
        ("draft", 0),
        ("in_signoff", 1),
        ("reported", 2),
        ("published", 3),
        ("accepted", 7),
        ("closed", 8),
        ("?", 0),
    ],
)
def test_a_state_lies_in_a_stage(state: str, stage: int) -> None:
    assert stage_of(state) == stage


def documents(kind: str, key: str, *rows: dict[str, object]) -> dict[str, list[Document]]:
    from engine.clock import EPOCH

    document = Document(
        owner="bsmi_khh:114",
        kind=kind,
        key=key,
        no=1,
        digest="",
        note="",
        made_at=EPOCH,
        made_by="x",
        task_id=None,
        body={"rows": list(rows)},
    )
    return {kind: [document]}


def plan_with(*targets: Target) -> Plan:
    from dataclasses import replace

    plan = small_plan()
    method = plan.strategies[0].methods[0]
    action = replace(method.actions[0], targets=targets)
    strategy = replace(plan.strategies[0], methods=(replace(method, actions=(action,)),))
    return replace(plan, strategies=(strategy,))


def test_a_target_without_a_number_has_no_share() -> None:
    (target,) = standings(small_plan(), {})["1.1.1"].targets
    assert (target.actual, target.share, target.status, target.bar) == (None, None, None, 0)


def test_the_bar_stops_at_a_hundred() -> None:
    row = {"action_id": "1.1.1", "indicator": "砝碼校正數", "actual": "131"}
    (target,) = standings(small_plan(), documents("progress", "metrology", row))["1.1.1"].targets
    assert (target.share, target.bar, target.status) == (Decimal("109.1"), 100, "achieved")


def test_a_delivery_counts_before_what_units_reported() -> None:
    reported = documents(
        "progress", "metrology", {"action_id": "1.1.1", "indicator": "砝碼校正數", "actual": "1"}
    )
    delivered = documents(
        "d1",
        "",
        {"action": "1.1.1", "indicator": "砝碼校正數", "unit": "metrology", "actual": "60", "status": "x"},
    )
    (target,) = standings(small_plan(), reported | delivered)["1.1.1"].targets
    assert target.actual == Decimal(60)


def test_an_action_in_words_shows_its_status_reasons_and_evidence() -> None:
    row = {
        "action_id": "1.1.2",
        "indicator": "",
        "status": "not_done",
        "cause": "船班停航",
        "evidence": [{"digest": "a"}, {"digest": "b"}],
    }
    standing = standings(small_plan(), documents("self_report", "kinmen", row))["1.1.2"]
    assert (standing.status, standing.reasons, standing.evidence) == ("not_done", ("船班停航",), 2)


def test_a_target_that_does_not_apply_this_year_says_so() -> None:
    row = {"action_id": "1.1.1", "indicator": "滿意度", "status": "not_applicable"}
    plan = plan_with(Target(indicator="滿意度", value=Decimal(1), unit="次"))
    (target,) = standings(plan, documents("self_report", "metrology", row))["1.1.1"].targets
    assert target.status == "not_applicable"


def test_a_target_of_nothing_has_a_number_but_no_share() -> None:
    row = {"action_id": "1.1.1", "indicator": "零", "actual": "3"}
    plan = plan_with(Target(indicator="零", value=Decimal(0), unit="次"))
    (target,) = standings(plan, documents("progress", "metrology", row))["1.1.1"].targets
    assert (target.actual, target.share, target.status) == (Decimal(3), None, None)
