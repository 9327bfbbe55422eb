"""Histories of released versions replay for ever: what was recorded then is proven by the code of today."""

import hashlib
import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from engine.clock import FixedClock, from_micros
from engine.domain.history import FIRST_INSTANCE_ID
from engine.domain.identity import SYSTEM
from engine.engine import Engine
from engine.queries import instances
from engine.replay import replay, verify_all
from tests.histories.golden import FOLDER, NotAsRecorded, load, path_of, read

README = Path(__file__).parents[2] / "README.md"
FILES = sorted(FOLDER.glob("*.json.xz"))
SUMS = FOLDER / "sha256sums.txt"
MOST = 1_000_000


def released() -> list[str]:
    """The versions that the README tells of."""
    changes = README.read_text("utf-8").partition("## Changes")[2].partition("\n## ")[0]
    return re.findall(r"^- (\d+\.\d+\.\d+):", changes, re.MULTILINE)


@pytest.fixture(scope="module", params=FILES, ids=lambda path: path.name)
def golden(request: pytest.FixtureRequest) -> dict[str, Any]:
    """What a golden file tells."""
    return read(request.param)


def last_moment(golden: dict[str, Any]) -> datetime:
    """When the last event of all occurred."""
    place = golden["columns"].index("occurred_at")
    return max(from_micros(event[place]) for stream in golden["streams"] for event in stream["events"])


@pytest.fixture(scope="module")
def engine(golden: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A database of today with the histories of then."""
    path = tmp_path_factory.mktemp("golden") / "planflow.db"
    opened = Engine(f"sqlite:///{path}", FixedClock(last_moment(golden)))
    load(opened, golden)
    yield opened
    opened.close()


def test_every_version_has_its_file() -> None:
    assert {path.name for path in FILES} == {path_of(version).name for version in released()}


def test_a_file_is_never_changed() -> None:
    """A new file adds its line; whoever changes an old one has to change a line that says otherwise."""
    known = dict(reversed(line.split()) for line in SUMS.read_text().splitlines())
    assert {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in FILES} == known


def test_files_are_small() -> None:
    assert [path.name for path in FILES if path.stat().st_size > MOST] == []


@pytest.mark.timeout(300)
def test_every_stream_is_proven_by_todays_code(golden: dict[str, Any], engine: Engine) -> None:
    """Chains, content, definitions, re-execution of every cause, rows, separation of duties."""
    reports = list(engine.ask(SYSTEM, lambda reader: list(verify_all(reader))))
    assert {(r.stream, r.events) for r in reports} == {
        (stream["stream"], len(stream["events"])) for stream in golden["streams"]
    }
    assert [str(fault) for report in reports for fault in report.faults] == []


def test_every_instance_is_shown_as_it_ended(golden: dict[str, Any], engine: Engine) -> None:
    numbers = [s["stream"] for s in golden["streams"] if s["stream"] >= FIRST_INSTANCE_ID]
    assert numbers
    for number in numbers:
        state = engine.ask(SYSTEM, replay, number).state
        shown = engine.ask(SYSTEM, instances.page, number)
        assert state is not None
        assert {task.id for task in state.open_tasks} == {line.task.id for line in shown.open_tasks}
        assert shown.rows


def test_an_event_that_was_altered_does_not_lead_to_its_head(golden: dict[str, Any], tmp_path: Path) -> None:
    altered = json.loads(json.dumps(golden))
    stream = next(s for s in altered["streams"] if s["stream"] == FIRST_INSTANCE_ID)
    stream["events"][0][altered["columns"].index("actor")] = "nobody"
    opened = Engine(f"sqlite:///{tmp_path / 'altered.db'}", FixedClock())
    with pytest.raises(NotAsRecorded):
        load(opened, altered)
    opened.close()
