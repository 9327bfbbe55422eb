"""Reads of process definitions: what is deployed, and what a person may start."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from engine.activities.award_records import next_entry_key
from engine.activities.working_plan import AGENCY_ID
from engine.domain.definition import FormDefinition, ProcessDefinition
from engine.domain.identity import Agency
from engine.domain.permission import Action, require, require_one_of
from engine.errors import NotPermitted
from engine.plan.award import edition_key, entry_key, screening_key
from engine.store.definitions import DeployedProcess
from engine.store.unit_of_work import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class StartPage:
    """A process that the reader may start, with the form that it starts with, if it has one."""

    definition: ProcessDefinition
    form: FormDefinition | None
    agency_id: str


def business_key(reader: Reader, page: StartPage, values: dict[str, Any]) -> str:
    """What the new instance is about: the plan of a year, the next award entry or a known one, the screening
    of a year.

    Two running instances of one process never share it, so a cycle cannot be started twice. Any other process
    is about itself and nothing else.
    """
    if "award_year" in values:
        year = int(values["award_year"])
        if page.definition.agency == Agency.MINISTRY:
            return screening_key(year)
        edition = edition_key(page.agency_id, year)
        return (
            entry_key(edition, int(values["entry_no"]))
            if "entry_no" in values
            else next_entry_key(reader, edition)
        )
    return f"{page.agency_id}:{values.get('roc_year') or page.definition.key}"


def latest_definitions(reader: Reader) -> tuple[DeployedProcess, ...]:
    """The newest version of every process."""
    require(reader.actor, Action.READ_DEFINITIONS)
    return tuple(reader.definitions.all_latest())


def process_names(reader: Reader) -> dict[str, str]:
    """The name of every process by its key; names are no secret among those who work here."""
    return {process.key: process.name for process in reader.definitions.all_latest()}


def startable(reader: Reader) -> tuple[ProcessDefinition, ...]:
    """The processes that the reader may start by hand."""
    return startable_of(reader, reader.definitions.all_latest())


def startable_of(reader: Reader, latest: Iterable[DeployedProcess]) -> tuple[ProcessDefinition, ...]:
    """Those of some processes that the reader may start by hand."""
    definitions = (
        reader.definitions.parsed(process.deployment_id).processes[process.key] for process in latest
    )
    return tuple(d for d in definitions if not reader.actor.roles.isdisjoint(d.starters))


def start_page(reader: Reader, definition_key: str) -> StartPage:
    """One process to start; NotFound, or NotPermitted for people who may not start it."""
    process = reader.definitions.latest(definition_key)
    parsed = reader.definitions.parsed(process.deployment_id)
    definition = parsed.processes[process.key]
    if not definition.starters:
        raise NotPermitted
    require_one_of(reader.actor, definition.starters)
    return StartPage(
        definition=definition,
        form=parsed.forms.get(definition.start_form or ""),
        agency_id=reader.organisation.setting("agency_id", AGENCY_ID),
    )
