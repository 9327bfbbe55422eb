"""The proof of rows beside the instances: registers, master data, definitions, anchors and snapshots."""

import json
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from engine.clock import FixedClock
from engine.commands import organisation
from engine.commands.deliveries import start_linked
from engine.commands.steps import Progress
from engine.domain.canonical import canonical_json
from engine.domain.history import DEFINITIONS_STREAM, ORGANISATION_STREAM, EventDraft, EventType
from engine.domain.identity import SYSTEM
from engine.domain.letter import Letter
from engine.engine import Engine
from engine.replay import Check, verify_all
from engine.store import tables
from engine.store.unit_of_work import Reader, UnitOfWork
from tests.engine.replay.test_verify import cut_tail, make_anchor, prove, resealed, seq_of, tamper
from tests.engine.store.moves import CLERK, DUE, at_approval, claim, deploy, played_through

DIGEST = b"x" * 32
TABLE = {"confirmed": True, "holidays": ["2025-01-01"], "source": "行政機關辦公日曆表", "workdays": []}
BROUGHT = EventType.DOCUMENT_RECORDED


def letter(number: str) -> Letter:
    return Letter(
        plan_key="branch:114",
        direction="in",
        issuer="總局",
        prefix="經標秘字",
        number=number,
        doc_type="函",
        doc_on=date(2025, 1, 6),
        subject="核備",
    )


def register(uow: UnitOfWork, instance_id: int) -> None:
    """A letter, a document and a made file, told by a note of the instance; and an upload."""
    uow.files.add("附件.pdf", b"brought", "application/pdf")
    handle = uow.instances.open(instance_id)
    uow.letters.register(letter("1"))
    uow.files.keep("計畫.pdf", b"made", "application/pdf")
    handle.note(EventDraft(type=BROUGHT, data={}))


def hire(uow: UnitOfWork) -> None:
    organisation.add_unit(uow, "kinmen", label="金門辦事處", kind="line", agency="branch", position=1)
    organisation.add_user(uow, "wang", name="王小明")
    organisation.grant(uow, "wang", role="unit_handler", unit="kinmen", valid_from=date(2025, 1, 1))
    organisation.change_setting(uow, "progress_frequency", "monthly")
    organisation.import_calendar(uow, 2025, TABLE)


@pytest.fixture
def lived(sqlite_engine: Engine) -> tuple[Engine, int]:
    """An agency with people, and an instance with every kind of row."""
    sqlite_engine.execute(SYSTEM, hire)
    instance_id = played_through(sqlite_engine)
    sqlite_engine.execute(CLERK, register, instance_id)
    sqlite_engine.execute(SYSTEM, lambda uow: uow.letters.correct(1, {"subject": "同意核備"}, "誤植"))
    make_anchor(sqlite_engine)
    return sqlite_engine, instance_id


def faults(engine: Engine) -> list[tuple[int, int | None, str]]:
    """Stream, event and words of every fault of all streams."""
    reports = engine.ask(SYSTEM, lambda r: list(verify_all(r)))
    return [(report.stream, fault.seq, str(fault)) for report in reports for fault in report.faults]


def restarted(reader: Reader, instance_id: int, changes: dict[str, Any]) -> list[sa.Executable]:
    """Statements that let the start of an instance tell something else, with a new chain behind it."""
    return resealed(reader, instance_id, 1, lambda data: canonical_json({**json.loads(data), **changes}))


def last_seq(engine: Engine, stream: int, event_type: EventType) -> int:
    return seq_of(engine, stream, event_type)


def test_honest_rows_are_proven(lived: tuple[Engine, int]) -> None:
    engine, instance_id = lived
    assert faults(engine) == []
    assert prove(engine, instance_id).faults == ()


VERSION, LETTER, FILE = tables.document_version, tables.letter, tables.file
OF_INSTANCE: dict[str, tuple[sa.Executable, EventType, str]] = {
    "document changed": (
        sa.update(VERSION).values(digest=sa.select(tables.content.c.digest).limit(1).scalar_subquery()),
        EventType.ACTIVITY_RETURNED,
        "The row branch:114/plan//1 of the table document_version differs from the history (digest)",
    ),
    "document signed by another": (
        sa.update(VERSION).values(made_by="thief"),
        EventType.ACTIVITY_RETURNED,
        "The row branch:114/plan//1 of the table document_version differs from the history (made_by)",
    ),
    "document deleted": (
        sa.delete(VERSION),
        EventType.ACTIVITY_RETURNED,
        "The row branch:114/plan//1 of the table document_version is missing",
    ),
    "letter changed": (
        sa.update(LETTER).values(body=sa.func.replace(LETTER.c.body, "同意核備", "不予核備")),
        EventType.LETTER_CORRECTED,
        "The row 1 of the table letter differs from the history (body)",
    ),
    "letter deleted": (
        sa.delete(LETTER),
        EventType.LETTER_CORRECTED,
        "The row 1 of the table letter is missing",
    ),
}


@pytest.mark.parametrize("what", OF_INSTANCE)
def test_changed_row_of_a_register_is_found(lived: tuple[Engine, int], what: str) -> None:
    engine, instance_id = lived
    statement, told_by, words = OF_INSTANCE[what]
    expected = (last_seq(engine, instance_id, told_by), words)
    tamper(engine, statement)
    assert [(fault.seq, str(fault)) for fault in prove(engine, instance_id).faults] == [expected]
    assert faults(engine) == [(instance_id, *expected)]


def test_inserted_document_is_found(lived: tuple[Engine, int]) -> None:
    engine, instance_id = lived
    stored = engine.ask(SYSTEM, lambda r: r.documents.get("branch:114", "plan"))
    forged = sa.insert(VERSION).values(
        owner="branch:114", kind="plan", key="", no=2, digest=bytes.fromhex(stored.digest), note="",
        made_at=1, made_by="thief", task_id=instance_id << 20,
    )  # fmt: skip
    words = "The row branch:114/plan//2 of the table document_version follows from no event"
    tamper(engine, forged)
    assert [str(fault) for fault in prove(engine, instance_id).faults] == [words]
    assert faults(engine) == [(instance_id, None, words)]


def test_inserted_letter_is_found(lived: tuple[Engine, int]) -> None:
    engine, instance_id = lived
    forged = sa.insert(LETTER).values(
        id=2, plan_key="branch:114", stream=instance_id, issuer="總局", prefix="", number="2", body="{}"
    )
    tamper(engine, forged)
    assert faults(engine) == [(instance_id, None, "The row 2 of the table letter follows from no event")]


@pytest.mark.parametrize(
    ("name", "of_instance"), [("附件.pdf", False), ("計畫.pdf", True)], ids=["brought", "made"]
)
def test_changed_and_deleted_files_are_found(lived: tuple[Engine, int], name: str, of_instance: bool) -> None:
    engine, instance_id = lived
    stream = instance_id if of_instance else -CLERK.number
    seq = last_seq(engine, stream, BROUGHT)
    tamper(engine, sa.update(FILE).where(FILE.c.name == name).values(media_type="text/html"))
    ((found_stream, found_seq, words),) = faults(engine)
    assert (found_stream, found_seq) == (stream, seq)
    assert words.endswith(f"{name} of the table file differs from the history (media_type)")
    tamper(engine, sa.delete(FILE).where(FILE.c.name == name))
    ((found_stream, found_seq, words),) = faults(engine)
    assert (found_stream, found_seq) == (stream, seq)
    assert words.endswith(f"{name} of the table file is missing")


def test_inserted_file_is_found(lived: tuple[Engine, int]) -> None:
    engine, _ = lived
    copied = sa.select(
        FILE.c.digest, sa.literal("別名.pdf"), FILE.c.size, FILE.c.media_type, FILE.c.uploaded_by,
        FILE.c.uploaded_at,
    ).limit(1)  # fmt: skip
    names = ["digest", "name", "size", "media_type", "uploaded_by", "uploaded_at"]
    tamper(engine, sa.insert(FILE).from_select(names, copied))
    ((stream, seq, words),) = faults(engine)
    assert (stream, seq) == (ORGANISATION_STREAM, None)
    assert words.endswith("別名.pdf of the table file follows from no event")


def test_file_that_was_brought_twice_is_proven(lived: tuple[Engine, int], clock: FixedClock) -> None:
    engine, _ = lived
    clock.move_to(clock.now().replace(hour=17))
    engine.execute(CLERK, lambda uow: uow.files.add("附件.pdf", b"brought", "application/pdf"))
    assert faults(engine) == []


MASTER_DATA: dict[str, tuple[sa.Executable, EventType | None, str]] = {
    "role changed": (
        sa.update(tables.membership).values(role="director"),
        EventType.MEMBERSHIP_GRANTED,
        "The row wang/unit_handler/kinmen/2025-01-01 of the table membership is missing",
    ),
    "membership prolonged": (
        sa.update(tables.membership).values(valid_to=date(2099, 1, 1)),
        EventType.MEMBERSHIP_GRANTED,
        "The row wang/unit_handler/kinmen/2025-01-01 of the table membership differs from the history"
        " (valid_to)",
    ),
    "membership inserted": (
        sa.insert(tables.membership).values(
            user_id="wang", role="director", unit="kinmen", valid_from=date(2025, 1, 1)
        ),
        None,
        "The row wang/director/kinmen/2025-01-01 of the table membership follows from no event",
    ),
    "user renamed": (
        sa.update(tables.user).values(name="某"),
        EventType.USER_ADDED,
        "The row wang of the table user_account differs from the history (name)",
    ),
    "unit closed": (
        sa.update(tables.unit).values(active=False),
        EventType.UNIT_ADDED,
        "The row kinmen of the table unit differs from the history (active)",
    ),
    "setting changed": (
        sa.update(tables.setting).values(value='"quarterly"'),
        EventType.SETTING_CHANGED,
        "The row progress_frequency of the table setting differs from the history (value)",
    ),
    "setting unreadable": (
        sa.update(tables.setting).values(value="{"),
        EventType.SETTING_CHANGED,
        "The row progress_frequency of the table setting differs from the history (value)",
    ),
    "holiday added": (
        sa.update(tables.calendar_year).where(tables.calendar_year.c.year == 2025).values(body="{}"),
        EventType.CALENDAR_IMPORTED,
        "The row 2025 of the table calendar_year differs from the history (body)",
    ),
}


@pytest.mark.parametrize("what", MASTER_DATA)
def test_changed_master_data_is_found(lived: tuple[Engine, int], what: str) -> None:
    engine, _ = lived
    statement, told_by, words = MASTER_DATA[what]
    seq = None if told_by is None else last_seq(engine, ORGANISATION_STREAM, told_by)
    tamper(engine, statement)
    assert faults(engine)[0] == (ORGANISATION_STREAM, seq, words)


def test_master_data_that_changed_honestly_is_proven(lived: tuple[Engine, int]) -> None:
    engine, _ = lived
    engine.execute(SYSTEM, organisation.disable_user, "wang")
    engine.execute(
        SYSTEM, organisation.end_membership, "wang",
        role="unit_handler", unit="kinmen", valid_from=date(2025, 1, 1), valid_to=date(2025, 3, 1),
    )  # fmt: skip
    engine.execute(SYSTEM, organisation.change_setting, "progress_frequency", "quarterly")
    assert faults(engine) == []


def test_event_that_does_not_tell_its_change_is_found(lived: tuple[Engine, int]) -> None:
    engine, _ = lived
    note = EventDraft(type=EventType.SETTING_CHANGED, data={})
    engine.execute(SYSTEM, lambda uow: uow.record_note(ORGANISATION_STREAM, note))
    seq = last_seq(engine, ORGANISATION_STREAM, EventType.SETTING_CHANGED)
    words = f"The event {seq} does not tell what a setting_changed must tell"
    assert faults(engine) == [(ORGANISATION_STREAM, seq, words)]


NOT_AS_DEPLOYED = "The pinned deployment 1 is not as it was deployed"
DEFINITIONS: dict[str, tuple[tuple[sa.Executable, ...], str]] = {
    "digest changed": (
        (sa.update(tables.deployment).values(digest=DIGEST),),
        "The row 1 of the table deployment differs from the history (digest)",
    ),
    "file removed": (
        (
            sa.delete(tables.deployment_file).where(
                tables.deployment_file.c.name == "forms/review.draft.json"
            ),
        ),
        "The row 1/forms/review.draft.json of the table deployment_file is missing",
    ),
    "process moved to another agency": (
        (sa.update(tables.process_definition).values(agency="bureau"),),
        "The row review/1 of the table process_definition differs from the history (agency)",
    ),
}


@pytest.mark.parametrize("what", DEFINITIONS)
def test_changed_definition_is_found(lived: tuple[Engine, int], what: str) -> None:
    engine, instance_id = lived
    statements, words = DEFINITIONS[what]
    tamper(engine, *statements)
    found = faults(engine)
    assert found[0] == (DEFINITIONS_STREAM, 1, words)
    assert (instance_id, 1, NOT_AS_DEPLOYED) in found
    assert prove(engine, instance_id).first_bad_seq == 1


def test_deleted_deployment_is_a_fault(lived: tuple[Engine, int], sqlite_url: str) -> None:
    engine, instance_id = lived
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as core:  # asks for no foreign keys
        core.execute("delete from deployment")
        core.commit()
    engine.memory.forget()
    assert faults(engine)[:2] == [
        (DEFINITIONS_STREAM, 1, "The row 1 of the table deployment is missing"),
        (instance_id, 1, NOT_AS_DEPLOYED),
    ]


def test_start_on_a_deployment_that_nobody_deployed_is_found(lived: tuple[Engine, int]) -> None:
    engine, instance_id = lived
    tamper(engine, *engine.ask(SYSTEM, restarted, instance_id, {"deployment": 9}))
    words = [str(fault) for fault in prove(engine, instance_id).faults if fault.check is Check.CONTENT]
    assert words == ["The process is pinned to the deployment 9, which no event told"]


def test_start_on_another_set_of_files_is_found(lived: tuple[Engine, int]) -> None:
    engine, instance_id = lived
    tamper(engine, *engine.ask(SYSTEM, restarted, instance_id, {"definition": DIGEST.hex()}))
    words = [str(fault) for fault in prove(engine, instance_id).faults if fault.check is Check.CONTENT]
    assert words == ["The process was started on another deployment 1"]


def test_start_on_the_set_of_files_that_it_names_is_proven(sqlite_engine: Engine) -> None:
    instance_id = sqlite_engine.execute(SYSTEM, start_review)
    digest = sqlite_engine.ask(SYSTEM, lambda r: r.definitions.get(1).digest.hex())
    (started, *_) = sqlite_engine.ask(SYSTEM, lambda r: r.history.events(instance_id))
    assert json.loads(started.data)["definition"] == digest
    assert prove(sqlite_engine, instance_id).faults == ()


def start_review(uow: UnitOfWork) -> int:
    deploy(uow)
    variables = {"roc_year": 114, "plan_key": "branch:114", "units": ["kinmen"], "due": DUE}
    return start_linked(uow, "review", "branch:114", variables, parent_id=None, progress=Progress.none())


def anchor_faults(engine: Engine) -> list[tuple[int, int | None, str]]:
    reports = engine.ask(SYSTEM, lambda r: list(verify_all(r)))
    return [(r.stream, f.seq, str(f)) for r in reports for f in r.faults if f.check is Check.ANCHOR]


ANCHORS: dict[str, tuple[sa.Executable, bool, str]] = {
    "deleted": (sa.delete(tables.anchor), True, "The row 1 of the table anchor is missing"),
    "changed": (
        sa.update(tables.anchor).values(root=DIGEST),
        True,
        "The row 1 of the table anchor differs from the history (root)",
    ),
    "inserted": (
        sa.insert(tables.anchor).from_select(
            ["id", "made_at", "root", "streams", "heads"],
            sa.select(
                sa.literal(2), tables.anchor.c.made_at, tables.anchor.c.root, tables.anchor.c.streams,
                tables.anchor.c.heads,
            ),
        ),
        False,
        "The row 2 of the table anchor follows from no event",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", ANCHORS)
def test_wrong_row_of_an_anchor_is_found(lived: tuple[Engine, int], what: str) -> None:
    engine, _ = lived
    statement, is_told, words = ANCHORS[what]
    seq = last_seq(engine, ORGANISATION_STREAM, EventType.ANCHOR_MADE) if is_told else None
    tamper(engine, statement)
    assert anchor_faults(engine) == [(ORGANISATION_STREAM, seq, words)]


def test_anchor_without_its_row_still_sees_a_tail_that_was_cut(sqlite_engine: Engine) -> None:
    instance_id, approval = at_approval(sqlite_engine)
    sqlite_engine.execute(CLERK, claim, approval.id)
    make_anchor(sqlite_engine)
    head = sqlite_engine.ask(SYSTEM, lambda r: r.history.head(instance_id))[0]
    cut_tail(sqlite_engine, instance_id, head - 1)
    tamper(sqlite_engine, sa.delete(tables.anchor))
    anchored = [fault for fault in prove(sqlite_engine, instance_id).faults if fault.check is Check.ANCHOR]
    assert [(fault.seq, str(fault)) for fault in anchored] == [
        (head, f"The anchor 1 saw event {head}; it is gone")
    ]


@pytest.fixture
def pictured(sqlite_url: str, clock: FixedClock) -> Iterator[tuple[Engine, int]]:
    """An instance with a snapshot."""
    engine = Engine(sqlite_url, clock, snapshot_every=1)
    yield engine, at_approval(engine, units=2)[0]
    engine.close()


def snapshot_of(engine: Engine, instance_id: int) -> tuple[int, dict[str, Any]]:
    found = engine.ask(SYSTEM, lambda r: r.instances.snapshot(instance_id))
    assert found is not None
    return found[0], json.loads(zlib.decompress(found[1]))


def put_snapshot(engine: Engine, body: bytes) -> None:
    tamper(engine, sa.update(tables.snapshot).values(body=body))


def test_honest_snapshot_is_proven(pictured: tuple[Engine, int]) -> None:
    engine, instance_id = pictured
    _, picture = snapshot_of(engine, instance_id)
    put_snapshot(engine, zlib.compress(json.dumps(picture).encode(), 9))
    assert prove(engine, instance_id).faults == ()


@pytest.mark.parametrize("change", ["title", "units", "unreadable"])
def test_edited_snapshot_is_found(pictured: tuple[Engine, int], change: str) -> None:
    engine, instance_id = pictured
    seq, picture = snapshot_of(engine, instance_id)
    text = json.dumps({**picture, "title": "forged"} if change == "title" else picture)
    edited = text.replace("unit_2", "unit_9") if change == "units" else text
    put_snapshot(engine, b"forged" if change == "unreadable" else zlib.compress(edited.encode()))
    assert [(fault.seq, str(fault)) for fault in prove(engine, instance_id).faults] == [
        (seq, f"The snapshot after the event {seq} is not the state that the history gives")
    ]


def test_snapshot_of_another_format_is_left_alone(pictured: tuple[Engine, int]) -> None:
    """After an upgrade of the program nobody reads it: the history has everything."""
    engine, instance_id = pictured
    _, picture = snapshot_of(engine, instance_id)
    put_snapshot(engine, zlib.compress(json.dumps({**picture, "format": 0}).encode()))
    assert prove(engine, instance_id).faults == ()


def test_snapshot_of_an_event_that_does_not_exist_is_found(pictured: tuple[Engine, int]) -> None:
    engine, instance_id = pictured
    tamper(engine, sa.update(tables.snapshot).values(seq=4711))
    assert [str(fault) for fault in prove(engine, instance_id).faults] == [
        "The snapshot was taken after the event 4711, which does not exist"
    ]
