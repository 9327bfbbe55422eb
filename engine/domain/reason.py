"""Why an instance went the way it went: the conditions of a branch, or the rows of a decision table."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A value that an expression read, by the dotted name under which it stood; None where nothing did."""

    name: str
    value: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """One condition of a branch and what came of it."""

    flow: str
    expression: str
    result: bool
    seen: tuple[Seen, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchReason:
    """Why a gateway took the flows that it took: none of the conditions holds where the default flow was it.

    `effect` is the place of its event among the effects of the step, counted from 0.
    """

    effect: int
    process_key: str
    element_id: str
    path: str
    taken: tuple[str, ...]
    weighed: tuple[Weighed, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableInput:
    """A column of a decision table with the value that stood there."""

    label: str
    expression: str
    value: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    """A row of a decision table that fitted: its number from 1 on, its cells, and what it gave."""

    id: str
    number: int
    cells: tuple[str, ...]
    gave: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableReason:
    """Which rows of a decision table fitted; `effect` as for a branch, `of` is how many rows it has."""

    effect: int
    process_key: str
    element_id: str
    path: str
    decision: str
    inputs: tuple[TableInput, ...]
    rows: tuple[TableRow, ...]
    of: int


Reason = BranchReason | TableReason
