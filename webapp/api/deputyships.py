"""Deputyships (職務代理): those that concern the caller, naming a deputy, and ending a deputyship early."""

from datetime import date, datetime
from typing import Literal

from flask import Blueprint
from pydantic import Field

from engine.commands.deputies import end_deputyship, name_deputy
from engine.domain.deputy import DeputyCause, DeputyKind
from engine.domain.identity import ROLES
from engine.queries.deputies import DeputyshipRow, deputies_page, visible_deputyship
from webapp.api.description import answers, description
from webapp.api.shapes import Key, Reason, Shape
from webapp.door import actor, ask, execute

blueprint = Blueprint("api_deputyships", __name__, url_prefix="/deputyships")

TAGS = ["deputyships"]


class Naming(Shape):
    """`principal` is the caller if it is left out; without `roles` it covers all that the principal holds."""

    principal: Key | None = None
    deputy: Key
    valid_from: date
    valid_to: date
    cause: DeputyCause
    kind: DeputyKind = DeputyKind.ACTING
    roles: list[Key] = Field(default=[], max_length=len(ROLES))
    may_decide: bool = True


class DeputyshipItem(Shape):
    """One deputyship; both days are included. `may_end` tells whether the caller may end it now."""

    id: int
    principal: str
    principal_name: str
    deputy: str
    deputy_name: str
    valid_from: date
    valid_to: date
    roles: list[str]
    cause: DeputyCause
    kind: DeputyKind
    may_decide: bool
    named_by: str
    state: Literal["active", "coming", "over", "ended"]
    ended_at: datetime | None
    ended_by: str | None
    may_end: bool

    @classmethod
    def of(cls, row: DeputyshipRow) -> "DeputyshipItem":
        found = row.deputyship
        return cls(
            id=found.id, principal=found.principal, principal_name=row.principal.name, deputy=found.deputy,
            deputy_name=row.deputy.name, valid_from=found.valid_from, valid_to=found.valid_to,
            roles=list(found.roles), cause=found.cause, kind=found.kind, may_decide=found.may_decide,
            named_by=found.named_by, state=row.state, ended_at=found.ended_at, ended_by=found.ended_by,
            may_end=row.may_end,
        )  # fmt: skip


class DeputyshipsAnswer(Shape):
    """Where others stand in for the caller, where the caller stands in, and those of the people below."""

    own: list[DeputyshipItem]
    taken: list[DeputyshipItem]
    others: list[DeputyshipItem]


@blueprint.get("")
@description.validate(resp=answers(DeputyshipsAnswer), tags=TAGS)
def listing() -> DeputyshipsAnswer:
    """The deputyships that concern the caller, the latest first; auditors read all of them."""
    page = ask(deputies_page)
    own, taken, others = (
        [DeputyshipItem.of(row) for row in rows] for rows in (page.own, page.taken, page.others)
    )
    return DeputyshipsAnswer(own=own, taken=taken, others=others)


@blueprint.post("")
@description.validate(resp=answers(DeputyshipItem, status=201), tags=TAGS)
def name(json: Naming) -> tuple[DeputyshipItem, int]:
    """Name who stands in for the caller, or for somebody whose direct superior the caller is."""
    named = execute(
        name_deputy, json.principal or actor().user_id, deputy=json.deputy, valid_from=json.valid_from,
        valid_to=json.valid_to, cause=json.cause, kind=json.kind, roles=tuple(json.roles),
        may_decide=json.may_decide,
    )  # fmt: skip
    return DeputyshipItem.of(ask(visible_deputyship, named.id)), 201


@blueprint.post("/<int:deputyship_id>/end")
@description.validate(resp=answers(DeputyshipItem, conflicts=True), tags=TAGS)
def end(deputyship_id: int, json: Reason) -> DeputyshipItem:
    """End a deputyship before its last day, with a reason; what was taken stays with the principal."""
    execute(end_deputyship, deputyship_id, reason=json.reason)
    return DeputyshipItem.of(ask(visible_deputyship, deputyship_id))
