"""What stands in a personal calendar: the person's own tasks with their dates, and no names of a reward."""

from datetime import date
from typing import Any

from engine.commands import tasks
from engine.commands.calendar_links import make_link
from engine.commands.preferences import choose_language
from engine.queries.year_calendar import year_calendar
from tests.stories import commendation_actors as reward
from tests.stories.commendation_actors import HANDLER, own
from tests.stories.stage import Stage
from tests.webapp.calendars import days
from tests.webapp.office import open_office


def calendar(stage: Stage, user: str) -> list[Any]:
    """The days in the calendar of a person, read through a new link."""
    secret = stage.engine.execute(stage.engine.actor(user), make_link)
    answer = open_office(stage.engine, stage.clock).stranger().get(f"/calendar/{secret}.ics")
    assert answer.status_code == 200
    return days(answer.data)


def published(stage: Stage) -> int:
    stage.move_to("2025-02-10T10:00")
    return stage.start("plan_publication", publication_reason="first")


def test_a_task_stands_on_the_day_on_which_it_is_due(fresh_stage: Stage) -> None:
    task = fresh_stage.task(published(fresh_stage), "publish_web")
    (day,) = calendar(fresh_stage, "web_owner")
    assert task.due_at is not None
    assert day.decoded("DTSTART") == date(2025, 2, 17)
    assert (day["UID"], day["URL"]) == (f"task-{task.id}-due@planflow", f"http://localhost/tasks/{task.id}")
    assert task.label in day["SUMMARY"]


def test_the_same_tasks_give_the_same_days(fresh_stage: Stage) -> None:
    published(fresh_stage)
    assert calendar(fresh_stage, "web_owner") == calendar(fresh_stage, "web_owner")


def test_a_task_that_a_colleague_took_leaves_the_calendar(fresh_stage: Stage) -> None:
    task = fresh_stage.task(published(fresh_stage), "publish_web")
    fresh_stage.grant("registry", "web_owner", "secretariat")
    before = calendar(fresh_stage, "registry")
    fresh_stage.engine.execute(fresh_stage.engine.actor("web_owner"), tasks.claim, task.id)
    after = [calendar(fresh_stage, user) for user in ("registry", "web_owner")]
    assert [len(before), *map(len, after)] == [1, 0, 1]


def test_a_reward_list_tells_its_step_only(fresh_stage: Stage) -> None:
    instance = reward.commendation(fresh_stage, "finalist")
    reward.to_committee(fresh_stage, instance, HANDLER, own("deputy_director", "other_merit"))
    reward.session(fresh_stage, instance)
    task = fresh_stage.task(instance, "sign")
    found = calendar(fresh_stage, "hr_chief")
    assert [day["SUMMARY"] for day in found if str(task.id) in day["UID"]] == [f"到期：{task.label}"]
    assert all(task.subject not in day.to_ical().decode() for day in found)


def test_a_calendar_speaks_the_language_of_its_person(fresh_stage: Stage) -> None:
    published(fresh_stage)
    fresh_stage.engine.execute(fresh_stage.engine.actor("web_owner"), choose_language, language="en")
    (day,) = calendar(fresh_stage, "web_owner")
    assert day["SUMMARY"].startswith("Due: Publish on the website")


def test_the_calendar_of_the_year_shows_a_reward_list_to_its_roles_only(fresh_stage: Stage) -> None:
    fresh_stage.move_to("2026-11-20T09:00")
    instance = reward.commendation(fresh_stage, "finalist", key="bsmi_khh:award:115:1")
    task = fresh_stage.task(instance, "nominate_persons")
    assert task.due_at is not None

    def steps(user: str) -> list[str]:
        found = fresh_stage.engine.ask(fresh_stage.engine.actor(user), year_calendar, 115)
        return [entry.name for entry in found.entries if entry.kind == "task"]

    assert [steps(user) for user in ("sec_chief", "unit_chief.metrology", "registry")] == [
        [task.label], [], [],
    ]  # fmt: skip
