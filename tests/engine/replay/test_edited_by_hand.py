"""SQLite edited by hand holds values of any type; a proof names them and goes on to the end."""

import pytest
import sqlalchemy as sa

from engine.domain.history import DEFINITIONS_STREAM, ORGANISATION_STREAM
from engine.domain.identity import SYSTEM
from engine.engine import Engine
from engine.replay import verify_all
from tests.engine.replay.test_rows_beside import hire
from tests.engine.replay.test_verify import make_anchor, prove, tamper
from tests.engine.store.moves import played_through

OWN = 1024  # the first instance
OF_A_DIAGRAM = "digest = (select digest from deployment_file where name like '%.bpmn' limit 1)"
SECOND = f"stream = {OWN} and seq = 2"
OF_THE_ORGANISATION = f"stream = {ORGANISATION_STREAM}"
# The statement, the stream that is named for it, and the event, where it is one.
EDITS: dict[str, tuple[str, int, int | None]] = {
    "a body as text": (
        f"update content set body = cast(body as text) || ' ' where {OF_A_DIAGRAM}", DEFINITIONS_STREAM, 1,
    ),
    "a body as a number": (f"update content set body = 7 where {OF_A_DIAGRAM}", DEFINITIONS_STREAM, 1),
    "data as bytes": (f"update history_event set data = cast(data as blob) where {SECOND}", OWN, 2),
    "a digest as text": (f"update history_event set digest = 'abc' where {SECOND}", OWN, 2),
    "a head as a number": ("update process_instance set head = 5", OWN, None),
    "an end as text": (
        f"update stream_head set seq = 'x' where {OF_THE_ORGANISATION}", ORGANISATION_STREAM, None,
    ),
    "the digest of a deployment": ("update deployment set digest = 'x'", DEFINITIONS_STREAM, 1),
    "the root of an anchor": ("update anchor set root = 'x'", ORGANISATION_STREAM, None),
    "the moment of an anchor": ("update anchor set made_at = 'x'", ORGANISATION_STREAM, None),
    "a date that is none": ("update membership set valid_to = 'never'", ORGANISATION_STREAM, None),
}  # fmt: skip


@pytest.mark.parametrize("what", EDITS)
def test_a_value_of_another_type_is_named(sqlite_engine: Engine, what: str) -> None:
    engine = sqlite_engine
    engine.execute(SYSTEM, hire)
    assert played_through(engine) == OWN
    make_anchor(engine)
    statement, stream, seq = EDITS[what]
    tamper(engine, sa.text(statement))
    reports = {report.stream: report for report in engine.ask(SYSTEM, lambda r: list(verify_all(r)))}
    assert {ORGANISATION_STREAM, DEFINITIONS_STREAM, OWN} <= reports.keys()
    assert not reports[stream].is_proven
    if seq is not None:
        assert reports[stream].first_bad_seq == seq
    prove(engine, OWN)
