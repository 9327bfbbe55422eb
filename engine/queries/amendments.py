"""Amendments of a plan and what became of its targets: who changed which, when, and who approved it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from engine.activities.amendment import ENDED, IN_EFFECT, KINDS, running_amendment
from engine.activities.lowering import known_results
from engine.activities.plan_documents import AMENDMENT, RELEASE, state_of
from engine.domain.deputy import signed_for
from engine.domain.document import Document
from engine.domain.identity import Agency, User
from engine.domain.permission import Action, may, may_see_agency, require
from engine.errors import NotFound
from engine.plan.amendment import is_lower, target_words
from engine.plan.differences import Change, diff_plans
from engine.plan.document import Plan, Target, from_json
from engine.store.unit_of_work import Reader

OWNER = "bsmi_khh"
STARTER = "sec_handler"
Key = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendmentLine:
    """One amendment: what it is for, and where it stands."""

    no: int
    kind: str
    state: str
    reason: str
    opened_on: date
    effective_on: date | None
    instance_id: int

    @property
    def is_running(self) -> bool:
        return self.state not in ENDED


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetChange:
    """One target that became another one (8.1): by whom, in which task, who approved it, and was it known.

    `before` is None for a new target, `after` for one that is gone. `reason` is the director's own.
    """

    action_id: str
    indicator: str
    before: str | None
    after: str | None
    is_lowered: bool
    made_at: datetime
    made_by: str
    task: str
    instance_id: int | None
    approved_at: datetime | None
    approved_by: str
    reason: str
    is_result_known: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendmentPanel:
    """What the page of a plan says about its amendments."""

    running: AmendmentLine | None
    in_effect_no: int | None
    amended_nos: frozenset[int]
    may_amend: bool
    may_read_changes: bool
    lowered: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangesPage:
    """修正紀錄: the amendments of a plan and every change of a target, the newest first.

    `enacted_at` is the moment from which the plan was in effect: what was changed before, the draft set.
    """

    title: str
    amendments: tuple[AmendmentLine, ...]
    changes: tuple[TargetChange, ...]
    enacted_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two versions of a plan beside each other, and every field that differs."""

    title: str
    versions: tuple[Document, ...]
    before: Document
    after: Document
    changes: tuple[Change, ...]
    in_effect_no: int | None
    amended_nos: frozenset[int]


def amendment_panel(reader: Reader, roc_year: int) -> AmendmentPanel:
    """Which version is in effect, what is being amended, and what the reader may do about it."""
    plan_key = f"{OWNER}:{roc_year}"
    found = running_amendment(reader, plan_key)
    in_effect, amended = released_nos(reader, plan_key)
    may_read = may(reader.actor, Action.READ_HISTORY)
    can_be_amended = found is None and state_of(reader, plan_key) in IN_EFFECT
    return AmendmentPanel(
        running=_line(found) if found else None,
        in_effect_no=in_effect,
        amended_nos=amended,
        may_amend=can_be_amended and STARTER in reader.actor.roles,
        may_read_changes=may_read,
        lowered=sum(c.is_lowered for c in _changes_of(reader, plan_key)) if may_read else 0,
    )


def changes_page(reader: Reader, roc_year: int, action_id: str = "") -> ChangesPage:
    """The record of changes of a plan, of one action if asked; NotFound when there is no such plan."""
    require(reader.actor, Action.READ_HISTORY)
    plan_key = f"{OWNER}:{roc_year}"
    latest = reader.documents.find(plan_key, "plan")
    if latest is None:
        raise NotFound(kind="plan", id=roc_year)
    lines = sorted(
        (_line(found) for found in reader.documents.list(plan_key, AMENDMENT)), key=lambda a: -a.no
    )
    changes = (c for c in _changes_of(reader, plan_key) if not action_id or c.action_id == action_id)
    return ChangesPage(
        title=str(latest.body["title"]), amendments=tuple(lines), changes=tuple(reversed(list(changes))),
        enacted_at=next((r.made_at for r in reader.documents.versions(plan_key, RELEASE)), None),
    )  # fmt: skip


def comparison(reader: Reader, roc_year: int, before: int | None, after: int | None) -> Comparison:
    """Two versions; without numbers the two that were in effect last, else the first and the latest.

    NotFound when there is no such plan or version, or when the reader may not see it.
    """
    plan_key = f"{OWNER}:{roc_year}"
    seen = may_see_agency(reader.actor, Agency.BRANCH)
    versions = reader.documents.versions(plan_key, "plan") if seen else []
    if not versions:
        raise NotFound(kind="plan", id=roc_year)
    in_effect, amended = released_nos(reader, plan_key)
    first = _version(versions, before or max(amended, default=versions[0].no), roc_year)
    last = _version(versions, after or in_effect or versions[-1].no, roc_year)
    return Comparison(
        title=str(last.body["title"]),
        versions=tuple(reversed(versions)),
        before=first,
        after=last,
        changes=diff_plans(from_json(first.body), from_json(last.body)),
        in_effect_no=in_effect,
        amended_nos=amended,
    )


def _version(versions: Sequence[Document], no: int, roc_year: int) -> Document:
    found = next((version for version in versions if version.no == no), None)
    if found is None:
        raise NotFound(kind="plan", id=f"{roc_year}/{no}")
    return found


def released_nos(reader: Reader, plan_key: str) -> tuple[int | None, frozenset[int]]:
    """The version in effect, and those that were and have been amended since (已修正)."""
    numbers = [int(r.body["plan_no"]) for r in reader.documents.versions(plan_key, RELEASE)]
    return (numbers[-1], frozenset(numbers) - {numbers[-1]}) if numbers else (None, frozenset())


def _line(found: Document) -> AmendmentLine:
    body = found.body
    effective = body.get("effective_on")
    return AmendmentLine(
        no=int(body["no"]),
        kind=KINDS.get(body.get("kind", ""), ""),
        state=str(body["state"]),
        reason=str(body.get("reason", "")),
        opened_on=date.fromisoformat(body["opened_on"]),
        effective_on=date.fromisoformat(effective) if effective else None,
        instance_id=int(body["instance_id"]),
    )


def _changes_of(reader: Reader, plan_key: str) -> Iterator[TargetChange]:
    """Every difference of a target between one version of the plan and the next, the oldest first."""
    versions = reader.documents.versions(plan_key, "plan")
    plans = [from_json(version.body) for version in versions]
    steps = [
        (version, _differences(before, after))
        for version, before, after in zip(versions[1:], plans, plans[1:], strict=False)
    ]
    if not any(differences for _, differences in steps):
        return
    people = {user.id: user for user in reader.organisation.users()}
    approvals, known = _approvals(reader, plan_key), known_results(reader, plan_key)
    for version, differences in steps:
        for key, (before, after) in differences.items():
            yield _change(
                reader, version, key, before, after, _approval(approvals, version.no), known, people
            )


def _differences(before: Plan, after: Plan) -> dict[Key, tuple[Target | None, Target | None]]:
    was, now = _targets(before), _targets(after)
    keys = [*now, *(key for key in was if key not in now)]
    pairs = {key: (was.get(key), now.get(key)) for key in keys}
    return {key: (old, new) for key, (old, new) in pairs.items() if _words(old) != _words(new)}


def _targets(plan: Plan) -> dict[Key, Target]:
    return {(action.id, target.indicator): target for action in plan.actions() for target in action.targets}


def _words(target: Target | None) -> str | None:
    return None if target is None else target_words(target)


def _approvals(reader: Reader, plan_key: str) -> list[Mapping[str, Any]]:
    """Every decision over the plan, in the order of the versions that were signed."""
    signatures = (found.body for found in reader.documents.list(plan_key, "signature"))
    decided = [s for s in signatures if s["decision"] == "decide" and s["document"]["kind"] == "plan"]
    return sorted(decided, key=lambda s: int(s["document"]["no"]))


def _approval(approvals: Sequence[Mapping[str, Any]], no: int) -> Mapping[str, Any] | None:
    return next((s for s in approvals if int(s["document"]["no"]) >= no), None)


def _signer(approval: Mapping[str, Any]) -> str:
    """Who decided; of a deputy both names, as the record is printed."""
    name, title = approval["name"], approval["title"]
    deputy = approval.get("deputy")
    return signed_for(deputy, name, title) if deputy else f"{name} {title}".strip()


def _change(
    reader: Reader,
    version: Document,
    key: Key,
    before: Target | None,
    after: Target | None,
    approval: Mapping[str, Any] | None,
    known: Mapping[Key, datetime],
    people: Mapping[str, User],
) -> TargetChange:
    task = reader.tasks.find(version.task_id) if version.task_id else None
    maker = people.get(version.made_by)
    known_at = known.get(key)
    lowered = before is not None and (after is None or is_lower(before, after))
    return TargetChange(
        action_id=key[0],
        indicator=key[1],
        before=_words(before),
        after=_words(after),
        is_lowered=lowered,
        made_at=version.made_at,
        made_by=f"{maker.name} {maker.title}".strip() if maker else version.made_by,
        task=task.label if task else "",
        instance_id=task.instance_id if task else None,
        approved_at=datetime.fromisoformat(approval["signed_at"]) if approval else None,
        approved_by=_signer(approval) if approval else "",
        reason=str(approval.get("lowering_reason", "")) if approval and lowered else "",
        is_result_known=known_at is not None and known_at < version.made_at,
    )
