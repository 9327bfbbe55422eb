"""Question 10: the evidence of everything marked 達成 or 已辦理, and whether it still is what was brought.

Whether a target was reached is asked of the delivery that told it last, else of the unit's own report; the
files are those of the report. Every file is read again and its digest computed, as it lies there today.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import sqlalchemy as sa

from engine.domain.history import EventType
from engine.queries.questions.answer import (
    Answer,
    Cell,
    Column,
    Mark,
    Part,
    Question,
    Row,
    Words,
    cell,
    strongest,
)
from engine.queries.questions.personal import personal_events
from engine.queries.questions.reported import (
    ReportedRow,
    delivered_row,
    reported_row,
    row_cell,
    row_words,
    told_value,
)
from engine.queries.questions.scope import Scene, Scope, scene_of
from engine.queries.questions.trail import Recorded, Trail
from engine.store import tables
from engine.store.unit_of_work import Reader

REACHED = ("achieved", "done")
REPORT, PROGRESS = "self_report", "progress"
DELIVERIES = ("d1", "d2")  # the later one counts
SHORT = 12
AT_ONCE = 500
UNCHANGED, ALTERED, GONE = (
    Words(template="Not altered: its digest was computed again and is the same"),
    Words(template="No longer whole: it does not have its digest any more"),
    Words(template="Nothing lies under its digest any more"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Upload:
    """Somebody brought a file."""

    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What is known of all files that are asked about."""

    uses: Mapping[str, set[ReportedRow]]
    uploads: Mapping[str, Sequence[_Upload]]
    contents: Mapping[str, Words]


def evidence_of_reached(reader: Reader, scene: Scene) -> Answer:
    """Every file behind what was reached; other uses of it are looked for in every plan there is."""
    trail = Trail(reader, scene if not scene.scope.told else scene_of(reader, Scope()))
    documents = sorted(trail.documents(REPORT, PROGRESS, *DELIVERIES), key=lambda document: document.no)
    latest = {(d.owner, d.kind, d.key): d for d in documents}.values()
    asked = {instance.plan_key for instance in scene.instances.values()}
    reports = [d for d in latest if d.kind == REPORT and (d.owner in asked or not scene.scope.told)]
    statuses = _delivered(latest)
    reached = sorted(
        (found for report in reports for found in _reached(report, statuses)), key=lambda each: each[1].order
    )
    digests = {str(file["digest"]) for _, _, _, files in reached for file in files}
    known = _Known(uses=_uses(latest), uploads=_uploads(reader, digests), contents=_contents(reader, digests))
    rows = tuple(
        row
        for report, key, status, files in reached
        for row in _rows(trail, known, report, key, status, files)
    )
    summary = Words(
        template="{files} files behind {reached} results that were reached; {twice} are used more than once.",
        params={
            "files": len(digests), "reached": len(reached),
            "twice": sum(len(known.uses[digest]) > 1 for digest in digests),
        },
    )  # fmt: skip
    return Answer(rows=rows, summary=(summary,))


def _rows(
    trail: Trail,
    known: _Known,
    report: Recorded,
    key: ReportedRow,
    status: str,
    files: Sequence[Mapping[str, Any]],
) -> Iterator[Row]:
    """A row for each file, or one that says that there is none."""
    for file in files or ({},):
        digest = str(file.get("digest", ""))
        also = sorted(known.uses.get(digest, set()) - {key}, key=lambda other: other.order)
        uploads = known.uploads.get(digest, ())
        content = known.contents.get(digest, GONE) if digest else None
        mark, why = strongest(_remarks(key, content, uploads, also))
        yield Row(
            cells=(
                row_cell(trail, key),
                cell(told_value(status)),
                cell(file.get("name")),
                cell(digest[:SHORT]),
                tuple(Part(upload.at) for upload in uploads),
                tuple(Part(trail.person(upload.by)) for upload in uploads),
                cell(content),
                _also_cell(trail, also),
            ),
            place=report.place,
            mark=mark,
            why=why,
        )


def _remarks(
    key: ReportedRow, content: Words | None, uploads: Sequence[_Upload], also: Iterable[ReportedRow]
) -> Iterator[tuple[Mark, Words]]:
    """Actions in words may share a file; a number that two targets count from one file is looked at (4.3)."""
    if content is None:
        yield Mark.BREACH, Words(template="Reached without any evidence")
    elif content is not UNCHANGED:
        yield Mark.BREACH, content
    elif not uploads:
        yield Mark.BREACH, Words(template="No event tells who brought this file")
    if key.indicator and any(other.indicator for other in also):
        yield Mark.REMARKABLE, Words(template="Another target counts the same file")


def _also_cell(trail: Trail, also: Iterable[ReportedRow]) -> Cell:
    return tuple(Part(row_words(trail, other)) for other in also)


def _reached(
    report: Recorded, statuses: Mapping[ReportedRow, str]
) -> Iterator[tuple[Recorded, ReportedRow, str, Sequence[Mapping[str, Any]]]]:
    """The rows of a report that were reached in the end, with their files."""
    for told in report.body["rows"]:
        key = reported_row(report, told)
        status = statuses.get(key, str(told.get("status") or ""))
        if status in REACHED:
            yield report, key, status, told.get("evidence") or ()


def _delivered(latest: Collection[Recorded]) -> dict[ReportedRow, str]:
    """The statuses that were delivered last."""
    deliveries = [d for kind in DELIVERIES for d in latest if d.kind == kind]
    return {delivered_row(d, row): str(row["status"]) for d in deliveries for row in d.body["rows"]}


def _uses(latest: Iterable[Recorded]) -> dict[str, set[ReportedRow]]:
    """The rows that rest on each file."""
    found: dict[str, set[ReportedRow]] = defaultdict(set)
    for document in latest:
        for row in document.body["rows"] if document.kind in (REPORT, PROGRESS) else ():
            for file in row.get("evidence") or ():
                found[str(file["digest"])].add(reported_row(document, row))
    return found


def _uploads(reader: Reader, digests: Collection[str]) -> dict[str, list[_Upload]]:
    """Who brought each file and when, as the streams of the people tell."""
    found: dict[str, list[_Upload]] = defaultdict(list)
    for told in personal_events(reader, EventType.DOCUMENT_RECORDED):
        digest = told.data.get("file", {}).get("digest")
        if digest in digests:
            found[digest].append(_Upload(by=told.event.actor, at=told.at))
    return found


def _contents(reader: Reader, digests: Collection[str]) -> dict[str, Words]:
    """What became of the bytes of each file; only one file is in memory at a time."""
    content = tables.content.c
    wanted = [bytes.fromhex(digest) for digest in sorted(digests)]
    found: dict[str, Words] = {}
    for start in range(0, len(wanted), AT_ONCE):
        query = sa.select(content.digest, content.body).where(
            content.digest.in_(wanted[start : start + AT_ONCE])
        )
        for digest, body in reader.transaction.core.execute(query.execution_options(yield_per=1)):
            is_whole = sha256(bytes(body)).digest() == bytes(digest)
            found[bytes(digest).hex()] = UNCHANGED if is_whole else ALTERED
    return found


QUESTION = Question(
    number=10,
    slug="evidence",
    title="Evidence of what was reached",
    sentence="For an achievement marked as reached: which evidence files, uploaded when, by whom, hash "
    "unchanged, used for other targets too?",
    columns=(
        Column(key="row", title="Action and target"),
        Column(key="status", title="Status"),
        Column(key="file", title="Evidence"),
        Column(key="digest", title="Digest"),
        Column(key="uploaded", title="Uploaded at"),
        Column(key="by", title="Done by"),
        Column(key="content", title="Whether unchanged"),
        Column(key="also", title="Also used for"),
    ),
    ask=evidence_of_reached,
)
