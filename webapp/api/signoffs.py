"""What comes beside and after signing: take back, ask a colleague, sign afterwards, pass on for reading."""

from flask import Blueprint
from pydantic import Field

from engine.commands import signoffs
from engine.commands.messages import act
from engine.commands.opinions import ask_opinion
from engine.queries.instances import visible_instance
from webapp.api.description import answers, description
from webapp.api.shapes import InstanceItem, Key, Person, Reason, Shape, Text
from webapp.door import ask, execute

blueprint = Blueprint("api_signoffs", __name__)

MOST = 60


class Question(Person):
    question: Text


class Afterwards(Reason):
    """`level` counts from 0 at the lowest level of the round; `kind` is paper, absent or other."""

    subject: Key
    level: int = Field(ge=0, le=20)
    kind: Key


class Readers(Shape):
    """Accounts and units of the branch."""

    subject: Key
    people: list[Key] = Field(default=[], max_length=MOST)
    units: list[Key] = Field(default=[], max_length=MOST)
    note: Text = ""


@blueprint.post("/tasks/<int:task_id>/ask-opinion")
@description.validate(resp=answers(InstanceItem, conflicts=True), tags=["tasks"])
def ask_colleague(task_id: int, json: Question) -> InstanceItem:
    """Ask a colleague for an opinion; answers with the process instance of the question."""
    started = execute(ask_opinion, task_id, user=json.user, question=json.question)
    return InstanceItem.of(ask(visible_instance, started))


@blueprint.post("/process-instances/<int:instance_id>/recall")
@description.validate(resp=answers(InstanceItem, conflicts=True), tags=["process-instances"])
def recall(instance_id: int, json: Reason) -> InstanceItem:
    """Take back what the actor sent to the level that signs now, with a reason."""
    execute(act, instance_id, element_id="recalled", values={"reason": json.reason})
    return InstanceItem.of(ask(visible_instance, instance_id))


@blueprint.post("/process-instances/<int:instance_id>/sign-afterwards")
@description.validate(resp=answers(InstanceItem, conflicts=True), tags=["process-instances"])
def sign_afterwards(instance_id: int, json: Afterwards) -> InstanceItem:
    """Sign at a level after the decision, with a reason; the decision stays as it is."""
    execute(
        signoffs.sign_afterwards, instance_id, subject=json.subject, level=json.level, kind=json.kind,
        reason=json.reason,
    )  # fmt: skip
    return InstanceItem.of(ask(visible_instance, instance_id))


@blueprint.post("/process-instances/<int:instance_id>/circulate")
@description.validate(resp=answers(InstanceItem, conflicts=True), tags=["process-instances"])
def circulate(instance_id: int, json: Readers) -> InstanceItem:
    """Pass a decided subject on for reading; answers with the process instance of the circulation."""
    started = execute(
        signoffs.circulate, instance_id, subject=json.subject, people=json.people, units=json.units,
        note=json.note,
    )  # fmt: skip
    return InstanceItem.of(ask(visible_instance, started))
