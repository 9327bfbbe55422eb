"""Sets of criteria for their page: what there is, what it holds, who changed it, and which year uses it."""

from collections.abc import Mapping
from dataclasses import dataclass

from engine.activities.criteria_sets import (
    CRITERIA_SET,
    EXAMPLE,
    CriteriaSet,
    all_sets,
    criteria_owner,
)
from engine.domain.document import Document
from engine.domain.identity import Agency, User
from engine.domain.permission import Action, may, may_see_agency
from engine.errors import NotFound
from engine.store.unit_of_work import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class CriteriaPage:
    """One set among the others, with its history."""

    sets: tuple[CriteriaSet, ...]
    chosen: CriteriaSet | None
    versions: tuple[Document, ...]
    people: Mapping[str, User]
    may_change: bool


def criteria_page(reader: Reader, key: str = "") -> CriteriaPage:
    """All sets, and one of them if asked; NotFound outside the agency or for no such set."""
    if not may_see_agency(reader.actor, Agency.BRANCH):
        raise NotFound(kind="criteria", id=key)
    sets = all_sets(reader)
    chosen = next((each for each in sets if each.key == key), None)
    if key and chosen is None:
        raise NotFound(kind="criteria", id=key)
    changed = reader.documents.versions(criteria_owner(reader), CRITERIA_SET, key) if key != EXAMPLE else []
    return CriteriaPage(
        sets=sets,
        chosen=chosen,
        versions=tuple(reversed(changed)) if key else (),
        people={user.id: user for user in reader.organisation.users()},
        may_change=may(reader.actor, Action.CHANGE_CRITERIA),
    )
