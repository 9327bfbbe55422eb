"""Sets of criteria as master data: copied, changed, released, chosen, and never changed after that."""

from dataclasses import replace

import pytest

from engine.activities.criteria_sets import CriteriaSet
from engine.commands import criteria_sets
from engine.commands.criteria_sets import SetReleased
from engine.errors import Invalid, NotFound, NotPermitted
from engine.plan.criteria import Criterion
from engine.queries.criteria_sets import criteria_page
from tests.stories.stage import Stage

HALVES = (
    Criterion(name="目標達成情形", max_score=60),
    Criterion(name="佐證完整性", max_score=40, note="可查"),
)


@pytest.fixture
def stage(fresh_stage: Stage) -> Stage:
    fresh_stage.move_to("2025-11-14T10:00")
    return fresh_stage


def copied(stage: Stage, roc_year: int = 114, key: str = "example", user: str = "sec_handler") -> CriteriaSet:
    return stage.engine.execute(stage.engine.actor(user), criteria_sets.copy, key, roc_year=roc_year)


def changed(stage: Stage, key: str, name: str = "114年考核項目", *criteria: Criterion) -> CriteriaSet:
    return stage.engine.execute(
        stage.engine.actor("sec_chief"), criteria_sets.change, key, name=name, criteria=criteria or HALVES
    )


def released(stage: Stage, key: str) -> CriteriaSet:
    return stage.engine.execute(stage.engine.actor("sec_handler"), criteria_sets.release, key)


def test_a_copy_is_changed_released_and_proposed_to_the_assessment(stage: Stage) -> None:
    draft = copied(stage)
    changed(stage, draft.key)
    released(stage, draft.key)
    instance = stage.start("self_assessment")
    stage.complete("sec_handler", instance, "open_assessment")
    kept = stage.document("assessment", "criteria").body
    assert (kept["set"], kept["name"], [row["max_score"] for row in kept["criteria"]]) == (
        "114-1", "114年考核項目", [60, 40],
    )  # fmt: skip


def test_a_draft_is_not_offered_to_an_assessment(stage: Stage) -> None:
    copied(stage)
    content = stage.content("sec_handler", stage.start("self_assessment"), "open_assessment")
    assert [key for key, _ in content.choices["criteria_sets"]] == ["example"]


def test_a_set_of_a_later_year_is_not_offered(stage: Stage) -> None:
    released(stage, copied(stage, roc_year=115).key)
    content = stage.content("sec_handler", stage.start("self_assessment"), "open_assessment")
    assert [key for key, _ in content.choices["criteria_sets"]] == ["example"]


def test_a_set_that_is_not_offered_cannot_be_chosen(stage: Stage) -> None:
    draft = copied(stage)
    instance = stage.start("self_assessment")
    assert stage.faults("sec_handler", instance, "open_assessment", criteria_set=draft.key) == [
        ("criteria_set", "Choose one of the options")
    ]


def test_a_released_set_is_never_changed_but_copied(stage: Stage) -> None:
    first = released(stage, copied(stage).key)
    with pytest.raises(SetReleased):
        changed(stage, first.key)
    with pytest.raises(SetReleased):
        released(stage, first.key)
    with pytest.raises(SetReleased):
        changed(stage, "example")
    assert copied(stage, key=first.key) == replace(first, key="114-2", state="draft")


def test_every_change_of_a_set_stays_readable(stage: Stage) -> None:
    key = copied(stage).key
    changed(stage, key)
    released(stage, key)
    page = stage.engine.ask(stage.engine.actor("director"),
                            criteria_page, key)  # fmt: skip
    assert [(v.note, v.made_by) for v in page.versions] == [
        ("released", "sec_handler"), ("changed", "sec_chief"), ("copied from example", "sec_handler"),
    ]  # fmt: skip
    assert not page.may_change


@pytest.mark.parametrize(
    ("name", "criteria", "path", "words"),
    [
        ("一", HALVES, "name", "Use 2 to 60 characters"),
        ("考核項目", (HALVES[0], HALVES[0]), "criteria/1/name", "Two criteria have the same name"),
        ("考核項目", (Criterion(name="", max_score=5),), "criteria/0/name", "Use 2 to 60 characters"),
        ("考核項目", (Criterion(name="佐證", max_score=0),), "criteria/0/max_score",
         "Enter a number from 1 to 100"),
        ("考核項目", (Criterion(name="佐證", max_score=5, note="長" * 301),), "criteria/0/note",
         "Use at most 300 characters"),
        ("考核項目", tuple(Criterion(name=f"項目{n}", max_score=1) for n in range(31)), "criteria",
         "Enter 1 to 30 criteria"),
    ],
)  # fmt: skip
def test_a_set_is_refused(
    stage: Stage, name: str, criteria: tuple[Criterion, ...], path: str, words: str
) -> None:
    key = copied(stage).key
    with pytest.raises(Invalid) as refusal:
        changed(stage, key, name, *criteria)
    assert [(error.path, str(error)) for error in refusal.value.errors] == [(path, words)]


def test_only_the_secretariat_keeps_the_sets(stage: Stage) -> None:
    with pytest.raises(NotPermitted):
        copied(stage, user="director")


def test_a_year_or_a_set_that_does_not_exist_is_refused(stage: Stage) -> None:
    with pytest.raises(Invalid):
        copied(stage, roc_year=99)
    with pytest.raises(NotFound):
        copied(stage, key="114-9")
    with pytest.raises(NotFound):
        stage.engine.ask(stage.engine.actor("bureau_sec_handler"), criteria_page)
