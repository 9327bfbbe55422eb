"""The one error tree: an error's docstring is its message, a template over its fields in the user's words.

Five kinds reach a door: NotFound, NotPermitted, Conflict, Invalid and ProcessFailed. The web maps them to
404, 403, 409, 422 and 500 in one table; nothing else in a door catches. Unavailable, which is about no
request in particular, is 503.
"""

from dataclasses import dataclass, field
from typing import Any


class EngineError(Exception):
    """The request cannot be carried out."""

    def __init__(self, **fields: Any) -> None:
        self.fields = fields
        super().__init__(str(self))

    @property
    def template(self) -> str:
        """The message before its fields are put in: the msgid of the translation catalogues."""
        return (type(self).__doc__ or "").strip()

    def __str__(self) -> str:
        return self.template.format(**self.fields)


class NotFound(EngineError):
    """There is no {kind} “{id}”."""


class NotPermitted(EngineError):
    """You may not do this."""


class NotSignedIn(NotPermitted):
    """Please sign in first."""


class DeputyMayNotDecide(NotPermitted):
    """As a deputy you may prepare this and hand it on, but not decide it."""


class Conflict(EngineError):
    """Somebody was faster: reload and look again."""


class TaskAlreadyCompleted(Conflict):
    """{who} completed this task already, at {at}."""


class TaskNotOpen(Conflict):
    """This task is no longer open."""


class TaskHeldByOther(Conflict):
    """{assignee} holds this task."""


class StaleTask(Conflict):
    """The task has changed since you opened it."""


class ShownContentChanged(Conflict):
    """What you were shown has changed since; look at the difference before you sign."""


class DraftSavedElsewhere(Conflict):
    """Another draft of yours was saved meanwhile."""


class InstanceSuspended(Conflict):
    """The process instance is suspended."""


class InstanceEnded(Conflict):
    """The process instance has ended."""


class KeyUsedBefore(Conflict):
    """This idempotency key belongs to another call."""


class NobodyWaits(NotFound):
    """No process instance waits for the message “{name}” with this correlation."""


class TransientConflict(Conflict):
    """Two people worked on this at the same moment; please try again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldError:
    """One fault of one field: `path` is like `actions/0/value`, `template` an English msgid over `params`."""

    path: str
    template: str
    params: dict[str, Any] = field(default_factory=dict)
    label: str = ""

    def __str__(self) -> str:
        return self.template.format(**self.params)


class Invalid(EngineError):
    """Some entries need a correction."""

    def __init__(self, errors: tuple[FieldError, ...] = (), **fields: Any) -> None:
        self.errors = errors
        super().__init__(**fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class LintFinding:
    """One fault of a diagram, table or form: where it stands and what to do."""

    file: str
    element: str
    line: int
    rule: str
    template: str
    params: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.template.format(**self.params)


class DeploymentRefused(Invalid):
    """The deployment was refused; nothing was changed."""

    def __init__(self, findings: tuple[LintFinding, ...]) -> None:
        self.findings = findings
        super().__init__()


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What rules refused where nobody could correct an entry: the instance that rests, and the element."""

    instance_id: int
    element: str
    rules: tuple[FieldError, ...]

    def __str__(self) -> str:
        return f"{self.element}: " + "; ".join(map(str, self.rules))


class ProcessFailed(EngineError):
    """The process could not go on; nothing was changed. The incident {incident} tells what happened."""

    def __init__(self, reason: str = "", *, refusal: Refusal | None = None, **fields: Any) -> None:
        self.reason = reason
        self.refusal = refusal
        super().__init__(**{"incident": "-", **fields})


class Unavailable(EngineError):
    """The database does not answer at the moment."""
