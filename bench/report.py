"""Figures as people read them, and as a file for a comparison."""

from dataclasses import asdict, dataclass, field
from typing import Any

from bench.proof import Proof

THOUSAND = 1000


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: what it counts, how much of which unit, and how to read it."""

    label: str
    value: float
    unit: str = ""
    remark: str = ""

    @property
    def text(self) -> str:
        """The figure with as many digits as it is worth."""
        digits = 0 if self.value >= THOUSAND or self.value == int(self.value) else 2 if self.value < 10 else 1
        return f"{self.value:,.{digits}f} {self.unit}".rstrip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One benchmark's figures, and the proof of the history that it wrote where it wrote one.

    `faults` are answers that nobody should have got; a report with some of them, or unproven, is a failure.
    """

    name: str
    figures: tuple[Figure, ...]
    proof: Proof | None = None
    faults: tuple[str, ...] = field(default=())

    @property
    def is_sound(self) -> bool:
        return not self.faults and (self.proof is None or not self.proof.bad)

    def text(self) -> str:
        """The report as lines of text."""
        lines = [f"  {f.label:<44} {f.text:>14}  {f.remark}".rstrip() for f in self.figures]
        proof = [f"  {self.proof}"] if self.proof else []
        return "\n".join([self.name, *lines, *(f"  fault: {fault}" for fault in self.faults), *proof])

    def json(self) -> dict[str, Any]:
        """The report for a machine."""
        return asdict(self)

    def figure(self, label: str) -> float:
        """The value of one figure; KeyError when the report has none of that name."""
        return {f.label: f.value for f in self.figures}[label]
