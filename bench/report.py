"""Figures as people read them."""

from dataclasses import dataclass

from bench.proof import Proof


@dataclass(frozen=True, slots=True)
class Line:
    """One figure: what it counts, how much, and how to read it."""

    label: str
    figure: str
    remark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One benchmark's figures and the proof of the history that it wrote."""

    name: str
    lines: tuple[Line, ...]
    proof: Proof

    def text(self) -> str:
        """The report as lines of text."""
        figures = [f"  {line.label:<40} {line.figure:>12}  {line.remark}".rstrip() for line in self.lines]
        return "\n".join([self.name, *figures, f"  {self.proof}"])
