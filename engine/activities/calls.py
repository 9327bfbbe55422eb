"""The shapes of what a diagram or a form calls by name."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.domain.form import FormContent
from engine.domain.task import Task
from engine.errors import FieldError
from engine.store.unit_of_work import Reader, UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityCall:
    """A service task that waits: where it stands, and a private copy of the process data."""

    instance_id: int
    task_id: int
    process_key: str
    element_id: str
    data: dict[str, Any]
    now: datetime


# An activity runs inside the command's transaction; its small JSON result becomes data[element_id].
Activity = Callable[[UnitOfWork, ActivityCall], dict[str, Any]]
# What a form shows before the person writes; it depends on nothing but the store, so that its digest holds.
Prefill = Callable[[Reader, Task], FormContent]
# Rules across fields and documents that a schema cannot say.
Check = Callable[[Reader, Task, dict[str, Any]], list[FieldError]]
# Writes what was entered into documents; its result joins the form's variables in data[element_id].
Completion = Callable[[UnitOfWork, Task, dict[str, Any]], dict[str, Any]]
