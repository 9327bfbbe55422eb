"""Reward lists (敘獎): the lists of an edition with the reason of every grade, and every person's story."""

from flask import Blueprint, render_template

from engine.commands.sensitive_reads import record_reading_of_rewards
from engine.queries.rewards import reward_edition, reward_editions
from webapp.door import ask, execute

blueprint = Blueprint("rewards", __name__, url_prefix="/rewards")


@blueprint.get("")
def index() -> str:
    """The editions with reward lists."""
    return render_template("rewards/index.html", editions=ask(reward_editions))


@blueprint.get("/<edition>")
def page(edition: str) -> str:
    """The lists of one edition; that somebody read them is recorded."""
    found = ask(reward_edition, edition)
    execute(record_reading_of_rewards, edition)
    return render_template("rewards/page.html", page=found)
