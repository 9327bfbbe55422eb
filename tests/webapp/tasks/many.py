"""Many reports of one unit that wait for its chief."""

from engine.commands.instances import start
from engine.domain.identity import SYSTEM
from engine.domain.task import Task
from tests.webapp.tasks.house import House
from tests.webapp.tasks.test_page import Browser, valid_entries


def open_tasks(house: House, element_id: str) -> list[Task]:
    """The open tasks of an element, in all instances."""
    found = house.engine.ask(SYSTEM, lambda reader: reader.tasks.all_open())
    return [task for task in found if task.element_id == element_id]


def start_reports(house: House, many: int, *, key: str = "k") -> list[int]:
    """Start so many reports beside the first one; gives the tasks of the handlers."""
    for number in range(1, many):
        variables = {"unit": "metrology", "due": f"2025-01-{13 + number}T17:30:00+08:00"}
        house.engine.execute(
            house.engine.actor("zhang"), start, definition_key="report", business_key=f"{key}{number}",
            variables=variables,
        )  # fmt: skip
    return [task.id for task in open_tasks(house, "fill")]


def reports_to_sign(house: House, many: int) -> list[int]:
    """Hand in so many reports; gives the tasks of the chief, by their due dates."""
    for task_id in start_reports(house, many):
        Browser(house, "wang", task_id).press("complete", **valid_entries())
    return [task.id for task in sorted(open_tasks(house, "sign"), key=lambda task: str(task.due_at))]
