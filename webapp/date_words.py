"""What the dates of a plan's year are called."""

from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

from engine.plan.schedule import AWARD

DATE_WORDS: dict[str, LazyString] = {
    "K1": lazy_gettext("K1 Branch plan enacted"),
    "assessment_open": lazy_gettext("Self-assessment opens"),
    "assessment_units": lazy_gettext("Units report themselves"),
    "assessment_chiefs": lazy_gettext("Chiefs of units approve"),
    "assessment_branch": lazy_gettext("The branch assesses"),
    "K2": lazy_gettext("K2 Self-assessment done"),
    "K3": lazy_gettext("K3 Result data (D1) to the head office"),
    "K4": lazy_gettext("K4 Result report (D2) to the head office"),
    "K5": lazy_gettext("K5 Ministry asks for entrants"),
    AWARD: lazy_gettext("K6 Recommendation and entry"),
}
