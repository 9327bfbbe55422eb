"""Audit runs: draw a sample, attach findings to events, answer them, settle them, close the run.

Only auditors begin, find, settle and close; only whoever was asked answers. None of it touches the history
that is audited: an audit writes to a stream of its own, and nobody's task waits for it.
"""

from collections.abc import Sequence
from typing import Any

from engine.activities.notices import MAIL
from engine.domain.audit_run import AuditFinding, AuditRun, Criteria, Outcome, Severity, draw
from engine.domain.history import EventType
from engine.domain.permission import Action, require, sight_of
from engine.errors import Conflict, FieldError, Invalid, NotFound
from engine.store.unit_of_work import UnitOfWork

SHORTEST_TEXT, LONGEST_TEXT = 5, 2000
LONGEST_TITLE, LONGEST_SEED = 100, 100
LARGEST_SAMPLE = 200
ASKED = "An audit asks you to answer a finding: {label}"
ANSWERS = "/findings"


class RunClosed(Conflict):
    """This audit run is closed."""


class FindingSettled(Conflict):
    """This finding was answered by you already, or is settled."""


def begin(uow: UnitOfWork, *, title: str, seed: str, criteria: Criteria) -> tuple[int, ...]:
    """Draw a sample and record it with its seed and its population; gives the processes that were drawn.

    Invalid without title or seed, for a size below 1 or too large, and where nothing fits the criteria.
    """
    require(uow.actor, Action.AUDIT)
    faults = [
        *_length_faults("title", title, 1, LONGEST_TITLE),
        *_length_faults("seed", seed, 1, LONGEST_SEED),
    ]
    if not 1 <= criteria.size <= LARGEST_SAMPLE:
        params = {"first": 1, "last": LARGEST_SAMPLE}
        faults.append(
            FieldError(path="size", template="Enter a number from {first} to {last}", params=params)
        )
    if faults:
        raise Invalid(tuple(faults))
    population = tuple(m for m in uow.audits.members(sight_of(uow.actor)) if criteria.fits(m))
    if not population:
        template = "No process fits these criteria"
        raise Invalid((FieldError(path="size", template=template),))
    drawn = draw(seed.strip(), population, criteria)
    told = {
        "title": title.strip(), "seed": seed.strip(), "criteria": criteria.json(),
        "population": uow.audits.keep_population(population), "members": len(population),
        "drawn": list(drawn),
    }  # fmt: skip
    uow.audits.tell(EventType.AUDIT_RUN_BEGUN, told)
    return drawn


def find(
    uow: UnitOfWork,
    run_no: int,
    *,
    instance_id: int,
    seq: int,
    severity: str,
    text: str,
    asked: Sequence[str] = (),
) -> None:
    """Attach a finding to an event of a process that was drawn, and ask people of that process about it.

    Invalid for an event that is not there, for words that tell nothing, and for people who took no part.
    """
    run = _open_run(uow, run_no)
    if instance_id not in run.drawn:
        raise NotFound(kind="process instance", id=instance_id)
    faults = list(_length_faults("text", text, SHORTEST_TEXT, LONGEST_TEXT))
    if severity not in list(Severity):
        faults.append(FieldError(path="severity", template="Choose one of the options"))
    if uow.history.find(instance_id, seq) is None:
        faults.append(FieldError(path="seq", template="The history of this process has no such entry"))
    if not set(asked) <= uow.audits.took_part(instance_id):
        faults.append(FieldError(path="asked", template="Choose among the people who took part"))
    if faults:
        raise Invalid(tuple(faults))
    people = sorted(set(asked))
    told = {
        "run": run_no, "instance": instance_id, "seq": seq, "severity": severity, "text": text.strip(),
        "asked": people,
    }  # fmt: skip
    uow.audits.tell(EventType.AUDIT_FINDING_MADE, told)
    for user in people:
        # What was found stands on the page only: a mail may pass through other hands.
        payload = {"user": user, "template": ASKED, "params": {"label": run.title}, "path": ANSWERS}
        key = f"finding:{run_no}:{instance_id}:{seq}:{len(run.findings)}:{user}"
        uow.outbox.add(key, MAIL, payload)


def answer(uow: UnitOfWork, finding_no: int, *, text: str) -> None:
    """Answer a finding about which one was asked, once; a finding of others is not there at all."""
    finding = _finding(uow, finding_no)
    if finding is None or uow.actor.user_id not in finding.asked:
        raise NotFound(kind="finding", id=finding_no)
    if not finding.waits_for(uow.actor.user_id):
        raise FindingSettled
    _check_text(text)
    told = {"run": finding.run, "finding": finding_no, "text": text.strip()}
    uow.audits.tell(EventType.AUDIT_FINDING_ANSWERED, told)


def settle(uow: UnitOfWork, run_no: int, finding_no: int, *, outcome: str, text: str) -> None:
    """Say what became of a finding; nobody can answer it afterwards."""
    require(uow.actor, Action.AUDIT)
    finding = uow.audits.run(run_no).finding(finding_no)
    if finding is None:
        raise NotFound(kind="finding", id=finding_no)
    if not finding.is_open:
        raise FindingSettled
    if outcome not in list(Outcome):
        raise Invalid((FieldError(path="outcome", template="Choose one of the options"),))
    _check_text(text)
    told = {"run": finding.run, "finding": finding_no, "outcome": outcome, "text": text.strip()}
    uow.audits.tell(EventType.AUDIT_FINDING_SETTLED, told)


def close(uow: UnitOfWork, run_no: int, *, text: str) -> None:
    """Close a run with its conclusion; Invalid while a finding is not settled."""
    run = _open_run(uow, run_no)
    if any(finding.is_open for finding in run.findings):
        raise Invalid((FieldError(path="text", template="Settle every finding first"),))
    _check_text(text)
    uow.audits.tell(EventType.AUDIT_RUN_CLOSED, {"run": run_no, "text": text.strip()})


def _open_run(uow: UnitOfWork, run_no: int) -> AuditRun:
    require(uow.actor, Action.AUDIT)
    run = uow.audits.run(run_no)
    if not run.is_open:
        raise RunClosed
    return run


def _finding(uow: UnitOfWork, finding_no: int) -> AuditFinding | None:
    found = (run.finding(finding_no) for run in uow.audits.runs().values())
    return next((finding for finding in found if finding is not None), None)


def _check_text(text: str) -> None:
    faults = tuple(_length_faults("text", text, SHORTEST_TEXT, LONGEST_TEXT))
    if faults:
        raise Invalid(faults)


def _length_faults(path: str, text: str, shortest: int, longest: int) -> list[FieldError]:
    length = len(text.strip())
    if not length:
        return [FieldError(path=path, template="This entry is required")]
    if length < shortest:
        params: dict[str, Any] = {"limit": shortest}
        return [FieldError(path=path, template="Use at least {limit} characters", params=params)]
    if length > longest:
        return [FieldError(path=path, template="Use at most {limit} characters", params={"limit": longest})]
    return []
