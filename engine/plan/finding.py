"""What a check of the plan says about one place of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["block", "warn"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One remark: `block` stops the plan from going up, `warn` must only be read and acknowledged."""

    severity: Severity
    section: str
    element_id: str
    rule: str
    template: str
    params: Mapping[str, object] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The English text; doors translate `template` and fill in `params` themselves."""
        return self.template.format(**self.params)


def block(rule: str, template: str, /, *, section: str, element_id: str = "", **params: object) -> Finding:
    """A finding that stops the plan."""
    return Finding(
        severity="block", section=section, element_id=element_id, rule=rule, template=template, params=params
    )


def warn(rule: str, template: str, /, *, section: str, element_id: str = "", **params: object) -> Finding:
    """A finding that is shown and may be passed."""
    return Finding(
        severity="warn", section=section, element_id=element_id, rule=rule, template=template, params=params
    )


def blocking(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Only the findings that stop the plan, in their order."""
    return tuple(finding for finding in findings if finding.severity == "block")
