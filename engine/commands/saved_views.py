"""Saved views of the inbox: what a person often asks for, under a name; a chief shares one with a unit."""

from collections.abc import Mapping

from engine.domain.history import EventDraft, EventType
from engine.domain.identity import Actor
from engine.errors import FieldError, Invalid, NotFound, NotPermitted
from engine.store.unit_of_work import UnitOfWork

# What an address of the inbox may say; every value is checked by the inbox itself whenever the view is used.
CHOICES = frozenset({"view", "year", "work", "unit", "due", "sort", "q", "cols"})
LONGEST_NAME = 30
LONGEST_CHOICE = 100
MOST_VIEWS = 30
CHIEFS = ("unit_chief", "sec_chief")


def save_view(uow: UnitOfWork, name: str, *, chosen: Mapping[str, str], unit: str | None = None) -> None:
    """Save a view over the one of the same name; its `unit` sees it as well, which its chief decides.

    Invalid for a name or choice that cannot be, NotPermitted for a unit that the actor is not chief of.
    """
    name = name.strip()
    if not name or len(name) > LONGEST_NAME:
        limit = {"limit": LONGEST_NAME}
        raise Invalid((FieldError(path="name", template="Enter 1 to {limit} characters", params=limit),))
    if not set(chosen) <= CHOICES or any(len(value) > LONGEST_CHOICE for value in chosen.values()):
        raise Invalid((FieldError(path="chosen", template="This value does not exist"),))
    if unit is not None and unit not in units_to_share_with(uow.actor):
        raise NotPermitted
    own = {view.name for view in uow.saved_views.of_actor(()) if view.owner == uow.actor.user_id}
    if name not in own and len(own) >= MOST_VIEWS:
        most = {"limit": MOST_VIEWS}
        raise Invalid((FieldError(path="name", template="Keep at most {limit} views", params=most),))
    kept = {key: value for key, value in chosen.items() if value}
    saved = EventDraft(type=EventType.VIEW_SAVED, data={"name": name, "chosen": kept, "unit": unit})
    uow.saved_views.save(name, kept, unit, saved)


def remove_view(uow: UnitOfWork, name: str) -> None:
    """Take one of one's own views away; NotFound when there is none of this name."""
    if name not in {view.name for view in uow.saved_views.of_actor(())}:
        raise NotFound(kind="view", id=name)
    uow.saved_views.remove(name, EventDraft(type=EventType.VIEW_REMOVED, data={"name": name}))


def units_to_share_with(actor: Actor) -> tuple[str, ...]:
    """The units whose people see what this person shares."""
    return tuple(sorted({unit for role, unit in actor.pairs if role in CHIEFS and unit}))
