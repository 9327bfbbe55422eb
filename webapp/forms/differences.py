"""Two sets of entries of one form side by side: which fields differ, and which characters of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from engine.domain.form_fields import Field, FieldKind, are_rows, label_of
from webapp.forms.drawing import Choices, words_of

# Comparing long texts character by character is slow and reads badly; beyond this they are shown whole.
LONGEST_COMPARED = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A run of characters: `mark` is del, ins, or empty for what both texts have."""

    text: str
    mark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One field that differs, with both texts."""

    label: str
    before: str
    after: str

    @property
    def before_pieces(self) -> tuple[Piece, ...]:
        return tuple(piece for piece in pieces(self.before, self.after) if piece.mark != "ins")

    @property
    def after_pieces(self) -> tuple[Piece, ...]:
        return tuple(piece for piece in pieces(self.before, self.after) if piece.mark != "del")


def compare(
    fields: tuple[Field, ...],
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    choices: Choices,
    yes_no: tuple[str, str],
) -> tuple[tuple[Difference, ...], int]:
    """The fields that differ, in the order of the form, and how many fields are the same."""
    found = [
        Difference(label=label_of(fields, path), before=old, after=new)
        for path, old, new in _pairs(fields, before, after, "", choices, yes_no)
    ]
    differing = tuple(d for d in found if d.before != d.after)
    return differing, len(found) - len(differing)


def pieces(before: str, after: str) -> tuple[Piece, ...]:
    """Both texts in one run: what stayed, what was struck out, what was put in."""
    if len(before) + len(after) > LONGEST_COMPARED:
        return tuple(Piece(text=t, mark=m) for t, m in ((before, "del"), (after, "ins")) if t)
    found: list[Piece] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            found.append(Piece(text=before[i1:i2], mark=""))
            continue
        if i2 > i1:
            found.append(Piece(text=before[i1:i2], mark="del"))
        if j2 > j1:
            found.append(Piece(text=after[j1:j2], mark="ins"))
    return tuple(found)


def _pairs(
    fields: tuple[Field, ...], before: Any, after: Any, at: str, choices: Choices, yes_no: tuple[str, str]
) -> Iterator[tuple[str, str, str]]:
    """Path and both texts of every field that either side has filled in."""
    for field in fields:
        old, new, path = before.get(field.name), after.get(field.name), f"{at}{field.name}"
        if field.kind is FieldKind.TABLE:
            olds, news = old if are_rows(old) else [], new if are_rows(new) else []
            for index in range(max(len(olds), len(news))):
                was = olds[index] if index < len(olds) else {}
                now = news[index] if index < len(news) else {}
                yield from _pairs(field.children, was, now, f"{path}/{index}/", choices, yes_no)
        elif field.kind is FieldKind.GROUP:
            was, now = old if isinstance(old, dict) else {}, new if isinstance(new, dict) else {}
            yield from _pairs(field.children, was, now, f"{path}/", choices, yes_no)
        elif old is not None or new is not None:
            yield path, words_of(field, old, choices, yes_no), words_of(field, new, choices, yes_no)
