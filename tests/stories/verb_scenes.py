"""Scenes and people with which the verbs of the inbox are tried."""

from tests.stories import actors
from tests.stories.stage import Stage

HANDLER, CHIEF, COLLEAGUE = "unit_handler.metrology", "unit_chief.metrology", "counter_owner.penghu"
EDIT = "edit_actions@metrology"
REASON = "本案涉他單位權責，須另行處理，請惠予協助辦理。"


def writing(stage: Stage) -> None:
    """Two units are writing, until 2026-01-19."""
    cycle = actors.start_cycle(stage)
    actors.register(stage, cycle)
    actors.assign(stage, cycle)
