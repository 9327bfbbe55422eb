"""A past moment in words and tables: who could take what, who held what, what people were and had then."""

from collections.abc import Iterable, Iterator
from typing import Any

from flask_babel import gettext

from engine.domain.deputy import Deputyship
from engine.domain.identity import ANY_UNIT, PERSON, ROLES, Membership, User
from engine.domain.task import Candidate, Task
from engine.plan.document import decimal_text
from engine.plan.tree import Action, Plan
from engine.queries.moments import OpenThen, PastInbox
from engine.queries.plan_moments import PlansThen
from engine.queries.tasks import InboxRow
from engine.replay.past_organisation import PastOrganisation
from webapp.dates import moment_words, plain_day
from webapp.definition_words import in_language
from webapp.deputy_words import CAUSE_WORDS, KIND_WORDS
from webapp.plan_pages import STATE_WORDS

Table = list[list[Any]]


def person_words(office: PastOrganisation, user_id: str | None) -> str:
    """Name and title as they were then; the account where nobody of that name was entered yet."""
    user = office.users.get(user_id or "")
    return f"{user.name} {user.title}".strip() if user else user_id or ""


def role_words(office: PastOrganisation, role: str, unit: str) -> str:
    """`金門辦事處 單位承辦人`, with the name that the unit had then; or the one person who is meant."""
    if role == PERSON:
        return person_words(office, unit)
    place = office.units.get(unit)
    label = in_language(ROLES[role].label) if role in ROLES else role
    return f"{place.label if place else unit} {label}".strip()


def pool_words(office: PastOrganisation, candidates: Iterable[Candidate]) -> str:
    """Everybody who could take a task."""
    return str(gettext(", ")).join(role_words(office, c.role, c.unit) for c in candidates)


def holder_words(office: PastOrganisation, task: Task) -> str:
    """Who held a task, or who could take it."""
    if task.assignee:
        return person_words(office, task.assignee)
    return str(gettext("not taken: %(pool)s", pool=pool_words(office, task.candidates)))


def way_words(office: PastOrganisation, row: InboxRow) -> str:
    """Why a task stood in the inbox of a person."""
    reason = role_words(office, row.reason.role, row.reason.unit) if row.reason else ""
    deputyship = row.deputyship
    if deputyship is not None:
        who = f"{deputyship.name} {deputyship.title}".strip()
        words = {"kind": KIND_WORDS[deputyship.kind], "who": who, "cause": CAUSE_WORDS[deputyship.cause]}
        return str(gettext("%(kind)s %(who)s (%(cause)s)", **words))
    if row.assignee is not None:
        return str(gettext("held by this person"))
    return str(gettext("may take it as %(role)s", role=reason))


def held_by(office: PastOrganisation, user_id: str) -> tuple[Membership, ...]:
    """What a person held on that day, in the order of units."""
    held = (m for m in office.valid_memberships() if m.user_id == user_id)
    return tuple(sorted(held, key=lambda m: (_place(office, m.unit), m.role)))


def people(office: PastOrganisation) -> list[User]:
    """Everybody who had an account then, in the order of their units."""
    first = {
        user_id: min((_place(office, m.unit) for m in held_by(office, user_id)), default=(1 << 30, ""))
        for user_id in office.users
    }
    return sorted(office.users.values(), key=lambda user: (first[user.id], user.id))


def people_choices(office: PastOrganisation) -> list[tuple[str, str]]:
    """Everybody of then, to choose from."""
    return [(user.id, _choice(office, user)) for user in people(office)]


def action_words(plan: Plan, action: Action) -> tuple[str, str]:
    """The units that owed an action, and its targets."""
    targets = (f"{t.indicator} {t.comparator} {decimal_text(t.value)}{t.unit}" for t in action.targets)
    return plan.units_text(action.owner_units), "；".join(targets) or (action.narrative_reason or "")


def inbox_table(found: PastInbox) -> Table:
    """The inbox as a table."""
    head = [
        gettext("To do"), gettext("Which one"), gettext("Unit"), gettext("Sent by"), gettext("Arrived"),
        gettext("Due date"), gettext("Why it stood there"), gettext("Process"), gettext("Last entry"),
    ]  # fmt: skip
    return [
        head,
        *(
            [
                in_language(row.label), row.subject, row.unit_label,
                f"{row.sent_by_name} {row.sent_by_title}".strip(), moment_words(row.opened_at),
                moment_words(row.due_at) if row.due_at else "", way_words(found.office, row),
                row.instance_id, found.last_seqs[row.instance_id],
            ]
            for row in found.rows
        ),
    ]  # fmt: skip


def open_table(found: OpenThen) -> Table:
    """The open instances as a table, one line for each open task, or one for an instance that had none."""
    head = [
        gettext("Process number"), gettext("Process"), gettext("Which one"), gettext("Started on"),
        gettext("State"), gettext("Last entry"), gettext("Task"), gettext("Matter of the task"),
        gettext("Held by"), gettext("Due date"),
    ]  # fmt: skip
    return [head, *(row for line in found.lines for row in _open_rows(found, line))]


def _open_rows(found: OpenThen, line: Any) -> Iterator[list[Any]]:
    instance = line.instance
    first = [
        instance.id, in_language(line.name), instance.title, moment_words(instance.started_at),
        gettext("Suspended") if instance.state.name == "SUSPENDED" else gettext("Under way"), instance.seq,
    ]  # fmt: skip
    for task in line.tasks:
        due = moment_words(task.due_at) if task.due_at else ""
        yield [*first, in_language(task.label), task.subject, holder_words(found.office, task), due]
    if not line.tasks:
        yield [*first, "", "", "", ""]


def organisation_table(office: PastOrganisation) -> Table:
    """People with what they held, deputyships, units, calendars and settings, one kind below the other."""
    kind = gettext("Kind")
    rows: Table = [[kind, gettext("Account"), gettext("Name"), gettext("Roles held"), gettext("State")]]
    for user in people(office):
        duties = str(gettext(", ")).join(role_words(office, m.role, m.unit) for m in held_by(office, user.id))
        rows.append([gettext("Person"), user.id, person_words(office, user.id), duties, state_words(user)])
    rows += [[], [kind, gettext("Person"), gettext("Who stands in"), gettext("Days"), gettext("State")]]
    active = {d.id for d in office.active_deputyships()}
    rows += [_deputy_row(office, d, is_active=d.id in active) for d in office.deputyships]
    rows += [[], [kind, gettext("Unit"), gettext("Name"), gettext("Agency"), gettext("State")]]
    for unit in sorted(office.units.values(), key=lambda unit: (unit.position, unit.id)):
        rows.append(
            [gettext("Unit"), unit.id, unit.label, str(unit.agency),
             gettext("Active") if unit.active else gettext("Closed")]
        )  # fmt: skip
    rows += [[], [kind, gettext("Year"), gettext("Days off"), gettext("Days worked"), gettext("Source")]]
    for year, table in sorted(office.calendar.tables.items()):
        rows.append([gettext("Calendar"), year, len(table.holidays), len(table.workdays), table.source])
    rows += [[], [kind, gettext("Name"), gettext("Value")]]
    rows += [[gettext("Setting"), key, str(value)] for key, value in office.settings.items()]
    return rows


def plans_table(found: PlansThen) -> Table:
    """The plans, and the actions with their targets of the version that is shown."""
    rows: Table = [
        [
            gettext("Plan"), gettext("State"), gettext("Recorded last"), gettext("Signed"),
            gettext("Reported to the bureau"), gettext("In effect"), gettext("Published"),
        ],
        *(
            [
                plan.title, STATE_WORDS.get(plan.state, plan.state), plan.last_no, plan.signed_no,
                plan.reported_no, plan.in_effect_no,
                str(gettext(", ")).join(f"{p.label} {p.no}" for p in plan.published),
            ]
            for plan in found.plans
        ),
    ]  # fmt: skip
    if found.text is not None:
        plan, version = found.text.plan, found.text.version
        rows += [
            [], [plan.title, gettext("Version %(no)d", no=version.no), version.digest],
            [gettext("Action"), gettext("What it says"), gettext("Unit"), gettext("Targets")],
            *([action.id, action.summary, *action_words(plan, action)] for action in plan.actions()),
        ]  # fmt: skip
    return rows


def state_words(user: User) -> str:
    """Whether the account was open."""
    return str(gettext("Active") if user.active else gettext("Closed"))


def _deputy_row(office: PastOrganisation, deputyship: Deputyship, *, is_active: bool) -> list[Any]:
    return [
        gettext("Deputy"),
        person_words(office, deputyship.principal),
        person_words(office, deputyship.deputy),
        f"{plain_day(deputyship.valid_from)}–{plain_day(deputyship.valid_to)}",
        deputy_state(deputyship, is_active=is_active),
    ]  # fmt: skip


def deputy_state(deputyship: Deputyship, *, is_active: bool) -> str:
    """Whether somebody stood in at that very minute."""
    if is_active:
        return str(gettext("in effect at this moment"))
    if deputyship.ended_at is not None:
        return str(gettext("ended early on %(at)s", at=moment_words(deputyship.ended_at)))
    return str(gettext("not in effect at this moment"))


def _choice(office: PastOrganisation, user: User) -> str:
    held = held_by(office, user.id)
    place = role_words(office, held[0].role, held[0].unit) if held else ""
    closed = "" if user.active else gettext("Closed")
    return " · ".join(part for part in (f"{user.name} {user.title}".strip(), place, closed) if part)


def _place(office: PastOrganisation, unit: str) -> tuple[int, str]:
    found = office.units.get(unit)
    return (found.position, unit) if found and unit != ANY_UNIT else (1 << 29, unit)
