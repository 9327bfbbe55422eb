"""The verbs of a task as pages name them: the word, its icon, and what a page says of it."""

from dataclasses import dataclass

from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

from engine.domain.priority import Priority
from engine.queries.task_verbs import Verb


@dataclass(frozen=True, slots=True, kw_only=True)
class VerbWords:
    """What the page of a verb says: its sentence, what was done, and which entries it asks for."""

    lead: LazyString
    done: LazyString
    asks: tuple[str, ...]


PRIORITY_WORDS: dict[Priority, LazyString] = {
    Priority.HIGHEST: lazy_gettext("Highest priority"),
    Priority.HIGH: lazy_gettext("High priority"),
    Priority.NORMAL: lazy_gettext("Normal priority"),
}
VERB_WORDS: dict[Verb, LazyString] = {
    Verb.EXTEND: lazy_gettext("Apply for an extension"),
    Verb.WITHDRAW_EXTENSION: lazy_gettext("Withdraw the extension"),
    Verb.HAND_BACK: lazy_gettext("Hand back"),
    Verb.REDIRECT: lazy_gettext("Redirect"),
    Verb.ASSIGN: lazy_gettext("Assign to somebody"),
    Verb.DELEGATE: lazy_gettext("Ask somebody to prepare it"),
    Verb.FOLLOW_UP: lazy_gettext("Put off"),
    Verb.ASK_OPINION: lazy_gettext("Ask for an opinion"),
    Verb.PRIORITISE: lazy_gettext("Set the priority"),
}
VERB_ICONS: dict[Verb, str] = {
    Verb.EXTEND: "calendar3",
    Verb.WITHDRAW_EXTENSION: "x-circle",
    Verb.HAND_BACK: "arrow-return-left",
    Verb.REDIRECT: "arrow-left-right",
    Verb.ASSIGN: "people",
    Verb.DELEGATE: "person-plus",
    Verb.FOLLOW_UP: "clock",
    Verb.ASK_OPINION: "chat-left-text",
    Verb.PRIORITISE: "chevron-double-up",
}
VERB_PAGES: dict[Verb, VerbWords] = {
    Verb.EXTEND: VerbWords(
        lead=lazy_gettext(
            "An approver decides on the new date. Until then the present one holds; the original one stays "
            "visible beside it."
        ),
        done=lazy_gettext("Your application is with the approver."),
        asks=("new_on", "reason"),
    ),
    Verb.WITHDRAW_EXTENSION: VerbWords(
        lead=lazy_gettext(
            "Your application leaves the approver's inbox undecided, and the present due date stays. You may "
            "apply again until that date."
        ),
        done=lazy_gettext("Your application was withdrawn."),
        asks=("reason",),
    ),
    Verb.HAND_BACK: VerbWords(
        lead=lazy_gettext(
            "For what is not your business: it goes to whoever distributes it. Its due date stays, and "
            "nobody can complete it until it is redirected."
        ),
        done=lazy_gettext("Handed back to whoever distributes it."),
        asks=("reason",),
    ),
    Verb.REDIRECT: VerbWords(
        lead=lazy_gettext(
            "Choose whose business it is. The unit stays, because the process files the entries under it; if "
            "the unit is wrong, use the process's own way, such as filling in for the unit."
        ),
        done=lazy_gettext("Redirected."),
        asks=("user_or_pool", "reason"),
    ),
    Verb.ASSIGN: VerbWords(
        lead=lazy_gettext("The person finds it among the own tasks, and nobody else can complete it."),
        done=lazy_gettext("Assigned."),
        asks=("user", "reason"),
    ),
    Verb.DELEGATE: VerbWords(
        lead=lazy_gettext("The person prepares it and gives it back; you complete it. It stays yours."),
        done=lazy_gettext("The person was asked to prepare it."),
        asks=("user",),
    ),
    Verb.FOLLOW_UP: VerbWords(
        lead=lazy_gettext(
            "It leaves your own list until that day; for everybody else, and for its due date, nothing "
            "changes. Without a day it comes back now."
        ),
        done=lazy_gettext("Your list was changed."),
        asks=("until_on",),
    ),
    Verb.ASK_OPINION: VerbWords(
        lead=lazy_gettext(
            "The person finds the question among the own tasks and has three working days. The answer stands "
            "beside your form; it decides nothing, and your task does not wait for it."
        ),
        done=lazy_gettext("The person was asked; the answer will stand beside the form."),
        asks=("user", "question"),
    ),
    Verb.PRIORITISE: VerbWords(
        lead=lazy_gettext(
            "It says what comes first and shows as a mark in every list. Due dates stay as they are; those "
            "are changed by an extension."
        ),
        done=lazy_gettext("The priority was set."),
        asks=("priority", "reason"),
    ),
}
