"""Beside the fifteen questions: texts that stand word for word in several places."""

import pytest

from engine.domain.history import ORGANISATION_STREAM, EventDraft, EventType
from engine.domain.identity import SYSTEM
from engine.store.unit_of_work import UnitOfWork
from tests.stories.asking import ask, findings, rows, summary
from tests.stories.stage import PLAN_KEY, Stage

SLUG = "identical-texts"
COPIED = "全年依計畫辦理各項服務，並逐案檢討流程。"


@pytest.fixture
def stage(fresh_stage: Stage) -> Stage:
    return fresh_stage


def reports(stage: Stage, *told: tuple[str, str, str, str]) -> None:
    """What units report: (owner, unit, action, words)."""

    def put(uow: UnitOfWork) -> None:
        for owner, unit, action, words in told:
            row = {"action_id": action, "indicator": "", "status": "done", "narrative": words}
            uow.documents.put(owner, "self_report", unit, {"unit": unit, "rows": [row]})
        uow.record_note(ORGANISATION_STREAM, EventDraft(type=EventType.DOCUMENT_RECORDED, data={}))

    stage.engine.execute(SYSTEM, put)


def test_words_that_two_units_share_and_that_come_again_next_year_are_found(stage: Stage) -> None:
    reports(
        stage, (PLAN_KEY, "metrology", "1.1.1", COPIED), (PLAN_KEY, "kinmen", "1.1.2", f" {COPIED}"),
        ("bsmi_khh:115", "kinmen", "1.1.2", COPIED),
    )  # fmt: skip
    asked = ask(stage, SLUG)
    assert rows(asked, "text", "times", "places") == [
        (
            COPIED, "3",
            "In 114, 度量衡科, action 1.1.1: Report at the end of the year / "
            "In 114, 金門辦事處, action 1.1.2: Report at the end of the year / "
            "In 115, 金門辦事處, action 1.1.2: Report at the end of the year",
        )
    ]  # fmt: skip
    assert findings(asked) == [
        ("remarkable", "The same words in several years", "The same words of several units")
    ]


def test_own_words_and_short_ones_are_no_finding(stage: Stage) -> None:
    reports(
        stage, (PLAN_KEY, "metrology", "1.1.1", "校正砝碼一百一十九具，設備維修影響一個月。"),
        (PLAN_KEY, "kinmen", "1.1.2", "到離島辦理說明會六場次，出席者一百二十人。"),
        (PLAN_KEY, "secretariat", "1.1.3", "如期辦理。"), (PLAN_KEY, "penghu", "1.1.3", "如期辦理。"),
    )  # fmt: skip
    asked = ask(stage, SLUG)
    assert (rows(asked, "text"), summary(asked)) == (
        [], ["Texts compared: 2. Standing in several places: 0."],
    )  # fmt: skip


def test_what_a_unit_repeats_in_its_own_next_version_is_no_copy(stage: Stage) -> None:
    for _ in range(2):
        reports(stage, (PLAN_KEY, "metrology", "1.1.1", COPIED))
    assert rows(ask(stage, SLUG), "text") == []
