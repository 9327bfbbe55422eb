"""The verbs of a task beside completing it: a page with a form for each, reached from the task's page."""

from collections.abc import Callable
from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.commands.extensions import apply, withdraw
from engine.commands.follow_ups import follow_up
from engine.commands.opinions import ask_opinion
from engine.commands.priorities import prioritise
from engine.commands.task_routing import hand_back
from engine.commands.task_routing import redirect as redirect_task
from engine.commands.tasks import assign, delegate
from engine.domain.task import instance_of
from engine.errors import FieldError, Invalid
from engine.plan.roc import parse_roc
from engine.plan.rule_error import PlanRuleError
from engine.queries.task_verbs import Verb, verb_page
from webapp.door import ask, execute
from webapp.verb_words import PRIORITY_WORDS, VERB_PAGES, VERB_WORDS
from webapp.wording import in_words

blueprint = Blueprint("verbs", __name__, url_prefix="/verbs")

UNPROCESSABLE = 422


@blueprint.get("/<int:task_id>/<name>")
def page(task_id: int, name: str) -> str:
    """The form of a verb."""
    return _render(task_id, name)


@blueprint.post("/<int:task_id>/<name>")
def act(task_id: int, name: str) -> Response | tuple[str, int]:
    """Carry the verb out, or show the form with what was refused."""
    shown = ask(verb_page, task_id, name)
    try:
        _ACTS[shown.verb](task_id)
    except Invalid as refusal:
        return _render(task_id, name, refusal.errors), UNPROCESSABLE
    flash(VERB_PAGES[shown.verb].done)
    if shown.verb in (Verb.EXTEND, Verb.WITHDRAW_EXTENSION, Verb.ASK_OPINION):
        return redirect(url_for("tasks.page", task_id=task_id))
    if shown.may_see_task or not shown.may_see_instance:
        return redirect(url_for("inbox.page"))
    return redirect(url_for("instances.page", instance_id=instance_of(task_id)))


def _extend(task_id: int) -> None:
    execute(apply, task_id, new_on=_day("new_on"), reason=_entry("reason"))


def _withdraw_extension(task_id: int) -> None:
    execute(withdraw, task_id, reason=_entry("reason"))


def _hand_back(task_id: int) -> None:
    execute(hand_back, task_id, reason=_entry("reason"))


def _redirect(task_id: int) -> None:
    execute(redirect_task, task_id, user=_entry("user"), reason=_entry("reason"))


def _assign(task_id: int) -> None:
    execute(assign, task_id, user=_person(), reason=_entry("reason"))


def _delegate(task_id: int) -> None:
    execute(delegate, task_id, user=_person())


def _follow_up(task_id: int) -> None:
    execute(follow_up, task_id, until_on=_day("until_on") if _entry("until_on") else None)


def _ask_opinion(task_id: int) -> None:
    execute(ask_opinion, task_id, user=_person(), question=_entry("question"))


def _prioritise(task_id: int) -> None:
    execute(prioritise, task_id, priority=_entry("priority"), reason=_entry("reason"))


_ACTS: dict[Verb, Callable[[int], None]] = {
    Verb.EXTEND: _extend,
    Verb.WITHDRAW_EXTENSION: _withdraw_extension,
    Verb.HAND_BACK: _hand_back,
    Verb.REDIRECT: _redirect,
    Verb.ASSIGN: _assign,
    Verb.DELEGATE: _delegate,
    Verb.FOLLOW_UP: _follow_up,
    Verb.ASK_OPINION: _ask_opinion,
    Verb.PRIORITISE: _prioritise,
}


def _entry(name: str) -> str:
    return request.form.get(name, "").strip()


def _person() -> str:
    user = _entry("user")
    if not user:
        raise Invalid((FieldError(path="user", template="Choose a person"),))
    return user


def _day(name: str) -> date:
    try:
        return parse_roc(_entry(name))
    except PlanRuleError as error:
        raise Invalid((FieldError(path=name, template=error.template, params=error.params),)) from error


def _render(task_id: int, name: str, errors: tuple[FieldError, ...] = ()) -> str:
    shown = ask(verb_page, task_id, name)
    faults = [{"path": error.path or "reason", "message": in_words(error)} for error in errors]
    return render_template(
        "verbs/page.html", page=shown, faults=faults, entered=request.form,
        title=VERB_WORDS[shown.verb], words=VERB_PAGES[shown.verb],
        priorities=PRIORITY_WORDS,
    )  # fmt: skip
