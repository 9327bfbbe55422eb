"""The timeline in sentences: each row of the history as people would tell it, grouped by day."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby

from flask_babel import gettext, lazy_gettext
from flask_babel.speaklater import LazyString
from markupsafe import Markup, escape

from engine.domain.history import EventType, Origin, origin_of
from engine.domain.identity import Unit, User, role_label
from engine.domain.priority import Priority
from engine.queries.incidents import rules_told
from engine.queries.timeline import TimelineRow
from webapp.dates import local_day, plain_day
from webapp.definition_words import in_language
from webapp.deputy_words import in_place_of
from webapp.verb_words import PRIORITY_WORDS
from webapp.wording import in_words

MOST_ROWS = 200

SENTENCES: dict[EventType, LazyString] = {
    EventType.INSTANCE_STARTED: lazy_gettext("%(who)s started “%(step)s”"),
    EventType.TASK_COMPLETED: lazy_gettext("%(who)s finished “%(step)s”"),
    EventType.TIMER_FIRED: lazy_gettext("The time “%(step)s” has come"),
    EventType.MESSAGE_RECEIVED: lazy_gettext("%(who)s sent “%(step)s”"),
    EventType.ACTIVITY_RETURNED: lazy_gettext("%(who)s carried out “%(step)s”"),
    EventType.INSTANCE_CANCELLED: lazy_gettext("%(who)s cancelled the process"),
    EventType.TASK_OPENED: lazy_gettext("The system opened “%(step)s” for %(whom)s"),
    EventType.TASK_WITHDRAWN: lazy_gettext("The system withdrew “%(step)s”"),
    EventType.BRANCH_TAKEN: lazy_gettext("The system decided “%(step)s”"),
    EventType.TIMER_SET: lazy_gettext("The system waits for the time “%(step)s”"),
    EventType.TIMER_DROPPED: lazy_gettext("The system no longer waits for the time “%(step)s”"),
    EventType.MESSAGE_AWAITED: lazy_gettext("The system waits for “%(step)s”"),
    EventType.MESSAGE_UNAWAITED: lazy_gettext("The system no longer waits for “%(step)s”"),
    EventType.MESSAGE_THROWN: lazy_gettext("The system sent “%(step)s”"),
    EventType.ACTIVITY_REQUESTED: lazy_gettext("The system began “%(step)s”"),
    EventType.ELEMENT_PASSED: lazy_gettext("The system passed “%(step)s”"),
    EventType.INSTANCE_ENDED: lazy_gettext("The process ended: %(step)s"),
    EventType.TASK_CLAIMED: lazy_gettext("%(who)s took “%(step)s”"),
    EventType.TASK_UNCLAIMED: lazy_gettext("%(who)s put “%(step)s” back"),
    EventType.TASK_ASSIGNED: lazy_gettext("%(who)s assigned “%(step)s” to %(whom)s"),
    EventType.TASK_DELEGATED: lazy_gettext("%(who)s asked %(whom)s to prepare “%(step)s”"),
    EventType.TASK_RESOLVED: lazy_gettext("%(who)s gave “%(step)s” back to %(whom)s"),
    EventType.OPINION_ASKED: lazy_gettext("%(who)s asked %(whom)s for an opinion on “%(step)s”"),
    EventType.CIRCULATED: lazy_gettext("%(who)s passed “%(step)s” on for reading"),
    EventType.SIGNATURE_SUPPLEMENTED: lazy_gettext("%(who)s signed “%(step)s” afterwards"),
    EventType.TASK_URGED: lazy_gettext("%(who)s urged %(whom)s: “%(step)s”"),
    EventType.TASK_NOTICE_GIVEN: lazy_gettext("%(who)s told %(whom)s of the due date of “%(step)s”"),
    EventType.TASK_EXTENDED: lazy_gettext(
        "%(who)s granted an extension: “%(step)s” is due on %(day)s instead of %(before)s"
    ),
    EventType.TASK_HANDED_BACK: lazy_gettext("%(who)s handed “%(step)s” back to %(whom)s"),
    EventType.TASK_REDIRECTED: lazy_gettext("%(who)s redirected “%(step)s” to %(whom)s"),
    EventType.TASK_PRIORITISED: lazy_gettext("%(who)s set the priority of “%(step)s”: %(priority)s"),
    EventType.COMMENT_MADE: lazy_gettext("%(who)s commented"),
    EventType.INSTANCE_TRIED_AGAIN: lazy_gettext("%(who)s made the process go on after an incident"),
    EventType.INSTANCE_SUSPENDED: lazy_gettext("%(who)s suspended the process"),
    EventType.INSTANCE_RESUMED: lazy_gettext("%(who)s resumed the process"),
    EventType.INCIDENT_RAISED: lazy_gettext("Something went wrong; incident %(number)s was recorded"),
    EventType.LETTER_CORRECTED: lazy_gettext("%(who)s corrected the entry of a letter"),
    EventType.DOCUMENT_RECORDED: lazy_gettext("%(who)s recorded a document"),
}
INCIDENT_AT = lazy_gettext("“%(step)s” could not go on; incident %(number)s was recorded")
WITHDRAWN = lazy_gettext("%(who)s withdrew the matter")
WITH_VERDICT = lazy_gettext("%(who)s finished “%(step)s”: %(verdict)s")
ICONS: dict[EventType, tuple[str, str]] = {
    EventType.INSTANCE_STARTED: ("play-circle", ""),
    EventType.TASK_COMPLETED: ("check2", ""),
    EventType.TIMER_FIRED: ("clock", ""),
    EventType.MESSAGE_RECEIVED: ("send", ""),
    EventType.INSTANCE_CANCELLED: ("x-circle", "danger"),
    EventType.TASK_OPENED: ("arrow-right", ""),
    EventType.TASK_WITHDRAWN: ("dash-circle", ""),
    EventType.BRANCH_TAKEN: ("diagram-3", ""),
    EventType.MESSAGE_THROWN: ("send", ""),
    EventType.INSTANCE_ENDED: ("check-circle-fill", "ok"),
    EventType.TASK_CLAIMED: ("person-check", ""),
    EventType.TASK_UNCLAIMED: ("arrow-return-left", ""),
    EventType.TASK_ASSIGNED: ("people", ""),
    EventType.TASK_DELEGATED: ("people", ""),
    EventType.TASK_RESOLVED: ("people", ""),
    EventType.TASK_URGED: ("bell", "warn"),
    EventType.OPINION_ASKED: ("chat-left-text", ""),
    EventType.CIRCULATED: ("people", ""),
    EventType.SIGNATURE_SUPPLEMENTED: ("pencil", ""),
    EventType.TASK_NOTICE_GIVEN: ("bell", ""),
    EventType.TASK_EXTENDED: ("calendar3", ""),
    EventType.TASK_HANDED_BACK: ("arrow-return-left", "warn"),
    EventType.TASK_REDIRECTED: ("people", ""),
    EventType.TASK_PRIORITISED: ("chevron-double-up", ""),
    EventType.COMMENT_MADE: ("chat-left-text", ""),
    EventType.INSTANCE_TRIED_AGAIN: ("arrow-repeat", ""),
    EventType.INSTANCE_SUSPENDED: ("pause-circle", "warn"),
    EventType.INSTANCE_RESUMED: ("play-circle", ""),
    EventType.INCIDENT_RAISED: ("exclamation-octagon-fill", "danger"),
}
MILESTONES = frozenset(
    {EventType.INSTANCE_STARTED, EventType.INSTANCE_ENDED, EventType.INSTANCE_CANCELLED,
     EventType.INSTANCE_SUSPENDED, EventType.INSTANCE_RESUMED}
)  # fmt: skip
NOT_BY_PEOPLE = frozenset({EventType.ACTIVITY_RETURNED})
VIEWS: dict[str, LazyString] = {
    "people": lazy_gettext("What people did"),
    "signing": lazy_gettext("Signatures and returns"),
    "all": lazy_gettext("Everything"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One row as it is told; `times` rows in a row that say the same at the same minute are told once."""

    seq: int
    at: datetime
    icon: str
    tone: str
    words: Markup
    quote: str
    lasted: str
    is_void: bool
    times: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """The sentences of one day, the latest first."""

    on: date
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The days that are shown; `older` asks for what came before them."""

    days: tuple[Day, ...]
    older: int | None


def tell(
    rows: Iterable[TimelineRow],
    people: Mapping[str, User],
    units: Mapping[str, Unit],
    *,
    view: str = "people",
    before: int | None = None,
    most: int | None = MOST_ROWS,
) -> Timeline:
    """The rows of a view, the latest first, at most `most` of those before event `before`."""
    wanted = [row for row in rows if _belongs(row, view) and (before is None or row.seq < before)]
    shown = wanted[-most:] if most else wanted
    told = [sentence_of(row, people, units) for row in reversed(shown)]
    if view != "all":
        told = list(_said_once(told))
    days = tuple(Day(on=on, sentences=tuple(own)) for on, own in groupby(told, key=lambda s: local_day(s.at)))
    return Timeline(days=days, older=shown[0].seq if len(wanted) > len(shown) else None)


def refused_words(row: TimelineRow) -> str:
    """What the rules said for which an incident was recorded; nothing for whatever else tells of rules."""
    if row.type is not EventType.INCIDENT_RAISED:
        return ""
    return str(gettext(", ")).join(in_words(rule) for rule in rules_told(row.details))


def lasted_words(lasted: timedelta) -> str:
    """How long something took, in two units at most."""
    minutes = int(lasted.total_seconds()) // 60
    days, hours = divmod(minutes // 60, 24)
    if days:
        return str(gettext("%(days)d d %(hours)d h", days=days, hours=hours))
    if hours:
        return str(gettext("%(hours)d h %(minutes)d min", hours=hours, minutes=minutes % 60))
    return str(gettext("%(minutes)d min", minutes=minutes)) if minutes else ""


def _said_once(told: Iterable[Sentence]) -> Iterator[Sentence]:
    """Eleven units that are reminded in one minute make one sentence."""
    for _, alike in groupby(told, key=_what_is_said):
        first, *others = alike
        yield replace(first, times=1 + len(others))


def _what_is_said(told: Sentence) -> tuple[datetime, Markup, str, bool]:
    return told.at.replace(second=0, microsecond=0), told.words, told.quote, told.is_void


def _belongs(row: TimelineRow, view: str) -> bool:
    if view == "all":
        return True
    if view == "signing":
        return row.is_signature or row.type in MILESTONES
    return row.type in MILESTONES or (
        origin_of(row.type) is not Origin.EFFECT and row.type not in NOT_BY_PEOPLE
    )


def sentence_of(row: TimelineRow, people: Mapping[str, User], units: Mapping[str, Unit]) -> Sentence:
    """One row as it is told."""
    icon, tone = ICONS.get(row.type, ("circle", ""))
    if row.is_return:
        icon, tone = "arrow-return-left", "warn"
    elif row.is_signature and not row.is_void:
        icon, tone = "check-circle-fill", "ok"
    msgid = WITH_VERDICT if row.verdict else SENTENCES.get(row.type, SENTENCES[EventType.ELEMENT_PASSED])
    if row.details.get("withdrawn"):
        msgid = WITHDRAWN
    refused = refused_words(row)
    if refused:
        msgid = INCIDENT_AT
    words = escape(str(msgid)) % {
        "who": _who(row, people, units),
        "whom": _whom(row, people, units),
        "step": in_language(row.element or row.details.get("label") or row.details.get("name") or "—"),
        "verdict": in_language(row.verdict),
        "priority": _priority(row.details.get("priority")),
        "number": row.details.get("incident", ""),
        "day": _day(row.details.get("due_at")),
        "before": _day(row.details.get("was_due_at")),
    }
    if paper := row.details.get("paper"):
        words += escape(gettext("; on paper: %(reason)s", reason=paper["reason"]))
    return Sentence(
        seq=row.seq, at=row.at, icon=icon, tone=tone, words=words, quote=row.quote or refused,
        is_void=row.is_void, lasted=lasted_words(row.lasted) if row.lasted is not None else "",
    )  # fmt: skip


def _priority(priority: str | None) -> str:
    return str(PRIORITY_WORDS[Priority(priority)]) if priority else ""


def _day(instant: str | None) -> str:
    return plain_day(datetime.fromisoformat(instant)) if instant else ""


def _who(row: TimelineRow, people: Mapping[str, User], units: Mapping[str, Unit]) -> Markup:
    """Name and title as they are in bold; the unit where the role was held for one."""
    user = people.get(row.user_id)
    if row.by_system or user is None:
        return escape(gettext("The system")) if row.by_system else escape(row.user_id)
    signed = row.details if row.type is EventType.TASK_COMPLETED else {}
    deputy = in_place_of(row.details.get("deputy"))
    called = _bold(
        signed.get("name") or user.name, signed.get("title") or user.title, units.get(row.unit or "")
    )
    return called + escape(gettext(", %(deputy)s,", deputy=deputy)) if deputy else called


def _whom(row: TimelineRow, people: Mapping[str, User], units: Mapping[str, Unit]) -> Markup:
    """The people or the roles that a task went to."""
    details = row.details
    named = details.get("users") or [details.get("user")]
    found = [people[user] for user in named if user in people]
    if found:
        return Markup("、").join(_bold(user.name, user.title, None) for user in found)
    pairs = details.get("candidates") or ()
    return Markup("、").join(_bold(_role(role), "", units.get(unit)) for role, unit in pairs)


def _role(role: str) -> str:
    return in_language(role_label(role))


def _bold(name: str, title: str, unit: Unit | None) -> Markup:
    place = f" {unit.label}" if unit is not None and unit.label not in title else ""
    return Markup("<b>{}</b>{}{}").format(name, place, f" {title}" if title else "")
