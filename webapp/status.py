"""The one vocabulary of status: its icon, its word and its tone. A new status is added here first."""

from dataclasses import dataclass

from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusMark:
    """How one status looks: Bootstrap icon, word, and tone (none, now, ok, warn, danger)."""

    icon: str
    word: LazyString
    tone: str = ""


STATUS_MARKS: dict[str, StatusMark] = {
    "unclaimed": StatusMark(icon="person-plus", word=lazy_gettext("Not taken")),
    "taken": StatusMark(icon="person-check", word=lazy_gettext("Taken")),
    "countersign": StatusMark(icon="people", word=lazy_gettext("Countersign")),
    "delegated": StatusMark(icon="arrow-right-circle", word=lazy_gettext("Asked to prepare")),
    "deputy": StatusMark(icon="arrow-left-right", word=lazy_gettext("Deputy")),
    "returned": StatusMark(icon="arrow-return-left", word=lazy_gettext("Returned"), tone="warn"),
    "to_redirect": StatusMark(icon="arrow-left-right", word=lazy_gettext("To redirect"), tone="warn"),
    "fast": StatusMark(icon="fast-forward", word=lazy_gettext("Urgent")),
    "most_urgent": StatusMark(icon="fast-forward", word=lazy_gettext("Most urgent"), tone="warn"),
    "high": StatusMark(icon="chevron-up", word=lazy_gettext("High priority")),
    "highest": StatusMark(icon="chevron-double-up", word=lazy_gettext("Highest priority"), tone="warn"),
    "overdue": StatusMark(icon="exclamation-diamond-fill", word=lazy_gettext("Overdue"), tone="danger"),
    "today": StatusMark(icon="clock", word=lazy_gettext("Today"), tone="warn"),
    "soon": StatusMark(icon="clock", word=lazy_gettext("Due soon"), tone="warn"),
    "later": StatusMark(icon="clock", word=lazy_gettext("Due later")),
    "drafting": StatusMark(icon="pencil", word=lazy_gettext("Being filled in"), tone="now"),
    "running": StatusMark(icon="record-circle", word=lazy_gettext("Under way"), tone="now"),
    "approved": StatusMark(icon="check-circle-fill", word=lazy_gettext("Approved"), tone="ok"),
    "achieved": StatusMark(icon="check-circle-fill", word=lazy_gettext("Achieved"), tone="ok"),
    "done": StatusMark(icon="check2", word=lazy_gettext("Done")),
    "complete": StatusMark(icon="check2", word=lazy_gettext("Complete")),
    "partly": StatusMark(icon="circle-half", word=lazy_gettext("Partly achieved"), tone="warn"),
    "missed": StatusMark(icon="x-circle", word=lazy_gettext("Not achieved"), tone="danger"),
    "not_applicable": StatusMark(icon="dash-circle", word=lazy_gettext("Not applicable")),
    "skipped": StatusMark(icon="dash-circle", word=lazy_gettext("Skipped")),
    "no_opinion": StatusMark(icon="dash-circle", word=lazy_gettext("No opinion given")),
    "not_yet": StatusMark(icon="circle", word=lazy_gettext("Not yet")),
    "disagrees": StatusMark(icon="x-circle", word=lazy_gettext("Disagrees"), tone="warn"),
    "draft_saved": StatusMark(icon="cloud-check", word=lazy_gettext("Draft saved")),
    "offline": StatusMark(
        icon="cloud-slash", word=lazy_gettext("Offline, not on the server yet"), tone="warn"
    ),
    "signed_out": StatusMark(
        icon="lock", word=lazy_gettext("Signed out, not on the server yet"), tone="warn"
    ),
    "not_kept": StatusMark(
        icon="exclamation-triangle-fill", word=lazy_gettext("Not on the server yet"), tone="warn"
    ),
    "to_correct": StatusMark(icon="exclamation-circle-fill", word=lazy_gettext("To correct"), tone="danger"),
    "warning": StatusMark(icon="exclamation-triangle-fill", word=lazy_gettext("Warning"), tone="warn"),
    "recalled": StatusMark(icon="arrow-return-left", word=lazy_gettext("Taken back"), tone="warn"),
    "void": StatusMark(icon="slash-circle", word=lazy_gettext("Signature void")),
    "chain": StatusMark(icon="link-45deg", word=lazy_gettext("Chain"), tone="ok"),
    "anchor": StatusMark(icon="pin-angle-fill", word=lazy_gettext("Anchor"), tone="ok"),
    "replay": StatusMark(icon="arrow-repeat", word=lazy_gettext("Replay"), tone="ok"),
    "active": StatusMark(icon="check2", word=lazy_gettext("Active")),
    "disabled": StatusMark(icon="slash-circle", word=lazy_gettext("Disabled")),
    "suspended": StatusMark(icon="pause-circle", word=lazy_gettext("Suspended"), tone="warn"),
    "cancelled": StatusMark(icon="x-circle", word=lazy_gettext("Cancelled"), tone="warn"),
    "official": StatusMark(icon="check-circle-fill", word=lazy_gettext("Official"), tone="ok"),
    "provisional": StatusMark(
        icon="exclamation-triangle-fill", word=lazy_gettext("Not yet official"), tone="warn"
    ),
}
