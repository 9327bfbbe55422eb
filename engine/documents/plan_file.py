"""A version of the plan as an editable file (ODT), numbered like the document: 壹、一、(一)1."""

from collections.abc import Iterator
from datetime import date

from engine.documents.odf import Block, text_file
from engine.plan.document import decimal_text
from engine.plan.numbering import heading
from engine.plan.roc import format_roc
from engine.plan.tree import Action, BasisLetter, Method, Plan, Target
from engine.plan.vocabulary import COMPARATOR_LABELS, SECTION_LABELS


def plan_file(plan: Plan, *, no: int, digest: str, made_on: date, replaced_by: int | None = None) -> bytes:
    """The whole plan; it ends with the version and its digest, so that a copy can be compared (伍.一).

    A version in the place of which an amendment has put another one says so above everything else.
    """
    mark = [Block(text=f"【已修正】本版不再有效，現行計畫為第{replaced_by}版。")] if replaced_by else []
    return text_file(plan.title, made_on, [*mark, *_blocks(plan), Block(text=f"第{no}版　摘要值 {digest}")])


def plan_file_name(plan: Plan, no: int, *, is_replaced: bool = False) -> str:
    """The name under which a version is downloaded."""
    return f"{plan.title}-第{no}版{'（已修正）' if is_replaced else ''}.odt"


def _blocks(plan: Plan) -> Iterator[Block]:
    own = plan.sections
    texts = {
        "basis": own.basis, "goal": own.goal, "scope": own.scope, "strategies": own.strategies,
        "steps": own.steps.text, "assessment": own.assessment.text, "rewards": own.rewards.text,
        "supplement": own.supplement,
    }  # fmt: skip
    written = [name for name in SECTION_LABELS if name != "supplement" or texts[name]]
    for place, name in enumerate(written, start=1):
        yield Block(level=2, text=heading(1, place) + SECTION_LABELS[name])
        if name == "basis":
            yield from (Block(text=_basis_line(at, letter)) for at, letter in enumerate(plan.basis, start=1))
        yield from (Block(text=line) for line in texts[name].splitlines() if line.strip())
        if name == "strategies":
            yield from _strategies(plan)


def _basis_line(place: int, letter: BasisLetter) -> str:
    parts = [
        letter.issuer,
        format_roc(letter.issued_on) if letter.issued_on else "",
        letter.number.format() if letter.number else "",
        f"「{letter.subject}」" if letter.subject else "",
    ]
    return heading(2, place) + "".join(parts)


def _strategies(plan: Plan) -> Iterator[Block]:
    for place, strategy in enumerate(plan.strategies, start=1):
        yield Block(level=3, text=heading(2, place) + strategy.title)
        for no, method in enumerate(strategy.methods, start=1):
            yield Block(level=4, text=f"{heading(3, no)}{method.title}（{plan.units_text(method.units)}）")
            if method.actions:
                yield Block(rows=tuple(_action_rows(plan, method)))


def _action_rows(plan: Plan, method: Method) -> Iterator[tuple[str, ...]]:
    yield ("編號", "具體推動作法", "目標", "權責單位")
    for action in method.actions:
        yield (action.id, action.summary, target_text(action), plan.units_text(action.owner_units))


def target_text(action: Action) -> str:
    """The targets of an action in one line; a milestone or a narrative action says what it aims at."""
    if action.targets:
        return "；".join(_target(target) for target in action.targets)
    if action.milestone_on:
        return f"{format_roc(action.milestone_on)}前{action.milestone}"
    return "敘述性作法"


def _target(target: Target) -> str:
    value = f"{decimal_text(target.value)}{target.unit}"
    return target.indicator + COMPARATOR_LABELS[target.comparator] + value
