"""Anchors as auditors read them and as an office keeps them."""

from collections.abc import Iterator

from engine.domain.anchor import KeptAnchor
from engine.domain.permission import Action, require
from engine.store.unit_of_work import Reader


def kept_anchors(reader: Reader, *, number: int | None = None) -> Iterator[KeptAnchor]:
    """Every anchor with all that it saw, one by one, or a single one; NotFound for an unknown one."""
    require(reader.actor, Action.AUDIT)
    found = reader.anchors.all() if number is None else [reader.anchors.get(number)]
    for anchor in found:
        yield reader.anchors.kept(anchor)
