"""What may be taken away: whole histories of instances that the reader may see, one or several at once."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.clock import TAIPEI
from engine.documents.exported import InstanceHistory
from engine.domain.instance import Instance
from engine.domain.permission import Action, may_see_instance, require, sight_of
from engine.errors import FieldError, Invalid, NotFound
from engine.plan.roc import roc_to_ad_year
from engine.store.unit_of_work import Reader

# All of it lies in memory at once; whoever wants more takes it in parts.
MOST_EVENTS = 250_000
LAST_ROC_YEAR = 999


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportScope:
    """Which instances: those of a process, of a plan, or that were started in a year of the ROC calendar.

    What is given holds together.
    """

    definition_key: str | None = None
    plan_key: str | None = None
    roc_year: int | None = None

    @property
    def is_empty(self) -> bool:
        return not (self.definition_key or self.plan_key or self.roc_year)

    @property
    def is_beyond_years(self) -> bool:
        """Whether the year is one that no ROC date is written with."""
        return self.roc_year is not None and not 0 <= self.roc_year <= LAST_ROC_YEAR

    def span(self) -> tuple[datetime, datetime] | None:
        """The first instant of the year in Taiwan and the first one after it."""
        if not self.roc_year:
            return None
        year = roc_to_ad_year(self.roc_year)
        return datetime(year, 1, 1, tzinfo=TAIPEI), datetime(year + 1, 1, 1, tzinfo=TAIPEI)


def history_of(reader: Reader, instance_id: int) -> tuple[InstanceHistory, ...]:
    """The whole history of an instance; NotFound for what the reader may not see.

    It tells no look: whoever takes it away is told by the export itself.
    """
    return histories(reader, [exportable_instance(reader, instance_id)])


def exportable_instance(reader: Reader, instance_id: int) -> Instance:
    """The instance, for those who may read its history; NotFound for what they may not see."""
    require(reader.actor, Action.READ_HISTORY)
    instance = reader.instances.get(instance_id)
    if not may_see_instance(reader.actor, instance):
        raise NotFound(kind="process instance", id=instance_id)
    return instance


def histories_of(reader: Reader, scope: ExportScope) -> tuple[InstanceHistory, ...]:
    """The histories of all instances of a scope that the reader may see, oldest first.

    Invalid for a scope that holds nothing, or more than lies in memory at once.
    """
    require(reader.actor, Action.READ_HISTORY)
    return histories(reader, instances_of(reader, scope))


def instances_of(reader: Reader, scope: ExportScope) -> list[Instance]:
    """The instances of a scope that the reader may see, oldest first."""
    if scope.is_empty:
        raise Invalid((FieldError(path="", template="Choose a process, a plan or a year"),))
    found = (
        []
        if scope.is_beyond_years
        else reader.instances.matching(
            sight_of(reader.actor),
            definition_key=scope.definition_key,
            plan_key=scope.plan_key,
            span=scope.span(),
        )
    )
    if not found:
        raise Invalid(
            (FieldError(path="", template="There is no process that you may see and that fits this"),)
        )
    refuse_too_many(found)
    return found


def refuse_too_many(instances: Sequence[Instance]) -> None:
    """Raise Invalid for more events than lie in memory at once."""
    events = sum(instance.seq for instance in instances)
    if events > MOST_EVENTS:
        raise Invalid(
            (
                FieldError(
                    path="",
                    template="{events} events are too many at once; at most {most}. Choose less.",
                    params={"events": events, "most": MOST_EVENTS},
                ),
            )
        )


def histories(reader: Reader, instances: Sequence[Instance]) -> tuple[InstanceHistory, ...]:
    """Instances with all of their events, read with one statement for some hundred of them."""
    events = defaultdict(list)
    for event in reader.history.of_streams([instance.id for instance in instances]):
        events[event.stream].append(event)
    return tuple(
        InstanceHistory(
            instance=instance,
            events=tuple(events[instance.id]),
            labels=labels_of(reader, instance.deployment_id),
            exported_at=reader.now,
            name=reader.definitions.parsed(instance.deployment_id).processes[instance.definition_key].name,
        )
        for instance in instances
    )


def labels_of(reader: Reader, deployment_id: int) -> Mapping[str, Mapping[str, str]]:
    """The names of the elements of a deployment, by process and element."""
    parsed = reader.definitions.parsed(deployment_id)
    return {
        process.key: {element.id: element.name for element in process.elements.values() if element.name}
        for process in parsed.processes.values()
    }
