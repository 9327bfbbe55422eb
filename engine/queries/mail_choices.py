"""How a person wants to be told by mail."""

from engine.domain.preference import MAIL
from engine.plan.mail_hours import MailChoice, choice_from_json
from engine.store.unit_of_work import Reader


def own_mail_choice(reader: Reader) -> MailChoice:
    """What the actor chose, or what holds for whoever chose nothing."""
    return choice_from_json(reader.preferences.of(reader.actor.user_id).get(MAIL))
