"""分層負責: the table says which levels sign and who decides, from a day on (domain 7.14)."""

from dataclasses import replace
from datetime import date

import pytest

from engine.commands import deciding_levels
from engine.domain.identity import SYSTEM
from engine.errors import Invalid, NotFound, NotPermitted
from engine.plan.deciding_levels import DecidingLine, DecidingTable, shipped_table
from engine.queries.deciding_levels import DecidingPage, deciding_page
from engine.replay.verify import verify
from tests.stories import actors, amending
from tests.stories.actors import sign
from tests.stories.stage import Stage

SCENES = {"cycle": actors.draft}
TODAY = date(2026, 1, 6)
BY_DEPUTY = DecidingLine(kind="plan", levels=("sec_chief", "deputy_director"), deciding="deputy_director")


def table(
    *lines: DecidingLine, valid_from: date | None = TODAY, basis: str = "115年分層負責明細表"
) -> DecidingTable:
    changed = {line.kind: line for line in lines}
    kept = tuple(changed.get(line.kind, line) for line in shipped_table().lines)
    return DecidingTable(lines=kept, valid_from=valid_from, basis=basis)


def change(stage: Stage, wanted: DecidingTable, user: str = "sec_chief") -> None:
    stage.engine.execute(stage.engine.actor(user), deciding_levels.change, wanted)


def refused(stage: Stage, wanted: DecidingTable) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as refusal:
        change(stage, wanted)
    return [(error.path, str(error)) for error in refusal.value.errors]


def page(stage: Stage, user: str = "sec_handler") -> DecidingPage:
    return stage.engine.ask(stage.engine.actor(user), deciding_page)


def levels(stage: Stage, cycle: int) -> list[str]:
    return [level["label"] for level in actors.results(stage, cycle, "open_round")[-1]["levels"]]


def test_the_shipped_table_is_that_of_the_house(cycle: int, stage: Stage) -> None:
    opened = actors.results(stage, cycle, "open_round")[-1]
    assert (levels(stage, cycle), opened["by_table"]) == (
        ["秘書室主任核稿", "副分局長", "分局長決行"], {"valid_from": None, "basis": ""},
    )  # fmt: skip


def test_whoever_the_table_names_decides(fresh_stage: Stage) -> None:
    stage = actors.begin_year(fresh_stage)
    change(stage, table(BY_DEPUTY))
    cycle = actors.draft(stage)
    named = levels(stage, cycle)
    actors.sign_all(stage, cycle, ("sec_chief", "deputy_director"))
    assert (named, stage.open(cycle)) == (["秘書室主任核稿", "副分局長決行"], ["dispatch_letter"])
    assert actors.results(stage, cycle, "open_round")[-1]["by_table"] == {
        "valid_from": "2026-01-06", "basis": "115年分層負責明細表",
    }  # fmt: skip


def test_an_open_round_keeps_its_levels_and_the_next_one_has_the_new(cycle: int, stage: Stage) -> None:
    change(stage, table(BY_DEPUTY))
    sign(stage, cycle, "sec_chief", "approve")
    sign(stage, cycle, "deputy_director", "return", return_to="handler", return_reason=["incomplete"],
         opinion="請補充考核作業")  # fmt: skip
    first = levels(stage, cycle)
    actors.compile_plan(stage, cycle)
    assert (first, levels(stage, cycle)) == (
        ["秘書室主任核稿", "副分局長", "分局長決行"], ["秘書室主任核稿", "副分局長決行"],
    )  # fmt: skip
    assert stage.engine.ask(SYSTEM, verify, cycle).faults == ()


def test_a_table_waits_for_its_day(fresh_stage: Stage) -> None:
    stage = actors.begin_year(fresh_stage)
    change(stage, table(BY_DEPUTY, valid_from=date(2026, 1, 8)))
    before = page(stage)
    stage.move_to("2026-01-08T00:01")
    after = page(stage)
    assert (before.today.valid_from, [t.valid_from for t in before.later], after.today.valid_from) == (
        None, [date(2026, 1, 8)], date(2026, 1, 8),
    )  # fmt: skip


def test_the_chief_of_the_handling_unit_signs_where_the_table_says_so(fresh_stage: Stage) -> None:
    stage = actors.begin_year(fresh_stage)
    line = DecidingLine(kind="plan", levels=("unit_chief", "director"), deciding="director")
    change(stage, table(line))
    cycle = actors.draft(stage)
    opened = actors.results(stage, cycle, "open_round")[-1]["levels"]
    assert [(level["role"], level["unit"]) for level in opened] == [
        ("unit_chief", "secretariat"), ("director", ""),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("levels_", "deciding", "words"),
    [
        (("sec_chief", "director"), "", "Choose who decides"),
        (("sec_chief", "king"), "king", "This role signs nothing"),
        ((), "director", "Who decides is the highest of the levels that sign"),
        (("sec_chief", "director"), "sec_chief", "Who decides is the highest of the levels that sign"),
        (("director", "sec_chief"), "sec_chief", "Who decides is the highest of the levels that sign"),
    ],
)
def test_a_line_that_cannot_work_is_refused(
    levels_: tuple[str, ...], deciding: str, words: str, cycle: int, stage: Stage
) -> None:
    wanted = table(DecidingLine(kind="plan", levels=levels_, deciding=deciding))
    assert refused(stage, wanted) == [("plan", words)]


def test_what_is_signed_once_has_one_level(cycle: int, stage: Stage) -> None:
    words = "This is signed once: choose one level of the secretariat or above"
    two = DecidingLine(kind="d1", levels=("sec_chief", "director"), deciding="director")
    low = DecidingLine(kind="correction", levels=("unit_chief",), deciding="unit_chief")
    assert refused(stage, table(two, low)) == [("d1", words), ("correction", words)]


def test_a_table_does_not_begin_in_the_past(cycle: int, stage: Stage) -> None:
    words = "Choose today or a later day; what was signed before stays as it is"
    assert refused(stage, table(valid_from=date(2026, 1, 5))) == [("valid_from", words)]
    assert refused(stage, table(valid_from=None)) == [("valid_from", words)]


def test_a_table_needs_its_basis_and_every_line(cycle: int, stage: Stage) -> None:
    short = replace(table(basis=" "), lines=shipped_table().lines[1:])
    assert [path for path, _ in refused(stage, short)] == ["basis", "lines"]


@pytest.mark.parametrize("user", ["sec_handler", "director", "deputy_director", "unit_chief.metrology"])
def test_nobody_else_changes_it(user: str, cycle: int, stage: Stage) -> None:
    with pytest.raises(NotPermitted):
        change(stage, table(BY_DEPUTY), user)


def test_outsiders_do_not_see_it(cycle: int, stage: Stage) -> None:
    with pytest.raises(NotFound):
        page(stage, "bureau_sec_handler")


def test_every_version_stays_readable_with_what_it_changed(cycle: int, stage: Stage) -> None:
    change(stage, table(BY_DEPUTY))
    change(stage, table(BY_DEPUTY, DecidingLine(kind="d1", levels=("director",), deciding="director")))
    versions = page(stage).versions
    assert [(v.made_by, [line.kind for line in v.changed]) for v in versions] == [
        ("sec_chief", ["d1"]), ("sec_chief", ["plan"]),
    ]  # fmt: skip


def amended(stage: Stage, value: str, on: str = "2025-11-03") -> int:
    """An amendment goes up on a day, in a house where the secretariat's chief decides on amendments."""
    amending.begin(stage)
    stage.move_to(f"{on}T09:00")
    line = DecidingLine(kind="amendment", levels=("sec_chief",), deciding="sec_chief")
    change(stage, table(line, valid_from=date.fromisoformat(on)))
    instance = amending.amend(stage)
    amending.request(stage, instance, effective_on="2025-11-28", unit_due="2025-11-10")
    amending.rewrite(stage, instance, value=value)
    amending.compile_texts(stage, instance)
    return instance


@pytest.mark.parametrize(
    ("value", "expected"), [("130", ["秘書室主任決行"]), ("90", ["秘書室主任核稿", "分局長決行"])]
)
def test_a_target_that_is_lowered_late_goes_up_to_the_director_whatever_the_table_says(
    value: str, expected: list[str], fresh_stage: Stage
) -> None:
    assert levels(fresh_stage, amended(fresh_stage, value)) == expected


def test_a_lowering_that_became_late_on_the_desk_is_returned_and_goes_up_to_the_director(
    fresh_stage: Stage,
) -> None:
    """Sent up in September by the table, looked at after 1 October."""
    instance = amended(fresh_stage, "90", "2025-09-30")
    fresh_stage.move_to("2025-10-02T09:00")
    decided = {"decision": "decide", "opinion": "如擬", "lowering_reason": "量能調整，經評估無法達成"}
    faults = fresh_stage.faults("sec_chief", instance, "sign", **decided)
    fresh_stage.complete("sec_chief", instance, "sign", decision="return", return_to="handler",
                         return_reason=["other"], opinion="應由分局長決行")  # fmt: skip
    amending.compile_texts(fresh_stage, instance)
    words = "Lowered so late, these targets are for the director to decide: return this, to go up anew"
    assert (faults, levels(fresh_stage, instance)) == (
        [("decision", words)],
        ["秘書室主任核稿", "分局長決行"],
    )
