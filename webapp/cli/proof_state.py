"""The file that lets an interrupted proof go on where it stopped."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from engine.backup import SQLITE
from engine.replay import program_digest

FORMAT = "planflow-proof/1"


def state_path(database_url: str) -> Path:
    """Beside an SQLite database; of another one, in the present folder."""
    file = database_url.removeprefix(SQLITE)
    return Path(f"{file}.proof" if file != database_url else "planflow.proof")


class ProofState:
    """Streams that were proven, one line each; a line that was cut off by the interruption counts as none.

    What another program, or a run over another database, has proven is forgotten. A file that cannot be
    written only means that this run cannot be resumed.
    """

    def __init__(self, path: Path, database_url: str, *, resume: bool) -> None:
        self._path = path
        self._head = {
            "format": FORMAT,
            "program": program_digest(),
            "database": sha256(database_url.encode()).hexdigest(),
        }
        self._proven = self._read() if resume else set()
        self.resumed = 0
        self._file = self._begin()

    @property
    def is_kept(self) -> bool:
        """True if the run can be resumed."""
        return self._file is not None

    def holds(self, stream: int, seq: int, digest: bytes) -> bool:
        is_proven = (stream, seq, digest.hex()) in self._proven
        self.resumed += is_proven
        return is_proven

    def keep(self, stream: int, seq: int, digest: bytes) -> None:
        if self._file is not None:
            self._file.write(json.dumps([stream, seq, digest.hex()]) + "\n")
            self._file.flush()

    def close(self, *, is_finished: bool) -> None:
        """A run that came to its end leaves nothing to resume."""
        if self._file is not None:
            self._file.close()
            if is_finished:
                self._path.unlink(missing_ok=True)

    def _read(self) -> set[tuple[int, int, str]]:
        try:
            head, *lines = self._path.read_text("utf-8").splitlines()
        except (OSError, ValueError):
            return set()
        if _parsed(head) != self._head:
            return set()
        found = (_parsed(line) for line in lines)
        return {(each[0], each[1], each[2]) for each in found if isinstance(each, list)}

    def _begin(self) -> IO[str] | None:
        try:
            file = self._path.open("w", encoding="utf-8")
        except OSError:
            return None
        file.write(json.dumps(self._head) + "\n")
        file.writelines(json.dumps(list(each)) + "\n" for each in sorted(self._proven))
        file.flush()
        return file


def _parsed(line: str) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return None
