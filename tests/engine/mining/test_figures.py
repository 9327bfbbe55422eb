"""The figures of a few runs made by hand, one by one."""

from engine.mining.figures import (
    CountedRun,
    ElementFigures,
    LoopFigures,
    OpenFigures,
    PersonFigures,
    ProcessFigures,
    Shade,
    Variant,
    figures_of,
    steps_of,
)
from engine.mining.runs import Loop, Run, Visit
from engine.plan.statistics import Duration

DAY = 86_400_000_000


def days(begin: int, end: int) -> float:
    """A calendar in which every day is a working day."""
    return round((end - begin) / DAY, 1)


def run(*visits: Visit, ended_on: int | None = None, whole: bool = True, loops: tuple[Loop, ...] = ()) -> Run:
    return Run(
        process="p", path="", began_at=0, ended_at=None if ended_on is None else ended_on * DAY,
        is_whole=whole and ended_on is not None,
        passes={visit.element: 1 for visit in visits if visit.closed_at}, flows={"begin_draft": 1},
        visits=visits, loops=loops,
    )  # fmt: skip


def visit(
    element: str, seq: int, opened_on: float, closed_on: float | None = None, *,
    taken_on: float | None = None,
    by: str | None = "mei", unit: str | None = None, redone: bool = False, gave_back: bool = False,
) -> Visit:  # fmt: skip
    return Visit(
        element=element, seq=seq, opened_at=int(opened_on * DAY),
        closed_at=None if closed_on is None else int(closed_on * DAY),
        taken_at=None if taken_on is None else int(taken_on * DAY),
        by=by if closed_on is not None else None, role="unit_handler", unit=unit, is_redone=redone,
        gave_back=gave_back,
    )  # fmt: skip


def same(times: int, length: float) -> Duration:
    return Duration(times=times, middle=length, ninetieth=length)


def test_one_run_in_figures() -> None:
    found = figures_of(
        [CountedRun(instance_id=7, run=run(visit("draft", 3, 0, 4, taken_on=1), ended_on=5))], days, 9 * DAY
    )
    assert found == ProcessFigures(
        runs=1, running=0, cut_off=0, returned=0, duration=same(1, 5.0),
        elements={
            "draft": ElementFigures(
                element="draft", times=1, is_task=True, duration=same(1, 4.0), calendar=same(1, 4.0),
                waiting=same(1, 1.0), working=same(1, 3.0), longest=(7, 3),
            )
        },
        flows={"begin_draft": 1},
        people=(
            PersonFigures(
                user_id="mei", role="unit_handler", unit=None, duration=same(1, 4.0), elements={"draft": 1}
            ),
        ),
        waiting=(),
        variants=(Variant(activities=("draft",), count=1, share=1.0, days=5.0, instances=(7,)),),
        loops=(),
    )  # fmt: skip


def test_who_completes_without_taking_leaves_all_of_it_as_waiting() -> None:
    found = figures_of([CountedRun(instance_id=1, run=run(visit("draft", 1, 0, 2), ended_on=2))], days, 0)
    assert (found.elements["draft"].waiting, found.elements["draft"].working) == (same(1, 2.0), same(1, 0.0))


def test_medians_and_the_longest_over_many_runs() -> None:
    runs = [
        CountedRun(instance_id=n, run=run(visit("draft", 10 + n, 0, n), ended_on=n)) for n in range(1, 11)
    ]
    draft = figures_of(runs, days, 0).elements["draft"]
    assert draft.duration == Duration(times=10, middle=5.5, ninetieth=9.0)
    assert draft.longest == (10, 20)


def test_what_is_open_waits_until_now() -> None:
    runs = [
        CountedRun(instance_id=1, run=run(visit("draft", 1, 2, unit="kinmen"))),
        CountedRun(instance_id=2, run=run(visit("draft", 1, 5, unit="kinmen"))),
        CountedRun(instance_id=3, run=run(visit("draft", 1, 6, unit="penghu"))),
    ]
    found = figures_of(runs, days, 8 * DAY)
    assert (found.runs, found.running, found.elements["draft"].still_open) == (3, 3, 3)
    assert found.waiting == (
        OpenFigures(role="unit_handler", unit="kinmen", element="draft", count=2, days=6.0),
        OpenFigures(role="unit_handler", unit="penghu", element="draft", count=1, days=2.0),
    )
    assert found.variants == ()


def test_ways_collapse_rework_and_leave_frames_out() -> None:
    plain = run(visit("frame", 1, 0, 3), visit("draft", 2, 0, 1), visit("sign", 3, 1, 2), ended_on=2)
    again = run(
        visit("draft", 2, 0, 1), visit("sign", 3, 1, 2, gave_back=True), visit("draft", 4, 2, 3, redone=True),
        visit("sign", 5, 3, 4), ended_on=4,
    )  # fmt: skip
    short = run(visit("draft", 2, 0, 1), ended_on=1)
    cut = run(visit("draft", 2, 0, 1), ended_on=1, whole=False)
    found = figures_of(
        [CountedRun(instance_id=n, run=each) for n, each in enumerate((plain, again, short, cut), 1)],
        days, 0, frames=["frame"],
    )  # fmt: skip
    assert found.cut_off == 1
    assert found.variants == (
        Variant(activities=("draft", "sign"), count=2, share=2 / 3, days=3.0, instances=(1, 2)),
        Variant(activities=("draft",), count=1, share=1 / 3, days=1.0, instances=(3,)),
    )


def test_returns_are_counted_by_where_to_and_why() -> None:
    loops = tuple(
        Loop(process="signoff", sender="sign", target="draft", seq=seq, reasons=reasons)
        for seq, reasons in ((9, ("incomplete",)), (5, ("incomplete", "other")), (20, ()))
    )
    again = run(visit("draft", 9, 0, 1, redone=True), ended_on=1, loops=loops)
    found = figures_of([CountedRun(instance_id=4, run=again), CountedRun(instance_id=5, run=run())], days, 0)
    assert (found.runs, found.returned, found.elements["draft"].redone) == (2, 1, 1)
    assert found.loops == (
        LoopFigures(
            process="signoff", sender="sign", target="draft", count=3,
            reasons={"incomplete": 2, "other": 1, "": 1}, first=(4, 5),
        ),
    )  # fmt: skip


def test_a_map_shows_the_figure_of_its_shade() -> None:
    draft = ElementFigures(
        element="draft", times=3, redone=1, returned=1, duration=same(3, 4.0), waiting=same(3, 2.5)
    )
    assert {shade: draft.amount(shade) for shade in Shade} == {
        Shade.TIMES: 3.0, Shade.DURATIONS: 4.0, Shade.WAITING: 2.5, Shade.REWORK: 2.0,
    }  # fmt: skip
    assert ElementFigures(element="gone", times=0).amount(Shade.REWORK) is None


def test_steps_are_even_parts_of_the_largest() -> None:
    assert steps_of({"a": 10.0, "b": 9.9, "c": 4.0, "d": 0.0}, 5) == {"a": 5, "b": 5, "c": 3, "d": 1}
    assert steps_of({"a": 0.0}, 5) == {"a": 1}
    assert steps_of({}, 5) == {}
