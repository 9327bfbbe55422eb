"""Every step of a reward list has its date (7.15): six working days to propose or meet, three to go on."""

from datetime import date

import pytest

from engine.clock import TAIPEI
from tests.stories import commendation_actors as reward
from tests.stories.commendation_actors import CHIEF, HANDLER, outsider
from tests.stories.stage import Stage

COACH = outsider("劉國華", "國家發展委員會", "superior_coach")


@pytest.fixture
def stage(fresh_stage: Stage) -> Stage:
    """A Monday in a week without a holiday."""
    fresh_stage.move_to("2026-03-02T09:00")
    return fresh_stage


def due(stage: Stage, instance: int, element: str) -> date | None:
    """The day on which an open step is due; it is late only after that day."""
    task = stage.task(instance, element)
    assert task.late_after_at == task.due_at
    return task.due_at.astimezone(TAIPEI).date() if task.due_at else None


def test_the_proposal_has_the_days_of_an_ordinary_letter(stage: Stage) -> None:
    assert due(stage, reward.commendation(stage, "won"), "nominate_persons") == date(2026, 3, 10)


def test_those_who_hold_the_list_have_the_days_of_a_fast_one(stage: Stage) -> None:
    instance = reward.commendation(stage, "finalist")
    reward.nominate(stage, instance, HANDLER, CHIEF)
    chosen = due(stage, instance, "choose_grade")
    stage.move_to("2026-03-03T09:00")
    reward.choose(stage, instance)
    reviewed = due(stage, instance, "chief_review")
    stage.move_to("2026-03-04T09:00")
    reward.review(stage, instance)
    assert (chosen, reviewed, due(stage, instance, "hr_check")) == (
        date(2026, 3, 5), date(2026, 3, 6), date(2026, 3, 9),
    )  # fmt: skip


def test_without_a_choice_the_review_counts_from_the_proposal(stage: Stage) -> None:
    instance = reward.commendation(stage, "finalist")
    reward.nominate(stage, instance, HANDLER)
    assert due(stage, instance, "chief_review") == date(2026, 3, 5)


def test_a_list_that_is_returned_is_proposed_again_by_a_new_date(stage: Stage) -> None:
    instance = reward.commendation(stage, "finalist")
    reward.nominate(stage, instance, HANDLER)
    stage.move_to("2026-03-04T09:00")
    stage.complete(
        "sec_chief", instance, "chief_review", decision="return", opinion="請補充具體事蹟",
        return_reason=["incomplete"],
    )  # fmt: skip
    assert due(stage, instance, "nominate_persons") == date(2026, 3, 12)


def test_the_committee_has_time_to_meet_and_again_after_it_deferred_everything(stage: Stage) -> None:
    instance = reward.commendation(stage, "finalist")
    reward.to_committee(stage, instance, HANDLER)
    first = due(stage, instance, "committee_record")
    stage.move_to("2026-03-05T09:00")
    reward.session(stage, instance, unit_handler_metrology="defer")
    assert (first, due(stage, instance, "committee_record")) == (date(2026, 3, 10), date(2026, 3, 13))


def test_the_superiors_reply_is_expected_in_ten_working_days_and_then_the_order(stage: Stage) -> None:
    instance = reward.commendation(stage, "won")
    reward.to_order(stage, instance, HANDLER)
    reported = due(stage, instance, "report_to_superior")
    reward.report(stage, instance, "11500000020")
    answered = due(stage, instance, "superior_reply")
    stage.move_to("2026-03-09T09:00")
    reward.reply(stage, instance, "11500000030")
    assert (reported, answered, due(stage, instance, "issue_order")) == (
        date(2026, 3, 5), date(2026, 3, 16), date(2026, 3, 12),
    )  # fmt: skip


def test_the_letter_to_another_agency_counts_from_the_order(stage: Stage) -> None:
    instance = reward.commendation(stage, "finalist")
    reward.to_order(stage, instance, HANDLER, COACH)
    ordered = due(stage, instance, "issue_order")
    stage.move_to("2026-03-05T09:00")
    reward.order(stage, instance, "11500000100")
    assert (ordered, due(stage, instance, "recommendation_letter")) == (
        date(2026, 3, 5), date(2026, 3, 10),
    )  # fmt: skip


def test_a_letter_without_an_order_counts_from_the_signature(stage: Stage) -> None:
    instance = reward.commendation(stage, "finalist")
    reward.to_order(stage, instance, COACH)
    assert due(stage, instance, "recommendation_letter") == date(2026, 3, 5)


def test_beyond_the_imported_office_calendars_a_step_has_no_date(stage: Stage) -> None:
    stage.move_to("2029-01-02T09:00")
    assert due(stage, reward.commendation(stage, "finalist"), "nominate_persons") is None
