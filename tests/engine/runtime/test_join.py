"""Joins: parallel sections in rework loops, inclusive joins, and what tokens bring with them."""

from itertools import permutations, product

import pytest

from engine.domain.definition import SourceFile
from engine.errors import ProcessFailed
from tests.engine.runtime.bare import Bare
from tests.engine.runtime.drawing import (
    boundary,
    deployment,
    do,
    end,
    flow,
    gateway,
    open_ids,
    process,
    script,
    start,
    started,
    timer,
    user,
)

UNITS = ("a", "b", "c")
ORDERS = list(permutations(UNITS))


def rework() -> SourceFile:
    """Three units at work in parallel, then an approval that may send everything back."""
    return process(
        "p",
        start()
        + user(*UNITS, "approve")
        + gateway("parallel", "split")
        + gateway("parallel", "join")
        + gateway("exclusive", "again")
        + gateway("exclusive", "fine", default="fine_done")
        + end()
        + flow("begin > again > split")
        + "".join(flow(f"split > {u} > join") for u in UNITS)
        + flow("join > approve > fine > done")
        + flow("fine > again", "approve.decision == 'return'"),
    )


REWORK = deployment(rework())


@pytest.mark.parametrize("first", ORDERS, ids="".join)
def test_a_join_in_a_rework_loop_waits_for_every_unit_in_every_round(first: tuple[str, ...]) -> None:
    for second, third in product(ORDERS, repeat=2):
        live, _ = started(REWORK)
        for number, order in enumerate((first, second, third), start=1):
            for position, unit in enumerate(order):
                assert sorted(open_ids(live)) == sorted(order[position:])
                do(live, unit, decision=f"{unit}{number}")
            assert open_ids(live) == ["approve"]
            variables = live.view().variables
            assert [variables[unit]["decision"] for unit in UNITS] == [f"{unit}{number}" for unit in UNITS]
            do(live, "approve", decision="return" if number < 3 else "approve")
        assert live.ended


def test_the_bare_library_opens_the_approval_while_units_are_still_at_work() -> None:
    bare = Bare(rework())
    for unit in ("a", "b", "c"):
        bare.do(unit)
    bare.do("approve", decision="return")
    bare.do("c")
    assert bare.open_ids() == ["a", "approve", "b"]


def test_a_branch_that_did_not_write_cannot_undo_what_another_branch_wrote() -> None:
    """Round 2: b carries the old value of a into the join."""
    live, _ = started(REWORK)
    for unit in UNITS:
        do(live, unit, decision="old", note="first round")
    do(live, "approve", decision="return")
    do(live, "a", decision="new")
    do(live, "c", decision="new")
    do(live, "b", decision="new")
    assert live.view().variables["a"] == {"decision": "new"}


def test_the_bare_library_brings_old_values_back_at_a_join() -> None:
    bare = Bare(rework())
    for unit in ("c", "b", "a"):
        bare.do(unit, decision="old", note="first round")
    bare.do("approve", decision="return")
    for unit in ("c", "b", "a"):
        bare.do(unit, decision="new")
    assert bare.ready[0].data["c"] == {"decision": "old", "note": "first round"}


def test_two_branches_that_write_their_own_names_both_survive() -> None:
    file = process(
        "p",
        start()
        + gateway("parallel", "split")
        + script("one", "left = [1, 2, 2]")
        + script("two", "right = [3]")
        + gateway("parallel", "join")
        + user("look")
        + end()
        + flow("begin > split > one > join > look > done")
        + flow("split > two > join"),
    )
    live, _ = started(deployment(file))
    assert live.view().variables == {"left": [1, 2, 2], "right": [3]}


def inclusive() -> SourceFile:
    """Any of three units, chosen by conditions, inside a rework loop."""
    return process(
        "p",
        start()
        + user("ask", *UNITS, "approve")
        + gateway("inclusive", "split", default="split_c")
        + gateway("inclusive", "join")
        + gateway("exclusive", "again")
        + gateway("exclusive", "fine", default="fine_done")
        + end()
        + flow("begin > again > ask > split")
        + flow("split > a", "contains(ask.decision, 'a')")
        + flow("split > b", "contains(ask.decision, 'b')")
        + flow("split > c")
        + "".join(flow(f"{u} > join") for u in UNITS)
        + flow("join > approve > fine > done")
        + flow("fine > again", "approve.decision == 'return'"),
    )


INCLUSIVE = deployment(inclusive())


@pytest.mark.parametrize("first", ["a", "b", "ab", "ba", ""])
@pytest.mark.parametrize("second", ["a", "b", "ab", "ba", ""])
def test_an_inclusive_join_in_a_loop_waits_for_exactly_the_chosen_branches(first: str, second: str) -> None:
    live, _ = started(INCLUSIVE)
    for chosen in (first, second):
        do(live, "ask", decision=chosen)
        expected = list(chosen) or ["c"]
        for position, unit in enumerate(expected):
            assert sorted(open_ids(live)) == sorted(expected[position:])
            do(live, unit)
        assert open_ids(live) == ["approve"]
        do(live, "approve", decision="return" if chosen is first and first is not second else "approve")
        if live.ended:
            break
    assert live.ended


def test_the_bare_library_opens_behind_an_inclusive_join_while_a_branch_is_open() -> None:
    bare = Bare(inclusive())
    bare.do("ask", decision="ab")
    bare.do("a")
    bare.do("b")
    bare.do("approve", decision="return")
    bare.do("ask", decision="ab")
    bare.do("b")
    assert bare.open_ids() == ["a", "approve"]


def test_an_inclusive_join_does_not_wait_for_a_branch_that_ended_elsewhere() -> None:
    file = process(
        "p",
        start()
        + user("a", "b", "after")
        + gateway("inclusive", "split", default="split_a")
        + gateway("inclusive", "join")
        + gateway("exclusive", "leave", default="leave_join")
        + end("done", "left")
        + flow("begin > split > a > join > after > done")
        + flow("split > b", "True")
        + flow("split > a2", "True")
        + user("a2")
        + flow("a2 > join")
        + flow("b > leave > join")
        + flow("leave > left", "b.decision == 'leave'"),
    )
    live, _ = started(deployment(file))
    do(live, "a2")
    assert open_ids(live) == ["b"]
    do(live, "b", decision="leave")
    assert open_ids(live) == ["after"]


def test_an_inclusive_join_waits_for_a_branch_inside_a_sub_process() -> None:
    """A sub-process in the middle of a branch is neither ready nor waiting to the library."""
    inner = start("s") + user("inner") + end("e") + flow("s > inner > e")
    file = process(
        "p",
        start()
        + user("a", "b", "after")
        + gateway("inclusive", "split", default="split_a")
        + gateway("inclusive", "join")
        + end()
        + f'<bpmn:subProcess id="sub">{inner}</bpmn:subProcess>'
        + flow("begin > split")
        + flow("split > a")
        + flow("split > sub", "True")
        + flow("split > a3", "True")
        + user("a3")
        + flow("a > join")
        + flow("a3 > join")
        + flow("sub > b > join")
        + flow("join > after > done"),
    )
    live, _ = started(deployment(file))
    do(live, "a3")
    assert open_ids(live) == ["inner"]
    do(live, "sub/inner")
    do(live, "b")
    assert open_ids(live) == ["after"]


def test_a_loop_without_anybody_in_it_fails() -> None:
    file = process(
        "p",
        start()
        + gateway("exclusive", "again")
        + script("count", "n = 1")
        + gateway("exclusive", "more", default="more_again")
        + end()
        + flow("begin > again > count > more > again")
        + flow("more > done", "n > 1"),
    )
    parsed = deployment(file)
    with pytest.raises(ProcessFailed):
        started(parsed)


def test_a_reminder_beside_a_join_does_not_hold_it_up() -> None:
    file = process(
        "p",
        start()
        + user("a", "b", "note", "after")
        + gateway("parallel", "split")
        + gateway("parallel", "join")
        + boundary("remind", "a", timer('"P1D"', "timeDuration"), interrupting=False)
        + end("done", "noted")
        + flow("begin > split > a > join > after > done")
        + flow("split > b > join")
        + flow("remind > note > noted"),
    )
    live, step = started(deployment(file))
    due = step.timers_set[0]
    live.fire(due.due_at, due.task_id)
    do(live, "a")
    do(live, "b")
    assert sorted(open_ids(live)) == ["after", "note"]
