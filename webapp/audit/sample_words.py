"""The words of audit runs: how a sample is spread, what a finding weighs, and what became of it."""

from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

from engine.domain.audit_run import Outcome, Severity, Spread

SPREAD_WORDS: dict[Spread, LazyString] = {
    Spread.NOTHING: lazy_gettext("Over nothing: every process has the same chance"),
    Spread.UNIT: lazy_gettext("Over the units"),
    Spread.STAGE: lazy_gettext("Over the stages"),
    Spread.RETURNS: lazy_gettext("Over the number of returns"),
}
SEVERITY_WORDS: dict[Severity, LazyString] = {
    Severity.NOTE: lazy_gettext("Suggestion"),
    Severity.SHOULD: lazy_gettext("To be improved"),
    Severity.MUST: lazy_gettext("Grave fault"),
}
OUTCOME_WORDS: dict[Outcome, LazyString] = {
    Outcome.REMEDIED: lazy_gettext("Has been improved"),
    Outcome.EXPLAINED: lazy_gettext("Was explained"),
    Outcome.STANDS: lazy_gettext("Stands and is followed up"),
}
