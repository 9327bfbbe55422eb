"""The yearly plans at a past moment: what was recorded last by then, and which version was in effect.

Versions are those that events name; their text is read from the content store by the digest that the event
has, and text that has not that digest any more is refused.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.activities.plan_documents import RELEASE
from engine.clock import from_micros, to_micros
from engine.domain.history import ORGANISATION_STREAM
from engine.errors import NotFound, ProcessFailed
from engine.plan.document import Plan, from_json
from engine.queries.moments import organisation_then
from engine.queries.plans import OWNER, TEXT_ONLY, PlanVersion, stage_of
from engine.replay.past_organisation import PastOrganisation
from engine.replay.register import Register
from engine.replay.told_rows import Expected, fold
from engine.store.past import Past
from engine.store.proof_rows import ProofRows
from engine.store.unit_of_work import Reader

_DECIDE = "decide"  # the verb of the last level (決行)
_READ = ("plan_state", "signature", "report", RELEASE, "publication")
# The versions of one plan by kind, key and number.
Told = dict[tuple[str, str, int], Expected]


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedThen:
    """Where a version was published, and what the look at it had found by then."""

    label: str
    no: int
    verified: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PastPlan:
    """A plan at a moment; the numbers are those of its versions, None for what had not happened yet.

    `versions` are those that were recorded by then, the newest first.
    """

    plan_key: str
    roc_year: int
    title: str
    state: str
    stage: int
    versions: tuple[PlanVersion, ...]
    signed_no: int | None
    reported_no: int | None
    in_effect_no: int | None
    in_effect_since: datetime | None
    published: tuple[PublishedThen, ...]

    @property
    def last_no(self) -> int:
        """The version that was recorded last."""
        return self.versions[0].no


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanText:
    """One version of a plan with its text."""

    version: PlanVersion
    plan: Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class PlansThen:
    """The plans of every year, the newest first, and the text of one version where a year is chosen."""

    office: PastOrganisation
    plans: tuple[PastPlan, ...]
    chosen: PastPlan | None = None
    text: PlanText | None = None


def plans_then(
    reader: Reader, at: datetime, *, roc_year: int | None = None, no: int | None = None
) -> PlansThen:
    """Every plan at a moment; of one year its text as well: version `no`, else the one in effect, else the
    last.

    NotFound for a year or a version that nobody had recorded by then. The number of statements does not
    depend on what was recorded.
    """
    office = organisation_then(reader, at)
    told = _told(reader, at)
    bodies = reader.content.intact([digest for each in told.values() for digest in _digests(each)])
    plans = tuple(sorted((_plan(key, each, bodies) for key, each in told.items()), key=_newest_first))
    if roc_year is None:
        return PlansThen(office=office, plans=plans)
    chosen = next((plan for plan in plans if plan.roc_year == roc_year), None)
    if chosen is None:
        raise NotFound(kind="plan", id=roc_year)
    wanted = no or chosen.in_effect_no or chosen.last_no
    version = next((version for version in chosen.versions if version.no == wanted), None)
    if version is None:
        raise NotFound(kind="plan", id=f"{roc_year}/{wanted}")
    body = _body(reader.content.intact([version.digest]), version.digest)
    return PlansThen(
        office=office, plans=plans, chosen=chosen, text=PlanText(version=version, plan=from_json(body))
    )


def _told(reader: Reader, at: datetime) -> dict[str, Told]:
    """What events had told of the documents of each plan."""
    register = Register()
    streams = [ORGANISATION_STREAM, *Past(reader).streams_of_plans()]
    events = ProofRows(reader).told_documents(streams, f"{OWNER}:", until=to_micros(at))
    fault = next(fold(events, register.read), None)
    if fault is not None:
        raise ProcessFailed(reason=str(fault[1]))
    found: dict[str, Told] = {}
    for (owner, kind, key, no), row in register.documents.items():
        if kind == "plan" or kind in _READ:
            found.setdefault(owner, {})[kind, key, no] = row
    return {owner: told for owner, told in found.items() if _latest(told, "plan")}


def _latest(told: Told, kind: str) -> dict[str, tuple[int, Expected]]:
    """The last version of every document of a kind, by key."""
    found: dict[str, tuple[int, Expected]] = {}
    for (its_kind, key, no), row in sorted(told.items(), key=lambda item: item[0]):
        if its_kind == kind:
            found[key] = (no, row)
    return found


def _digests(told: Told) -> Iterator[str]:
    """The digests of what the line of a plan is read from."""
    for kind in ("plan", *_READ):
        yield from (row.columns["digest"].hex() for _, row in _latest(told, kind).values())


def _body(bodies: Mapping[str, bytes], digest: str) -> dict[str, Any]:
    if digest not in bodies:
        raise ProcessFailed(reason=f"the content {digest[:12]} is gone or was changed")
    parsed: dict[str, Any] = json.loads(bodies[digest])
    return parsed


def _plan(plan_key: str, told: Told, bodies: Mapping[str, bytes]) -> PastPlan:
    def latest(kind: str) -> dict[str, tuple[Expected, dict[str, Any]]]:
        found = _latest(told, kind)
        return {key: (row, _body(bodies, row.columns["digest"].hex())) for key, (_, row) in found.items()}

    _, plan = latest("plan")[""]
    _, state = latest("plan_state").get("", (None, {"state": TEXT_ONLY}))
    reports = [body for _, (_, body) in sorted(latest("report").items(), key=lambda item: int(item[0]))]
    released = latest(RELEASE).get("")
    versions = tuple(_version(no, row) for (kind, _, no), row in sorted(told.items()) if kind == "plan")
    return PastPlan(
        plan_key=plan_key,
        roc_year=int(plan["roc_year"]),
        title=str(plan["title"]),
        state=str(state["state"]),
        stage=stage_of(str(state["state"])),
        versions=versions[::-1],
        signed_no=_signed(body for _, body in latest("signature").values()),
        reported_no=int(reports[-1]["plan_no"]) if reports else None,
        in_effect_no=int(released[1]["plan_no"]) if released else None,
        in_effect_since=from_micros(released[0].columns["made_at"]) if released else None,
        published=tuple(_published(body) for _, body in latest("publication").values()),
    )


def _signed(signatures: Iterable[Mapping[str, Any]]) -> int | None:
    """The version that was decided last (決行) by a signature that had not become void by then."""
    decided = [
        (str(body["signed_at"]), int(body["document"]["no"]))
        for body in signatures
        if body["decision"] == _DECIDE and body["document"]["kind"] == "plan" and not body["void"]
    ]
    return max(decided)[1] if decided else None


def _published(body: Mapping[str, Any]) -> PublishedThen:
    verified = body.get("verified") or {}
    return PublishedThen(
        label=str(body["label"]), no=int(body["plan_no"]), verified=str(verified.get("result", ""))
    )


def _version(no: int, row: Expected) -> PlanVersion:
    columns = row.columns
    return PlanVersion(
        no=no, digest=columns["digest"].hex(), note=columns["note"],
        made_at=from_micros(columns["made_at"]), made_by=columns["made_by"],
    )  # fmt: skip


def _newest_first(plan: PastPlan) -> int:
    return -plan.roc_year
