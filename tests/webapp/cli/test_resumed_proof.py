"""A proof that was interrupted goes on where it stopped, and nobody else believes what it remembers."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine.commands.anchors import make_anchor
from engine.domain.identity import SYSTEM
from engine.engine import Engine
from engine.replay import VerifyReport
from engine.replay.report import Fault
from engine.replay.verify import StreamProof
from tests.engine.store.moves import CLERK, played_through, start
from tests.webapp.cli.forger import forging
from webapp.cli import main

Cli = Callable[..., Result]


@pytest.fixture
def cli(sqlite_url: str) -> Cli:
    env = {"PLANFLOW_DATABASE_URL": sqlite_url}
    return lambda *words: CliRunner().invoke(main, [str(word) for word in words], env=env)


@pytest.fixture
def state(sqlite_url: str) -> Path:
    """Where a run keeps by itself how far it is."""
    return Path(sqlite_url.removeprefix("sqlite:///") + ".proof")


@pytest.fixture
def proven(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The streams that were executed again; the number of a stream in `stop_at` interrupts."""
    streams: list[int] = []
    prove = StreamProof.of_stream

    def counted(self: StreamProof, stream: int, beside: list[Fault]) -> VerifyReport:
        if stream == STOP_AT and not streams.count(-1):
            streams.append(-1)
            raise KeyboardInterrupt
        streams.append(stream)
        return prove(self, stream, beside)

    monkeypatch.setattr(StreamProof, "of_stream", counted)
    return streams


STOP_AT = 1025


@pytest.fixture
def interrupted(sqlite_engine: Engine, cli: Cli, proven: list[int]) -> Result:
    """A run over 1, 2, 1024 and 1025 that was stopped before the last one."""
    played_through(sqlite_engine)
    sqlite_engine.execute(CLERK, start, 1, "branch:115")
    return cli("verify", "--all")


def test_an_interrupted_run_says_how_to_go_on(interrupted: Result, state: Path) -> None:
    assert interrupted.exit_code == 1
    assert "Stopped after 3 of 4 streams; --resume goes on from here." in interrupted.output
    assert state.exists()


def test_a_resumed_run_proves_what_is_left(
    interrupted: Result, cli: Cli, proven: list[int], state: Path
) -> None:
    del proven[:-1]
    result = cli("verify", "--all", "--resume")
    assert (result.exit_code, proven) == (0, [-1, STOP_AT])
    assert "4 streams (3 proven by the run before)" in result.output
    assert not state.exists()


def test_a_plain_run_proves_everything_again(interrupted: Result, cli: Cli, proven: list[int]) -> None:
    del proven[:-1]
    assert cli("verify", "--all").exit_code == 0
    assert proven == [-1, 1, 2, 1024, STOP_AT]


def test_a_stream_that_moved_is_proven_again(
    interrupted: Result, cli: Cli, proven: list[int], sqlite_engine: Engine
) -> None:
    sqlite_engine.execute(SYSTEM, make_anchor)
    del proven[:-1]
    assert cli("verify", "--resume").exit_code == 0
    assert proven == [-1, 1, STOP_AT]


def test_what_another_program_proved_is_proven_again(
    interrupted: Result, cli: Cli, proven: list[int], state: Path
) -> None:
    head, *lines = state.read_text("utf-8").splitlines()
    state.write_text("\n".join([head.replace('"program": "', '"program": "0'), *lines]), "utf-8")
    del proven[:-1]
    assert cli("verify", "--resume").exit_code == 0
    assert proven == [-1, 1, 2, 1024, STOP_AT]


def test_a_line_that_was_cut_off_counts_as_none(
    interrupted: Result, cli: Cli, proven: list[int], state: Path
) -> None:
    state.write_text(state.read_text("utf-8")[:-9], "utf-8")
    del proven[:-1]
    assert cli("verify", "--resume").exit_code == 0
    assert proven == [-1, 1024, STOP_AT]


def test_what_was_not_proven_is_proven_again(
    sqlite_engine: Engine, cli: Cli, proven: list[int], sqlite_url: str
) -> None:
    played_through(sqlite_engine)
    sqlite_engine.execute(CLERK, start, 1, "branch:115")
    with forging(sqlite_url) as forger:
        forger.run("update task set label = 'forged' where instance_id = 1024")
    cli("verify", "--all")
    del proven[:-1]
    assert cli("verify", "--resume").exit_code == 1
    assert proven == [-1, 1024, STOP_AT]


def test_the_state_may_lie_elsewhere(
    sqlite_engine: Engine, cli: Cli, proven: list[int], tmp_path: Path, state: Path
) -> None:
    played_through(sqlite_engine)
    sqlite_engine.execute(CLERK, start, 1, "branch:115")
    cli("verify", "--all", "--state", tmp_path / "elsewhere")
    assert ((tmp_path / "elsewhere").exists(), state.exists()) == (True, False)
    assert cli("verify", "--resume", "--state", tmp_path / "elsewhere").exit_code == 0


def test_a_run_that_cannot_keep_its_state_runs_all_the_same(
    interrupted: Result, cli: Cli, tmp_path: Path, proven: list[int]
) -> None:
    assert cli("verify", "--all", "--state", tmp_path / "no" / "folder").exit_code == 0
    proven.clear()
    result = cli("verify", "--all", "--state", tmp_path / "no" / "folder")
    assert "Stopped after 3 of 4 streams; it cannot be resumed." in result.output


def test_one_instance_is_not_resumed(cli: Cli) -> None:
    assert cli("verify", "1024", "--resume").exit_code == 2
