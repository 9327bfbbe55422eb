"""Rules about what elements mean: roles, forms, activities, calls, messages, timers, repetitions, names."""

import ast
import keyword
from collections.abc import Iterator

from engine.domain.identity import ROLES, Agency
from engine.errors import LintFinding
from engine.runtime.diagram import Diagram, Element
from engine.runtime.expression import ExpressionError, compile_expression, compile_script
from engine.runtime.moments import parse_duration
from engine.runtime.reading import Reading, finding

_RESERVED = frozenset({"Start", "End", "typename", "given", *keyword.kwlist})


def meaning_rules(reading: Reading, diagram: Diagram) -> Iterator[LintFinding]:
    """All rules about the attributes of one process and its elements."""
    yield from _process_rules(reading, diagram)
    for element in diagram.elements.values():
        yield from _role_and_form_rules(reading, diagram, element)
        yield from _reference_rules(reading, diagram, element)
        yield from _message_rules(diagram, element)
        yield from _timer_rules(diagram, element)
        yield from _repetition_rules(diagram, element)
        yield from _expression_rules(reading, diagram, element)
    yield from _name_rules(reading, diagram)


def _process_rules(reading: Reading, diagram: Diagram) -> Iterator[LintFinding]:
    if diagram.agency not in set(Agency):
        yield finding(diagram, None, "unknown_agency", "Name the agency of the process: planflow:agency")
    for role in (*diagram.starters, *diagram.restricted_to):
        if role not in ROLES:
            yield finding(diagram, None, "unknown_role", "There is no role “{role}”", role=role)
    yield from _restriction_rules(diagram)
    if diagram.start_form is not None and diagram.start_form not in reading.forms.keys() | reading.lost:
        yield finding(diagram, None, "unknown_form", "There is no form “{form}”", form=diagram.start_form)
    if diagram.key in reading.calls(diagram.key):
        yield finding(
            diagram, None, "recursive_call", "A process may not call itself, also not through another"
        )


def _restriction_rules(diagram: Diagram) -> Iterator[LintFinding]:
    """Who may know of an instance belongs to its agency, and whoever starts one may know of it."""
    for role in diagram.restricted_to:
        if role in ROLES and ROLES[role].agency not in (None, diagram.agency):
            yield finding(
                diagram, None, "foreign_role", "The role “{role}” belongs to another agency", role=role
            )
    for role in diagram.starters if diagram.restricted_to else ():
        if role not in diagram.restricted_to:
            yield finding(
                diagram,
                None,
                "unseen_start",
                "“{role}” starts the process and may not see it: planflow:restricted",
                role=role,
            )


def _role_and_form_rules(reading: Reading, diagram: Diagram, element: Element) -> Iterator[LintFinding]:
    if element.kind == "userTask":
        if element.form is None:
            yield finding(diagram, element, "no_form", "Give the user task a form: planflow:form")
        if element.role is None and element.role_from is None:
            yield finding(diagram, element, "no_role", "Give the lane of the task a role: planflow:role")
        if (element.late_after is not None or element.extendable) and element.due is None:
            yield finding(diagram, element, "no_due", "Give the task a due date as well: planflow:due")
        form = reading.forms.get(element.form or "")
        for path in form.inputs if form is not None else ():
            yield from _known_members(reading, diagram, element, path)
    if element.form is not None and element.form not in reading.forms.keys() | reading.lost:
        yield finding(diagram, element, "unknown_form", "There is no form “{form}”", form=element.form)
    if element.role is not None and element.role not in ROLES:
        yield finding(diagram, element, "unknown_role", "There is no role “{role}”", role=element.role)
    yield from _sender_rules(diagram, element)


def _sender_rules(diagram: Diagram, element: Element) -> Iterator[LintFinding]:
    """A message that people send names a role, or by an expression the one person who may send it."""
    if element.message is None:
        return
    by_people = element.role is not None or element.sender is not None
    if element.form is not None and not by_people:
        yield finding(diagram, element, "no_role", "Name the role that may send this message: planflow:role")
    if element.sender is not None and (element.form is None or element.correlation is not None):
        words = "Who alone may send a message fills in a form, and is its correlation: planflow:sender"
        yield finding(diagram, element, "sender_alone", words)


def _reference_rules(reading: Reading, diagram: Diagram, element: Element) -> Iterator[LintFinding]:
    if element.kind == "serviceTask":
        if element.activity is None:
            yield finding(
                diagram, element, "no_activity", "Name the activity of the service task: planflow:activity"
            )
        elif reading.activities is not None and element.activity not in reading.activities:
            yield finding(
                diagram,
                element,
                "unknown_activity",
                "There is no activity “{activity}”",
                activity=element.activity,
            )
    if element.kind == "callActivity" and element.calls not in reading.diagrams.keys() | reading.lost:
        yield finding(
            diagram,
            element,
            "unknown_process",
            "The deployment has no process “{process}”",
            process=element.calls,
        )
    if element.kind == "businessRuleTask" and element.decision not in reading.decisions.keys() | reading.lost:
        yield finding(
            diagram,
            element,
            "unknown_decision",
            "The deployment has no decision “{decision}”",
            decision=element.decision,
        )


def _message_rules(diagram: Diagram, element: Element) -> Iterator[LintFinding]:
    is_task = element.kind in ("sendTask", "receiveTask")
    if "message" in element.events or is_task:
        if not element.message:
            yield finding(
                diagram, element, "no_message", "Choose the message of the event and give it a name"
            )
        if element.kind != "startEvent" and element.correlation is None and element.sender is None:
            yield finding(
                diagram, element, "no_correlation", "Tell which instance is meant: planflow:correlation"
            )
    elif element.correlation is not None or element.payload is not None:
        yield finding(diagram, element, "no_message", "Only message events have a correlation or a payload")


def _timer_rules(diagram: Diagram, element: Element) -> Iterator[LintFinding]:
    timer = element.timer
    if timer is None:
        return
    if timer.kind not in ("timeDate", "timeDuration"):
        yield finding(diagram, element, "timer_kind", "Give the timer a timeDate or a timeDuration")
        return
    try:
        constant: object = ast.literal_eval(timer.text)
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        constant = None
    if timer.kind == "timeDate":
        if timer.text[:1].isdigit() or isinstance(constant, str):
            yield finding(
                diagram,
                element,
                "fixed_date",
                "Take the date from a variable: a date in the diagram is old next year",
            )
        return
    if not isinstance(constant, str):
        yield finding(
            diagram,
            element,
            "unquoted_duration",
            'Put the duration in quotes, such as "P10D": {text}',
            text=timer.text,
        )
        return
    try:
        parse_duration(constant)
    except ValueError:
        yield finding(
            diagram,
            element,
            "duration",
            "Use weeks, days, hours, minutes or seconds: months and years vary in length",
        )


def _repetition_rules(diagram: Diagram, element: Element) -> Iterator[LintFinding]:
    repetition = element.repetition
    if repetition is None:
        return
    if not repetition.collection:
        yield finding(diagram, element, "no_collection", "Name the list of the repetition: loopDataInputRef")
    if not repetition.item or not _is_plain(repetition.item):
        yield finding(
            diagram, element, "no_item", "Give the item of the repetition a plain name: inputDataItem"
        )
    if element.kind in ("sendTask", "receiveTask"):
        yield finding(diagram, element, "repeated_message", "Repeat a sub-process instead of a message task")
    scope = element.scope
    while scope in diagram.elements:
        holder = diagram.elements[scope]
        if holder.repetition is not None and holder.repetition.item == repetition.item:
            yield finding(
                diagram,
                element,
                "name_clash",
                "“{name}” is used twice; choose another name",
                name=repetition.item,
            )
        scope = holder.scope


_EXPRESSIONS = (
    "unit", "role_from", "due", "late_after", "excludes", "subject", "correlation", "sender", "payload",
)  # fmt: skip


def expressions_of(element: Element) -> Iterator[tuple[str, str]]:
    """Every expression of an element with the word for its place."""
    for place in _EXPRESSIONS:
        text = getattr(element, place)
        if text is not None:
            yield place, text
    if element.repetition is not None:
        if element.repetition.collection:
            yield "collection", element.repetition.collection
        if element.repetition.completion is not None:
            yield "completion", element.repetition.completion
    if element.timer is not None and element.timer.kind == "timeDate":
        yield "timer", element.timer.text
    for flow in element.outgoing:
        if flow.condition:
            yield "condition", flow.condition


def _expression_rules(reading: Reading, diagram: Diagram, element: Element) -> Iterator[LintFinding]:
    for _, text in expressions_of(element):
        yield from _readable(reading, diagram, element, text)
    if element.kind == "scriptTask":
        try:
            compile_script(element.script or "")
        except ExpressionError as error:
            yield finding(
                diagram, element, "script", "The script cannot be used: {reason}", reason=str(error)
            )
    start = diagram.start
    if diagram.title is not None and element is start:
        yield from _readable(reading, diagram, element, diagram.title)


def _readable(reading: Reading, diagram: Diagram, element: Element, text: str) -> Iterator[LintFinding]:
    try:
        compile_expression(text)
    except ExpressionError as error:
        yield finding(
            diagram, element, "expression", "The expression cannot be used: {reason}", reason=str(error)
        )
        return
    yield from _known_members(reading, diagram, element, text)


def _known_members(reading: Reading, diagram: Diagram, element: Element, text: str) -> Iterator[LintFinding]:
    """Members that are read of a user task's variables must be variables of its form."""
    for owner, member in _members(text):
        task = diagram.elements.get(owner)
        form = reading.forms.get(task.form or "") if task is not None and task.kind == "userTask" else None
        # What a completion adds to the variables is known to the activity only
        if form is not None and form.on_complete is None and member not in form.variables:
            yield finding(
                diagram,
                element,
                "unknown_member",
                "The form “{form}” gives no variable “{member}”: {text}",
                form=form.key,
                member=member,
                text=text,
            )


def _members(text: str) -> Iterator[tuple[str, str]]:
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError):
        return  # inputs are plain paths and need not be expressions
    for part in ast.walk(tree):
        if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name):
            yield part.value.id, part.attr


def _is_plain(name: str) -> bool:
    return name.isidentifier() and name.isascii() and not name.startswith("_") and name not in _RESERVED


def _name_rules(reading: Reading, diagram: Diagram) -> Iterator[LintFinding]:
    assigned: dict[str, Element] = {}
    for element in diagram.elements.values():
        if not _is_plain(element.id):
            yield finding(
                diagram,
                element,
                "name",
                "Name the element with letters, digits and underscores; “{name}” is not allowed",
                name=element.id,
            )
        for name in _assigned_by(element):
            assigned[name] = element
    form = reading.forms.get(diagram.start_form or "")
    given = set(form.variables) if form is not None else set()
    for name, element in assigned.items():
        if name in diagram.elements:
            yield finding(
                diagram, element, "name_clash", "“{name}” is also the name of an element", name=name
            )
    for element in diagram.elements.values():
        if element.writes_variables and element.id in given:
            yield finding(
                diagram,
                element,
                "name_clash",
                "“{name}” is also a variable of the start form",
                name=element.id,
            )
    written = {element.id for element in diagram.elements.values() if element.writes_variables}
    for called in sorted(reading.calls(diagram.key) - {diagram.key}):
        other = reading.diagrams.get(called)
        for element in other.elements.values() if other is not None else ():
            if element.writes_variables and element.id in written:
                yield finding(
                    other or diagram,
                    element,
                    "name_clash",
                    "“{name}” stands also in the calling process “{process}” and would overwrite its result",
                    name=element.id,
                    process=diagram.key,
                )


def _assigned_by(element: Element) -> Iterator[str]:
    if element.kind == "scriptTask":
        try:
            lines = compile_script(element.script or "")
        except ExpressionError:
            return
        # Emptying the variable of an element before the next round is a script's good right
        yield from (name for name, line in lines if line.text.partition("=")[2].strip() not in ("{}", "None"))
    if element.repetition is not None and element.repetition.item:
        yield element.repetition.item
