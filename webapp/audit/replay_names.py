"""What the data of a process is called: names of its parts, and people, units, roles and codes as words."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext, lazy_gettext
from flask_babel.speaklater import LazyString

from engine.activities.signoff import DECISIONS
from engine.domain.identity import ROLES, Unit, User, role_label
from webapp.definition_words import in_language
from webapp.document_names import KINDS
from webapp.panels import PANEL_WORDS, panel_text

DATA_WORDS: dict[str, LazyString] = {
    "asked": lazy_gettext("Asked"),
    "candidates": lazy_gettext("People who may act"),
    "contributed_by": lazy_gettext("Contributed by"),
    "contribution_no": lazy_gettext("Version of the contribution"),
    "passed": lazy_gettext("Levels passed over"),
    "signer": lazy_gettext("Next signer"),
    "signoff_result": lazy_gettext("Result of the sign-off"),
    "chain": lazy_gettext("Chain of signatures"),
    "countersign": lazy_gettext("Countersign first"),
    "countersign_units": lazy_gettext("Units that countersign"),
    "decision": lazy_gettext("Decision"),
    "dissent": lazy_gettext("Dissent"),
    "element": lazy_gettext("Numbered row"),
    "due": lazy_gettext("Due date"),
    "due_at": lazy_gettext("Due date"),
    "excludes": lazy_gettext("People who stand aside"),
    "handler_role": lazy_gettext("Role of the handler"),
    "handler_unit": lazy_gettext("Unit of the handler"),
    "last": lazy_gettext("Last level"),
    "late_after": lazy_gettext("Late after"),
    "late_at": lazy_gettext("Late after"),
    "level": lazy_gettext("Level"),
    "levels": lazy_gettext("Levels"),
    "no": lazy_gettext("Place in the order"),
    "notes": lazy_gettext("Notes"),
    "open": lazy_gettext("Still open"),
    "orders": lazy_gettext("Orders to issue"),
    "owes": lazy_gettext("Owes a report"),
    "recallable": lazy_gettext("Can be taken back"),
    "recused": lazy_gettext("People who stand aside"),
    "remind_at": lazy_gettext("Reminder on"),
    "reminder": lazy_gettext("Reminder on"),
    "return_reason": lazy_gettext("Reason of the return"),
    "return_to": lazy_gettext("Returned to"),
    "role": lazy_gettext("Role"),
    "round": lazy_gettext("Round of signatures"),
    "sender": lazy_gettext("Sent by"),
    "signed_by": lazy_gettext("Signed by"),
    "silent": lazy_gettext("Units that kept silent"),
    "skipped": lazy_gettext("Levels passed over"),
    "speed": lazy_gettext("Speed"),
    "step_no": lazy_gettext("Step"),
    "steps": lazy_gettext("Steps"),
    "told": lazy_gettext("People who were told"),
    "turn": lazy_gettext("Turn"),
    "units": lazy_gettext("Units"),
    "user": lazy_gettext("Person"),
    "void": lazy_gettext("Void"),
    "waiting": lazy_gettext("Still waiting"),
}
# Values that a sign-off writes into process data; what forms offer is told by the forms.
VALUE_WORDS: dict[str, LazyString] = {
    "approved": lazy_gettext("Approved"),
    "returned": lazy_gettext("Returned"),
    "recalled": lazy_gettext("Taken back"),
    "handler": lazy_gettext("Handler"),
    "fast": lazy_gettext("Urgent"),
    "most_urgent": lazy_gettext("Most urgent"),
}


class Names:
    """The words for data, with the people and units of the organisation."""

    def __init__(self, people: Mapping[str, User], units: Mapping[str, Unit]) -> None:
        self._people = people
        self._units = units

    def part(self, key: str) -> str:
        """What a part is called; rows by their number, units by their name, a strange word as it stands."""
        if key in self._units:
            return self._units[key].label
        return str(DATA_WORDS.get(key) or PANEL_WORDS.get(key) or KINDS.get(key) or key)

    def value(self, value: Any) -> str:
        """A value as people read it; empty for what is not there."""
        if isinstance(value, list):
            return "、".join(self.value(each) for each in value) or str(gettext("empty"))
        if isinstance(value, dict):
            return "；".join(f"{self.part(key)} {self.value(each)}" for key, each in value.items())
        if not isinstance(value, str):
            return panel_text(value)
        if value in self._people:
            user = self._people[value]
            return f"{user.name} {user.title}".strip()
        if value in self._units:
            return self._units[value].label
        if value in ROLES:
            return in_language(role_label(value))
        if value in DECISIONS:
            return in_language(DECISIONS[value])
        return str(VALUE_WORDS.get(value) or panel_text(value))
