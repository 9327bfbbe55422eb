"""Question 6: returns with their reasons, what was changed, how many rounds, how long each took."""

import pytest

from tests.stories import actors
from tests.stories.actors import sign
from tests.stories.asking import ask, findings, rows, summary
from tests.stories.scenes import cycle_of
from tests.stories.stage import Stage

SLUG = "returns"
SCENES = {"cycle": actors.draft}


@pytest.fixture
def cycle(stage: Stage) -> int:
    return cycle_of(stage)


def send_back(stage: Stage, cycle: int) -> None:
    sign(
        stage, cycle, "sec_chief", "return", return_to="handler", return_reason=["incomplete"],
        opinion="實施步驟請補充期程",
    )  # fmt: skip


def test_a_return_tells_who_why_what_was_changed_and_how_long(cycle: int, stage: Stage) -> None:
    stage.move_to("2026-01-06T09:00")
    send_back(stage, cycle)
    stage.move_to("2026-01-07T09:00")
    actors.compile_plan(stage, cycle, steps_text="提報、彙整、報局核備、公開，並於年底自行考核")
    asked = ask(stage, SLUG, plan_year=115)
    columns = ("at", "by", "reason", "to", "round", "again", "lasted")
    assert rows(asked, *columns) == [
        (
            "2026-01-06 09:00", "sec_chief 科員 / 秘書室主任", "內容不完整 / 實施步驟請補充期程",
            "彙整計畫 / 秘書室承辦人", "1", "2026-01-07 09:00", "Working days: 1.0",
        )
    ]  # fmt: skip
    (changed,) = rows(asked, "changed")
    assert "並於年底自行考核" in changed[0]
    assert findings(asked) == []


def test_what_comes_again_unchanged_and_comes_back_three_times_is_found(cycle: int, stage: Stage) -> None:
    for _ in range(3):
        send_back(stage, cycle)
        actors.compile_plan(stage, cycle)
    send_back(stage, cycle)
    asked = ask(stage, SLUG, instance_id=cycle)
    unchanged, often = "Handed in again without a change", "Came back three times or more"
    assert findings(asked) == [
        ("remarkable", unchanged), ("remarkable", unchanged), ("remarkable", unchanged, often),
        ("remarkable", often),
    ]  # fmt: skip
    assert rows(asked, "round", "changed", "again")[-1] == ("4", "", "Not handed in again yet")
    assert summary(asked) == [
        "All returns: 4, of which not handed in again yet: 1. Most rounds of one step: 4. "
        "Handed in again without a change: 3."
    ]


def test_what_was_never_returned_has_no_row(cycle: int, stage: Stage) -> None:
    actors.sign_all(stage, cycle)
    assert rows(ask(stage, SLUG), "at") == []


def test_what_the_bureau_returns_comes_back_once_and_to_those_who_compiled_it(
    cycle: int, stage: Stage
) -> None:
    actors.sign_all(stage, cycle)
    actors.dispatch(stage, cycle)
    actors.review(stage, "return_for_revision", general_comment="請補列量化指標")
    asked = ask(stage, SLUG, plan_year=115)
    assert rows(asked, "by", "reason", "to", "again") == [
        (
            "bureau_sec_handler 科員",
            "總評：請補列量化指標",
            "彙整計畫 / 秘書室承辦人",
            "Not handed in again yet",
        )
    ]


def test_what_goes_back_to_an_earlier_level_is_signed_again_as_it_is(cycle: int, stage: Stage) -> None:
    sign(stage, cycle, "sec_chief", "approve")
    sign(
        stage, cycle, "deputy_director", "return", return_to="0", return_reason=["incomplete"],
        opinion="請再核",
    )  # fmt: skip
    sign(stage, cycle, "sec_chief", "approve")
    asked = ask(stage, SLUG, plan_year=115)
    assert rows(asked, "by", "to", "changed") == [
        ("deputy_director 科員 / 副分局長", "簽核 / 秘書室主任", "Nothing was changed")
    ]
    assert findings(asked) == []
