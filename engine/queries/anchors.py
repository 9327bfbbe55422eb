"""Anchors as auditors read them and as an office keeps them."""

from collections.abc import Iterator
from dataclasses import dataclass

from engine.documents.anchor_file import anchor_lines
from engine.domain.history import FIRST_INSTANCE_ID
from engine.domain.permission import Action, require
from engine.store.anchors import Anchor
from engine.store.unit_of_work import Reader

PAGE = 31


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchorPage:
    """Anchors, the newest first; `before` leads to older ones."""

    anchors: tuple[Anchor, ...]
    count: int
    before: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchorSheet:
    """What stands on the paper that an office keeps of one anchor: no person and no matter is named."""

    anchor: Anchor
    events: int
    instances: int
    previous: Anchor | None


def anchor_file(reader: Reader, *, number: int | None = None) -> Iterator[str]:
    """The file of every anchor, or of one, piece by piece; NotFound for an unknown one or a lost list."""
    require(reader.actor, Action.AUDIT)
    found = reader.anchors.all() if number is None else [reader.anchors.get(number)]
    yield from anchor_lines(map(reader.anchors.kept, found), reader.now)


def anchor_page(reader: Reader, *, before: int | None = None) -> AnchorPage:
    """The newest anchors, or those before a number."""
    require(reader.actor, Action.AUDIT)
    found = reader.anchors.newest(limit=PAGE + 1, before=before)
    shown = tuple(found[:PAGE])
    return AnchorPage(
        anchors=shown,
        count=reader.anchors.count(),
        before=shown[-1].id if len(found) > PAGE else None,
    )


def anchor_sheet(reader: Reader, number: int) -> AnchorSheet:
    """One anchor for paper; NotFound when there is none or its list is gone."""
    require(reader.actor, Action.AUDIT)
    anchor = reader.anchors.get(number)
    heads = reader.anchors.heads_of(anchor)
    earlier = reader.anchors.newest(limit=1, before=number)
    return AnchorSheet(
        anchor=anchor,
        events=sum(seq for _, seq, _ in heads),
        instances=sum(stream >= FIRST_INSTANCE_ID for stream, _, _ in heads),
        previous=earlier[0] if earlier else None,
    )
