"""Reward lists (敘獎): the lists of an edition with the reason of every grade, and every person's story."""

from flask import Blueprint, render_template

from engine.queries.rewards import reward_edition, reward_editions
from webapp.door import ask

blueprint = Blueprint("rewards", __name__, url_prefix="/rewards")


@blueprint.get("")
def index() -> str:
    """The editions with reward lists."""
    return render_template("rewards/index.html", editions=ask(reward_editions))


@blueprint.get("/<edition>")
def page(edition: str) -> str:
    """The lists of one edition; that somebody read them is recorded."""
    return render_template("rewards/page.html", page=ask(reward_edition, edition))
