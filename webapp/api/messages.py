"""`POST /messages`: hand a message to the instances that wait for it."""

from flask import Blueprint

from engine.commands.messages import send
from webapp.api.description import answers, description
from webapp.api.shapes import Delivered, Message
from webapp.door import execute

blueprint = Blueprint("api_messages", __name__)


@blueprint.post("/messages")
@description.validate(resp=answers(Delivered, status=202, conflicts=True), tags=["messages"])
def post_message(json: Message) -> tuple[Delivered, int]:
    """Deliver a message by its name and correlation; 404 when nobody waits for it and it starts nothing."""
    reached = execute(send, name=json.name, correlation=json.correlation, payload=json.payload)
    return Delivered(process_instance_ids=reached), 202
