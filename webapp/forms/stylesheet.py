"""The style rules by which a form shows and hides fields without a script.

They say what `show_if` says, in `:has()`; the server applies `show_if` again to what is sent.
"""

import re
from collections.abc import Iterator
from typing import Any

from engine.domain.form_fields import Condition, Field, FieldKind

_SAFE = re.compile(r"[A-Za-z0-9_.-]+")
_CHOSEN = (FieldKind.CHOICE, FieldKind.BOOLEAN, FieldKind.CHOICES)


def conditions_css(fields: tuple[Field, ...]) -> str:
    """One rule for each condition of a field: it is not displayed unless its sibling has one of them."""
    return "\n".join(_rules(fields, ""))


def _rules(fields: tuple[Field, ...], scope: str) -> Iterator[str]:
    by_name = {field.name: field for field in fields}
    for field in fields:
        for condition in field.conditions:
            sibling = by_name.get(condition.sibling)
            chosen = _selectors(sibling, condition) if sibling is not None else []
            if chosen:
                yield (
                    f'[data-scope="{scope}"]:not(:has({", ".join(chosen)})) '
                    f'[data-field="{field.path}"] {{ display: none; }}'
                )
        yield from _rules(field.children, field.path)


def _selectors(sibling: Field, condition: Condition) -> list[str]:
    """What is true in the page when the condition holds; empty when only the server can tell."""
    if sibling.read_only or sibling.kind not in _CHOSEN:
        return []
    inside = f'[data-field="{sibling.path}"]'
    if sibling.kind is FieldKind.BOOLEAN and sibling.widget == "checkbox":
        return [
            f"{inside} input{':checked' if value is True else ':not(:checked)'}" for value in condition.values
        ]
    values = [_text(value) for value in condition.values]
    return [f'{inside} [value="{value}"]:checked' for value in values if _SAFE.fullmatch(value)]


def _text(value: Any) -> str:
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)
