"""Random diagrams of nested blocks: every allowed way of splitting, joining, repeating and interrupting."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from hypothesis import strategies as st

from engine.domain.definition import SourceFile
from tests.engine.runtime.drawing import (
    boundary,
    catch,
    each,
    end,
    flow,
    gateway,
    message,
    process,
    script,
    start,
    timer,
    user,
)

leaf = st.sampled_from(["user", "script", "recall", "remind"])


def blocks(in_inclusive: Any, in_loop: Any, leaves: Any) -> st.SearchStrategy[Any]:
    """Blocks of blocks; what may stand in an inclusive section and in a loop is for the caller to say."""
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.tuples(st.just("sequence"), st.lists(inner, min_size=2, max_size=3)),
            st.tuples(st.just("parallel"), st.lists(inner, min_size=2, max_size=3)),
            st.tuples(st.just("exclusive"), st.lists(inner, min_size=2, max_size=2)),
            st.tuples(st.just("sub"), st.lists(inner, min_size=1, max_size=1)),
            st.tuples(
                st.just("inclusive"),
                st.lists(inner if in_inclusive is None else in_inclusive, min_size=2, max_size=3),
            ),
            st.tuples(
                st.just("loop"), st.lists(inner if in_loop is None else in_loop, min_size=1, max_size=2)
            ),
            st.tuples(st.just("each"), st.just([])),
        ),
        max_leaves=6,
    )


# Joins and repetitions in loops, and sub-processes before inclusive joins, are wrong in the bare library
COMPARABLE = blocks(leaf, leaf, leaf)
ANYTHING = blocks(None, None, st.one_of(leaf, st.sampled_from(["alarm", "race", "service", "call"])))


@dataclass
class Sketch:
    """Draws blocks one behind the other; messages and sub-process bodies are collected beside."""

    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    messages: list[str] = field(default_factory=list)

    def draw(self, shape: object, before: str) -> tuple[str, str]:
        """XML of a block that starts behind `before`, and the id of its last element."""
        number = next(self.numbers)
        kind, parts = shape if isinstance(shape, tuple) else (shape, [])
        own = f"{kind}{number}"
        match kind:
            case "user":
                return user(own) + flow(f"{before} > {own}"), own
            case "script":
                return script(own, f"x{number} = {number}") + flow(f"{before} > {own}"), own
            case "recall" | "remind":
                return self._watched(own, before, interrupting=kind == "recall")
            case "alarm":
                return self._alarm(own, before)
            case "race":
                return self._race(own, before)
            case "service":
                xml = f'<bpmn:serviceTask id="{own}" planflow:activity="any.thing"/>'
                return xml + flow(f"{before} > {own}"), own
            case "call":
                return f'<bpmn:callActivity id="{own}" calledElement="sub"/>' + flow(f"{before} > {own}"), own
            case "sequence":
                return self._row(parts, before)
            case "each":
                return user(own, inner=each("units", f"item{number}")) + flow(f"{before} > {own}"), own
            case "sub":
                inner, last = self._row(parts, f"s{number}")
                body = start(f"s{number}") + inner + end(f"e{number}") + flow(f"{last} > e{number}")
                xml = f'<bpmn:subProcess id="{own}">{body}</bpmn:subProcess>' + flow(f"{before} > {own}")
                return xml, own
            case "loop":
                return self._loop(own, parts, before)
        return self._split(kind, own, parts, before)

    def _row(self, parts: list[object], before: str) -> tuple[str, str]:
        xml = ""
        for part in parts:
            more, before = self.draw(part, before)
            xml += more
        return xml, before

    def _watched(self, own: str, before: str, *, interrupting: bool) -> tuple[str, str]:
        self.messages.append(own)
        xml = (
            user(own, f"{own}_late")
            + boundary(
                f"{own}_event",
                own,
                message(f"m_{own}"),
                interrupting=interrupting,
                attributes='planflow:correlation="plan_key"',
            )
            + flow(f"{before} > {own}")
        )
        if not interrupting:
            return xml + end(f"{own}_end") + flow(f"{own}_event > {own}_late > {own}_end"), own
        merge = f"{own}_merge"
        xml += (
            gateway("exclusive", merge)
            + flow(f"{own} > {merge}")
            + flow(f"{own}_event > {own}_late > {merge}")
        )
        return xml, merge

    def _alarm(self, own: str, before: str) -> tuple[str, str]:
        xml = user(own, f"{own}_late") + end(f"{own}_end") + flow(f"{before} > {own}")
        xml += boundary(f"{own}_event", own, timer('"P3D"', "timeDuration"), interrupting=False)
        return xml + flow(f"{own}_event > {own}_late > {own}_end"), own

    def _race(self, own: str, before: str) -> tuple[str, str]:
        self.messages.append(own)
        merge = f"{own}_merge"
        xml = gateway("eventBased", own) + gateway("exclusive", merge) + flow(f"{before} > {own}")
        xml += catch(f"{own}_reply", message(f"m_{own}"), 'planflow:correlation="plan_key"')
        xml += catch(f"{own}_timer", timer("due"))
        for event in ("reply", "timer"):
            xml += flow(f"{own} > {own}_{event} > {merge}")
        return xml, merge

    def _split(self, kind: str, own: str, parts: list[object], before: str) -> tuple[str, str]:
        ask, join = f"{own}_ask", f"{own}_join"
        xml = user(ask) + gateway(kind, own, default="" if kind == "parallel" else f"{own}_{own}_0")
        xml += gateway(kind, join) + flow(f"{before} > {ask} > {own}")
        for index, part in enumerate(parts):
            head = f"{own}_{index}"
            condition = None if kind == "parallel" or index == 0 else f"contains({ask}.decision, '{index}')"
            inner, last = self.draw(part, head)
            xml += user(head) + flow(f"{own} > {head}", condition) + inner + flow(f"{last} > {join}")
        return xml, join

    def _loop(self, own: str, parts: list[object], before: str) -> tuple[str, str]:
        inner, last = self._row(parts, f"{own}_again")
        xml = (
            gateway("exclusive", f"{own}_again")
            + flow(f"{before} > {own}_again")
            + inner
            + user(f"{own}_ask")
        )
        xml += gateway("exclusive", own, default=f"{own}_{own}_out") + user(f"{own}_out")
        xml += flow(f"{last} > {own}_ask > {own} > {own}_out")
        return xml + flow(f"{own} > {own}_again", f"contains({own}_ask.decision, '1')"), f"{own}_out"


def sketched(shape: object) -> SourceFile:
    """A process `p` of one block; it needs the variables `units`, `plan_key` and `due`."""
    sketch = Sketch()
    xml, last = sketch.draw(shape, "begin")
    names = "".join(f'<bpmn:message id="m_{name}" name="m_{name}"/>' for name in sketch.messages)
    return process("p", start() + xml + end() + flow(f"{last} > done"), before=names)
