import json
import sqlite3
import subprocess
import sys
import zipfile
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest

from bench import approval_15
from engine.clock import FixedClock
from engine.engine import Engine
from tests.webapp.cli.conftest import Cli


@pytest.fixture
def instance(sqlite_url: str, clock: FixedClock) -> int:
    """One running instance whose draft is open."""
    engine = Engine(sqlite_url, clock)
    task = approval_15.start(engine, approval_15.prepare(engine), 1)
    engine.close()
    return task.instance_id


def alter(sqlite_url: str, statement: str) -> None:
    """Change a row behind the back of the triggers that forbid it."""
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as connection:
        triggers = connection.execute("select name from sqlite_master where type = 'trigger'").fetchall()
        for (name,) in triggers:
            connection.execute(f'drop trigger "{name}"')
        connection.execute(statement)
        connection.commit()


def test_an_untouched_history_is_proven(cli: Cli, instance: int) -> None:
    result = cli("verify", instance)
    assert result.exit_code == 0
    assert "every one is as it was recorded" in result.output


def test_everything_is_proven_at_once(cli: Cli, instance: int) -> None:
    result = cli("verify", "--all", "--json")
    reports = json.loads(result.stdout)
    assert (result.exit_code, {report["proven"] for report in reports}) == (0, {True})
    assert instance in {report["stream"] for report in reports}


def test_an_altered_event_is_named_and_ends_with_1(cli: Cli, instance: int, sqlite_url: str) -> None:
    alter(sqlite_url, f"update history_event set actor = 'thief' where stream = {instance} and seq = 2")
    result = cli("verify", instance)
    assert result.exit_code == 1
    assert f"stream {instance}, event 2, chain: The event 2 is not as it was sealed" in result.output


def test_an_unknown_instance_cannot_be_proven(cli: Cli) -> None:
    assert cli("verify", 99).exit_code == 1


def test_an_instance_and_everything_exclude_each_other(cli: Cli, instance: int) -> None:
    assert cli("verify", instance, "--all").exit_code == 2


def test_a_replay_shows_what_is_open(cli: Cli, instance: int) -> None:
    result = cli("replay", instance)
    assert result.exit_code == 0
    assert "擬稿 (draft)  sec_handler" in result.output


def test_a_replay_stops_where_it_is_told(cli: Cli, instance: int) -> None:
    result = cli("replay", instance, "--to", 1)
    assert (result.exit_code, result.output.splitlines()[0][:30]) == (
        0,
        f"Instance {instance} after event 1 of",
    )


def test_an_anchor_prints_its_root_last(cli: Cli, instance: int) -> None:
    result = cli("anchor")
    assert (result.exit_code, len(result.output.splitlines()[-1])) == (0, 64)


def test_a_tail_that_was_cut_off_shows_through_the_anchor(cli: Cli, instance: int, sqlite_url: str) -> None:
    cli("anchor")
    alter(sqlite_url, f"delete from history_event where stream = {instance} and seq > 1")
    assert cli("verify", "--all").exit_code == 1


@pytest.fixture
def dossier(cli: Cli, instance: int, tmp_path: Path) -> Path:
    """The unpacked dossier of the instance."""
    assert cli("export", instance, "--format", "dossier", "-o", tmp_path / "d.zip").exit_code == 0
    with zipfile.ZipFile(tmp_path / "d.zip") as archive:
        archive.extractall(tmp_path / "dossier")
    return tmp_path / "dossier"


def prove_alone(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the verifier of a dossier with nothing but Python's own library."""
    command = [sys.executable, "-I", "-S", "verify.py"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_a_dossier_proves_itself_without_planflow(dossier: Path) -> None:
    proof = prove_alone(dossier)
    assert (proof.returncode, proof.stdout[:6]) == (0, "PROVEN")


def test_a_dossier_that_was_altered_names_the_event(dossier: Path, instance: int) -> None:
    path = dossier / "histories" / f"{instance}.json"
    path.write_text(path.read_text("utf-8").replace('"seq": 2,', '"seq": 7,'), "utf-8")
    proof = prove_alone(dossier)
    assert proof.returncode == 1
    assert f"histories/{instance}.json: event 2 is missing; the next one is event 7" in proof.stdout


def test_an_export_into_a_folder_that_is_not_there_is_refused_before_it_is_told(
    cli: Cli, instance: int, tmp_path: Path, sqlite_url: str
) -> None:
    result = cli("export", instance, "-o", tmp_path / "nowhere" / "h.json")
    assert (result.exit_code, exported(sqlite_url)) == (2, [])


def exported(sqlite_url: str) -> list[dict[str, object]]:
    """What was told of exports."""
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as connection:
        told = connection.execute("select data from history_event where type = 'exported'").fetchall()
    return [json.loads(data) for (data,) in told]


def test_an_export_is_recorded_and_its_digest_printed(
    cli: Cli, instance: int, tmp_path: Path, sqlite_url: str
) -> None:
    result = cli("export", instance, "-o", tmp_path / "h.json")
    digest = sha256((tmp_path / "h.json").read_bytes()).hexdigest()
    assert [(told["instance"], told["digest"]) for told in exported(sqlite_url)] == [(instance, digest)]
    assert result.output.splitlines()[-1] == f"SHA-256 {digest}"


def test_all_processes_of_a_definition_leave_in_one_file(cli: Cli, instance: int, tmp_path: Path) -> None:
    result = cli("export", "--definition", "approval_15", "--format", "xes", "-o", tmp_path / "l.xes")
    assert (result.exit_code, (tmp_path / "l.xes").read_text("utf-8").count("<trace>")) == (0, 1)


@pytest.mark.parametrize("words", [(), (1024, "--year", 114)])
def test_an_export_says_what_to_take_in_one_way(cli: Cli, tmp_path: Path, words: tuple[object, ...]) -> None:
    assert cli("export", *words, "-o", tmp_path / "h.json").exit_code == 2
    assert not (tmp_path / "h.json").exists()


def test_an_export_of_nothing_writes_no_file(cli: Cli, instance: int, tmp_path: Path) -> None:
    result = cli("export", "--plan", "bsmi_khh:114", "-o", tmp_path / "h.json")
    assert (result.exit_code, (tmp_path / "h.json").exists()) == (1, False)
