"""Replay: re-execute an instance from its history, compare, prove; and make the projections again.

`replay` executes a whole history and compares; `state_after` and `moment_at` give any moment of it fast.
`verify` proves one instance: chain, anchors, content, re-execution and projections; `verify_all` proves every
stream. `rebuild` writes projections again from history; nothing else here writes.
"""

from engine.replay.memory import program_digest
from engine.replay.past import Moment, PastState, moment_at, state_after
from engine.replay.rebuild import rebuild
from engine.replay.report import Check, Fault, ReplayReport, VerifyReport
from engine.replay.run import replay
from engine.replay.verify import verify, verify_all

__all__ = [
    "Check",
    "Fault",
    "Moment",
    "PastState",
    "ReplayReport",
    "VerifyReport",
    "moment_at",
    "program_digest",
    "rebuild",
    "replay",
    "state_after",
    "verify",
    "verify_all",
]
