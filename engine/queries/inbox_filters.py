"""What a page of an inbox is narrowed to."""

from dataclasses import dataclass, replace

from engine.store.tables import NEVER


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a page is narrowed to: due dates in [due_from, due_until), late after [late_from, late_until)."""

    due_from: int = 0
    due_until: int = NEVER + 1
    late_from: int = 0
    late_until: int = NEVER + 1
    q: str = ""
    texts: tuple[int, ...] | None = None  # hashes of all texts with these words, where they are few
    definition_key: str | None = None
    process_key: str | None = None
    element_id: str | None = None
    unit: str | None = None
    roc_year: int | None = None
    returned_only: bool = False
    least_rank: int = 0  # of the priority
    newest_first: bool = False
    highest_first: bool = False

    @property
    def is_by_due_date_only(self) -> bool:
        return self == Filters(
            due_from=self.due_from, due_until=self.due_until, late_from=self.late_from,
            late_until=self.late_until,
        )  # fmt: skip

    @property
    def is_common_word(self) -> bool:
        """True for words that no index leads to, in a list that stands by due date."""
        has_other_order = self.newest_first or self.highest_first or self.are_indexed_themselves
        return bool(self.q) and self.texts is None and not has_other_order

    @property
    def is_common_word_alone(self) -> bool:
        """True where such words and dates are all that is asked for."""
        return self.is_common_word and replace(self, q="").is_by_due_date_only

    @property
    def are_indexed_themselves(self) -> bool:
        """True where an index holds what is asked for alone: few tasks, each of which can be looked at."""
        asks = self.returned_only or self.element_id is not None or self.least_rank > 0
        return asks or self.texts is not None


def narrowed(filters: Filters, *, due_from: int | None = None, due_until: int | None = None) -> Filters:
    """The same filters with due dates cut further."""
    return replace(
        filters,
        due_from=filters.due_from if due_from is None else max(filters.due_from, due_from),
        due_until=filters.due_until if due_until is None else min(filters.due_until, due_until),
    )
