"""A plan as a document on a page: generated numbers, and marks of what differs from another version."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

from engine.plan.differences import Change
from engine.plan.document import Action, Method, Plan
from engine.plan.numbering import heading
from engine.plan.vocabulary import SECTION_LABELS
from engine.queries.plan_numbers import ActionStanding, TargetStanding
from engine.queries.plans import PlanPage
from webapp.forms.differences import Piece, pieces

STAGE_WORDS: dict[str, LazyString] = {
    "drafting": lazy_gettext("Drafting"),
    "signing": lazy_gettext("Sign-off"),
    "reporting": lazy_gettext("Acknowledgement"),
    "publishing": lazy_gettext("Publication"),
    "executing": lazy_gettext("Execution"),
    "assessing": lazy_gettext("Self-assessment"),
    "d1": lazy_gettext("Data D1"),
    "d2": lazy_gettext("Report D2"),
    "closed": lazy_gettext("Closure"),
}
STATE_WORDS: dict[str, LazyString] = {
    "text_only": lazy_gettext("Text of an earlier year, the model of later plans; not run here"),
    "draft": lazy_gettext("Draft"),
    "returned": lazy_gettext("Returned"),
    "in_signoff": lazy_gettext("In sign-off"),
    "signed": lazy_gettext("Signed"),
    "reported": lazy_gettext("Reported to the bureau"),
    "acknowledged": lazy_gettext("Acknowledged by the bureau"),
    "acknowledged_with_comments": lazy_gettext("Acknowledged with comments"),
    "notified": lazy_gettext("Sent to the bureau for its files"),
    "published": lazy_gettext("Published"),
    "executing": lazy_gettext("In execution"),
    "assessing": lazy_gettext("In self-assessment"),
    "d1_sent": lazy_gettext("Result data sent"),
    "d2_sent": lazy_gettext("Result report sent"),
    "accepted": lazy_gettext("Results accepted"),
    "closed": lazy_gettext("Closed"),
    "cancelled": lazy_gettext("Cancelled"),
}
# The state of an amendment, which goes its way beside the plan in effect.
AMENDMENT_WORDS: dict[str, LazyString] = {
    "requested": lazy_gettext("Requested"),
    "draft": lazy_gettext("Draft"),
    "in_signoff": lazy_gettext("In sign-off"),
    "reported": lazy_gettext("Reported to the bureau"),
    "returned": lazy_gettext("Returned"),
    "acknowledged": lazy_gettext("Acknowledged by the bureau"),
    "notified": lazy_gettext("Sent to the bureau for its files"),
    "in_effect": lazy_gettext("In effect, being published"),
    "published": lazy_gettext("Amended and published"),
    "dropped": lazy_gettext("Ended without effect"),
}
# How a status of the plan's vocabulary is marked on a page.
STATUS_MARK = {
    "achieved": "achieved",
    "partly_achieved": "partly",
    "not_achieved": "missed",
    "done": "done",
    "partly_done": "partly",
    "not_done": "missed",
    "not_applicable": "not_applicable",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One chapter: its generated number, its title, and its paragraphs with changes marked."""

    id: str
    number: str
    title: str
    paragraphs: tuple[tuple[Piece, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One action: number, text with changes marked, and how far it has come."""

    action: Action
    number: str
    text: tuple[Piece, ...]
    owners: str
    standing: ActionStanding | None
    is_changed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodBlock:
    """One method with its actions."""

    id: str
    number: str
    title: tuple[Piece, ...]
    units: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategyBlock:
    """One strategy with its methods."""

    id: str
    number: str
    title: tuple[Piece, ...]
    methods: tuple[MethodBlock, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanText:
    """The whole document as it is read. `gone` holds what an earlier version had and this one has not."""

    sections: tuple[Section, ...]
    strategies: tuple[StrategyBlock, ...]
    goals: tuple[TargetStanding, ...]
    gone: tuple[Change, ...]


def plan_text(page: PlanPage) -> PlanText:
    """The document of a page, numbered and marked."""
    changes = {change.path: change for change in page.changes}
    return PlanText(
        sections=tuple(_sections(page.plan, changes)),
        strategies=tuple(
            StrategyBlock(
                id=strategy.id,
                number=heading(2, place),
                title=_marked(f"{strategy.id}.title", strategy.title, changes),
                methods=tuple(_methods(page, strategy.methods, changes)),
            )
            for place, strategy in enumerate(page.plan.strategies, start=1)
        ),
        goals=tuple(target for standing in page.standings.values() for target in standing.targets),
        gone=tuple(change for change in page.changes if change.after is None),
    )


def _sections(plan: Plan, changes: dict[str, Change]) -> Iterator[Section]:
    own = plan.sections
    texts = {
        "basis": own.basis,
        "goal": own.goal,
        "scope": own.scope,
        "strategies": own.strategies,
        "steps": own.steps.text,
        "assessment": own.assessment.text,
        "rewards": own.rewards.text,
        "supplement": own.supplement,
    }
    shown = [name for name in SECTION_LABELS if name != "supplement" or texts[name]]
    for place, name in enumerate(shown, start=1):
        path = f"sections.{name}.text" if name in ("steps", "assessment", "rewards") else f"sections.{name}"
        if path in changes:
            paragraphs: tuple[tuple[Piece, ...], ...] = (_marked(path, texts[name], changes),)
        else:
            paragraphs = tuple(
                (Piece(text=line, mark=""),) for line in texts[name].splitlines() if line.strip()
            )
        yield Section(id=name, number=heading(1, place), title=SECTION_LABELS[name], paragraphs=paragraphs)


def _methods(page: PlanPage, methods: Sequence[Method], changes: dict[str, Change]) -> Iterator[MethodBlock]:
    for place, method in enumerate(methods, start=1):
        yield MethodBlock(
            id=method.id,
            number=heading(3, place),
            title=_marked(f"{method.id}.title", method.title, changes),
            units=page.plan.units_text(method.units),
            lines=tuple(_lines(page, method.actions, changes)),
        )


def _lines(page: PlanPage, actions: Sequence[Action], changes: dict[str, Change]) -> Iterator[Line]:
    for place, action in enumerate(actions, start=1):
        yield Line(
            action=action,
            number=heading(4, place),
            text=_marked(f"{action.id}.summary", action.summary, changes),
            owners=page.plan.units_text(action.owner_units),
            standing=page.standings.get(action.id),
            is_changed=any(path == action.id or path.startswith(f"{action.id}.") for path in changes),
        )


def _marked(path: str, text: str, changes: dict[str, Change]) -> tuple[Piece, ...]:
    """The text with what was removed and added; the whole of it when the row is new."""
    change, row = changes.get(path), changes.get(path.rpartition(".")[0])
    if change is not None:
        return pieces(change.before or "", change.after or "")
    if row is not None and row.before is None:
        return (Piece(text=text, mark="ins"),)
    return (Piece(text=text, mark=""),)
