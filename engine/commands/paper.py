"""Steps that are closed by a signed sheet of paper (轉紙本, domain 7.39), and how a signature was made."""

from dataclasses import dataclass
from typing import Any

from engine.commands.files import is_own_file
from engine.commands.reasons import check_reason
from engine.domain.definition import FormDefinition
from engine.domain.task import Task
from engine.errors import FieldError, Invalid
from engine.store.instance_handle import InstanceHandle
from engine.store.unit_of_work import UnitOfWork

# Signing in and pressing a button is no 數位簽章 (domain 7.23); a signing provider would name a method here.
BY_LOGIN, ON_PAPER = "login", "paper"
SCANS = frozenset({"application/pdf", "image/png", "image/jpeg"})
# The process whose calls are rounds of signatures.
ROUND = "internal_signoff"
ROUND_ON_PAPER = "on_paper"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """The scan of a signed sheet, an upload of the actor, and why the step was taken on paper."""

    reason: str
    scan: dict[str, Any]


def signing(
    uow: UnitOfWork, handle: InstanceHandle, task: Task, form: FormDefinition, paper: Paper | None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the event tells of the way in which a task is closed, and what its process has to know of it.

    Invalid for a scan that is not the actor's own, and for a signature by login in a round that has gone on
    paper: nobody can tell from half a sheet who signed what.
    """
    is_signed = form.ui.get("display") == "approval"
    if paper is not None:
        _check(uow, paper)
        told = {"reason": paper.reason.strip(), "scan": paper.scan}
        known = {ROUND_ON_PAPER: handle.live.scope_of(task.id)} if task.process_key == ROUND else {}
        return {"sign_method": ON_PAPER, "paper": told}, known
    if not is_signed:
        return {}, {}
    before = handle.live.reads(task.id, task.element_id) if task.process_key == ROUND else None
    if before and before.get(ROUND_ON_PAPER) == handle.live.scope_of(task.id):
        template = "This round of signatures goes on on paper: attach the scan of the signed sheet"
        raise Invalid((FieldError(path="", template=template),))
    return {"sign_method": BY_LOGIN}, {}


def _check(uow: UnitOfWork, paper: Paper) -> None:
    check_reason(paper.reason)
    if paper.scan.get("media_type") not in SCANS or not is_own_file(uow, paper.scan):
        template = "Attach the scan of the signed sheet as PDF, PNG or JPG"
        raise Invalid((FieldError(path="", template=template),))
