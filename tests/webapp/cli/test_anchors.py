"""Anchors that an office keeps elsewhere: their file, and what it finds in a database that was forged."""

import ast
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from engine.documents import verify_chain
from engine.documents.exported import EVENT_COLUMNS
from engine.domain.canonical import canonical_json, chain_digest
from engine.domain.identity import SYSTEM
from engine.engine import Engine
from tests.engine.store.moves import played_through
from webapp.cli import main

Cli = Callable[..., Result]


@pytest.fixture
def cli(sqlite_url: str) -> Cli:
    env = {"PLANFLOW_DATABASE_URL": sqlite_url}
    return lambda *words: CliRunner().invoke(main, [str(word) for word in words], env=env)


@pytest.fixture
def kept(sqlite_engine: Engine, cli: Cli, tmp_path: Path) -> Path:
    """A file of anchors over one instance."""
    played_through(sqlite_engine)
    cli("anchor")
    assert cli("anchor", "--export", tmp_path / "anchors.json").exit_code == 0
    return tmp_path / "anchors.json"


def alone(*words: object) -> tuple[int, str]:
    """The stand-alone verifier, with nothing but Python's own library."""
    command = [sys.executable, "-I", "-S", verify_chain.__file__, *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def changed(path: Path, change: Callable[[Any], object]) -> Path:
    told = json.loads(path.read_text("utf-8"))
    change(told)
    path.write_text(json.dumps(told), "utf-8")
    return path


def only_instance(engine: Engine) -> int:
    return max(engine.ask(SYSTEM, lambda reader: reader.history.streams()))


def test_a_file_of_anchors_tells_what_it_is(kept: Path) -> None:
    told = json.loads(kept.read_text("utf-8"))
    assert (told["format"], [anchor["anchor"] for anchor in told["anchors"]]) == (
        "planflow-anchors/1",
        [1, 2],
    )
    assert {"heads", "root", "compare"} < told["about"].keys()
    assert {len(anchor["heads"]) for anchor in told["anchors"]} == {told["anchors"][0]["streams"]}


def test_an_export_of_anchors_prints_the_root_last_and_is_recorded(kept: Path, cli: Cli) -> None:
    printed = cli("anchor", "--export", kept).output.splitlines()[-1]
    assert json.loads(kept.read_text("utf-8"))["anchors"][-1]["root"] == printed
    assert cli("verify", "--all", "--anchors", kept).exit_code == 0


def test_a_database_agrees_with_the_anchors_that_were_kept(kept: Path, cli: Cli) -> None:
    assert cli("verify", "--anchors", kept).exit_code == 0


def test_one_instance_is_compared_alone(kept: Path, cli: Cli, sqlite_engine: Engine) -> None:
    assert cli("verify", only_instance(sqlite_engine), "--anchors", kept).exit_code == 0


def test_a_kept_file_that_was_edited_is_found(kept: Path, cli: Cli) -> None:
    changed(kept, lambda told: told["anchors"][0]["heads"][0].__setitem__(1, 99))
    result = cli("verify", "--all", "--anchors", kept)
    assert result.exit_code == 1
    assert "The anchor 1 kept elsewhere does not have its root" in result.stdout


@pytest.mark.parametrize(
    "text", ["", "[]", '{"format": "planflow-history/1"}', '{"format": 1, "anchors": 2}']
)
def test_what_is_no_file_of_anchors_is_refused(cli: Cli, tmp_path: Path, text: str) -> None:
    other = tmp_path / "other.json"
    other.write_text(text, "utf-8")
    result = cli("verify", "--anchors", other)
    assert (result.exit_code, "is no file of anchors" in result.output) == (2, True)


def test_the_verifier_proves_a_file_of_anchors_alone(kept: Path) -> None:
    code, printed = alone("--anchors", kept)
    assert (code, [line.partition(",")[0] for line in printed.splitlines()]) == (0, ["Anchor 1", "Anchor 2"])


def test_the_verifier_finds_an_edited_anchor(kept: Path) -> None:
    changed(kept, lambda told: told["anchors"][1]["heads"][0].__setitem__(1, 99))
    assert alone("--anchors", kept) == (1, "NOT PROVEN: anchor 2 does not have its root\n")


@pytest.fixture
def history(kept: Path, cli: Cli, sqlite_engine: Engine, tmp_path: Path) -> Path:
    """The exported history of the instance that the anchors saw."""
    assert cli("export", only_instance(sqlite_engine), "-o", tmp_path / "history.json").exit_code == 0
    return tmp_path / "history.json"


def test_the_verifier_tells_up_to_where_anchors_saw_a_history(history: Path, kept: Path) -> None:
    events = len(json.loads(history.read_text("utf-8"))["events"])
    code, printed = alone(history, "--anchors", kept)
    assert (code, printed.splitlines()[1]) == (0, f"2 anchors saw this history, up to event {events}")


def test_the_verifier_finds_a_history_that_was_sealed_anew(history: Path, kept: Path) -> None:
    def forge(told: Any) -> None:
        digest = bytes(32)
        for event in told["events"]:
            event["actor"] = "thief" if event["seq"] == 3 else event["actor"]
            digest = chain_digest(digest, canonical_json([event[name] for name in EVENT_COLUMNS]))
            event["digest"] = digest.hex()

    last = len(json.loads(changed(history, forge).read_text("utf-8"))["events"])
    assert alone(history)[0] == 0
    found = "".join(f"NOT PROVEN: anchor {number} saw another event {last}\n" for number in (1, 2))
    assert alone(history, "--anchors", kept) == (1, found)


def test_the_verifier_finds_a_tail_that_was_cut(history: Path, kept: Path) -> None:
    last = len(json.loads(history.read_text("utf-8"))["events"])
    changed(history, lambda told: told["events"].pop())
    code, printed = alone(history, "--anchors", kept)
    assert (code, printed.splitlines()[0]) == (1, f"NOT PROVEN: anchor 1 saw event {last}; it is gone")


def test_an_anchor_made_after_the_export_proves_what_it_knows(
    history: Path, kept: Path, cli: Cli, sqlite_engine: Engine
) -> None:
    last = len(json.loads(history.read_text("utf-8"))["events"])
    changed(
        history, lambda told: (told["events"].pop(), told.update(exported_at="2000-01-01T00:00:00+00:00"))
    )
    code, printed = alone(history, "--anchors", kept)
    assert (code, printed.splitlines()[1]) == (0, f"2 anchors saw this history, up to event {last - 1}")


def test_the_verifier_finds_a_file_whose_name_is_not_its_digest(history: Path, tmp_path: Path) -> None:
    files = tmp_path / "files"
    files.mkdir()
    (files / f"{'0' * 64}.txt").write_text("forged", "utf-8")
    found = f"NOT PROVEN: the file {'0' * 64}.txt does not have the SHA-256 of its name\n"
    assert alone(history, "--files", files) == (1, found)


@pytest.mark.parametrize("text", ["{", '{"events": [{"seq": 1}]}', '{"events": []}', "[]"])
def test_the_verifier_refuses_what_is_no_history(tmp_path: Path, text: str) -> None:
    (tmp_path / "other.json").write_text(text, "utf-8")
    code, printed = alone(tmp_path / "other.json")
    assert (code, printed.partition(":")[0]) == (1, "NOT PROVEN")


def test_the_verifier_tells_how_to_use_it() -> None:
    assert alone()[0] == 2


def test_the_verifier_speaks_the_python_of_old_machines() -> None:
    ast.parse(Path(verify_chain.__file__).read_text("utf-8"), feature_version=(3, 8))
