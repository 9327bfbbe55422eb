"""The process view: every process in figures, and one as a heat map with its ways, returns, conformance."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Blueprint, Response, current_app, request, url_for
from flask_babel import gettext
from markupsafe import Markup

from engine.commands.exports import record_figures_taken
from engine.documents.cells import csv_file
from engine.documents.diagram import FLOW_WIDTHS, HEAT_LEVELS, DiagramHeat, DiagramWords, draw_diagram
from engine.mining.figures import ProcessFigures, Shade, steps_of
from engine.plan.roc import parse_roc
from engine.plan.rule_error import PlanRuleError
from engine.queries.process_view import Period, ProcessView, process_list, process_view
from webapp.audit import process_words
from webapp.audit.frame import audit_page
from webapp.definition_words import in_language
from webapp.door import ask, execute
from webapp.downloads import content_disposition

blueprint = Blueprint("audit_processes", __name__, url_prefix="/audit/processes")

SHOWN_INSTANCES = 20
NUMBER_LENGTH = 9


@blueprint.get("")
def index() -> str:
    """Every process that has run, with its figures."""
    period, faults = _period()
    return audit_page(
        "audit/processes.html", found=ask(process_list, period), period=period, faults=faults,
        typed=request.args, kept=_kept(), words=process_words,
    )  # fmt: skip


@blueprint.get("/<definition_key>")
def page(definition_key: str) -> str:
    """One process: where it waits, the map, ways, returns, people, conformance."""
    period, faults = _period()
    view = ask(process_view, definition_key, period, _version())
    shade = _shade()
    amounts = _amounts(view.figures, shade)
    return audit_page(
        "audit/process.html",
        view=view,
        period=period,
        faults=faults,
        typed=request.args,
        shade=shade,
        words=process_words,
        drawn=_map(view, shade, amounts),
        scale=_scale(amounts),
        elements=process_words.shown_elements(view),
        columns=process_words.columns(),
        tables={name: rows(view) for name, (_, rows) in process_words.TABLES.items() if name != "elements"},
        titles={name: title for name, (title, _) in process_words.TABLES.items()},
        address=_address,
        event_href=event_href,
        shown=SHOWN_INSTANCES,
    )


@blueprint.get("/<definition_key>/<any(elements, ways, variants, returns, people, conformance):figures>.csv")
def file(definition_key: str, figures: str) -> Response:
    """One table as a file for spreadsheets; that it was taken away is an event."""
    period, _ = _period()
    view = ask(process_view, definition_key, period, _version())
    rows = process_words.TABLES[figures][1](view)
    execute(record_figures_taken, definition_key, table=figures, scope=_kept(), rows=len(rows) - 1)
    response = Response(csv_file(rows), mimetype="text/csv")
    name = f"{in_language(view.name)}-{process_words.TABLES[figures][0]}.csv"
    response.headers["Content-Disposition"] = content_disposition(name)
    return response


def event_href(instance_id: int, seq: int) -> str:
    """Where an event of an instance is shown: replayed, or on the page of the instance."""
    if "audit_replay.page" in current_app.view_functions:
        return url_for("audit_replay.page", instance_id=instance_id, at=seq)
    return url_for("instances.page", instance_id=instance_id, show="everything") + f"#e{seq}"


def _map(view: ProcessView, shade: Shade, amounts: Mapping[str, float]) -> Markup:
    """The diagram with the figures of one shade; flows are as wide as they were taken often."""
    flows = {flow: float(count) for flow, count in view.figures.flows.items()}
    heat = DiagramHeat(
        levels=steps_of(amounts, HEAT_LEVELS),
        notes={element: _note(shade, amount) for element, amount in amounts.items()},
        widths=steps_of(flows, FLOW_WIDTHS),
        counts=view.figures.flows,
    )
    words = DiagramWords(
        title=gettext("Heat map of %(name)s; the tables tell the same in words", name=in_language(view.name)),
        times=gettext("{name} {count} times"),
        states={f"heat lv{n}": gettext("Step %(n)d of %(all)d", n=n, all=HEAT_LEVELS) for n in _levels()},
    )
    called = {e.calls: url_for("audit_processes.page", definition_key=e.calls, **_kept(shade))
              for e in view.net.elements.values() if e.calls}  # fmt: skip
    # The renderer escapes every text that it puts in.
    return Markup(draw_diagram(view.source, heat=heat, words=words, links=called))  # noqa: S704


def _note(shade: Shade, amount: float) -> str:
    if shade in (Shade.DURATIONS, Shade.WAITING):
        return str(gettext("%(days)s working days", days=f"{amount:g}"))
    return str(gettext("%(n)d times", n=int(amount)))


def _amounts(figures: ProcessFigures, shade: Shade) -> dict[str, float]:
    found = {element: each.amount(shade) for element, each in figures.elements.items()}
    return {element: amount for element, amount in found.items() if amount is not None}


def _scale(amounts: Mapping[str, float]) -> list[tuple[int, str]]:
    """Each step of the map with the figures that lie in it; steps that hold nothing are left out."""
    steps = steps_of(amounts, HEAT_LEVELS)
    found = []
    for level in _levels():
        own = sorted(amounts[element] for element, step in steps.items() if step == level)
        if own:
            found.append((level, f"{own[0]:g}" if own[0] == own[-1] else f"{own[0]:g}–{own[-1]:g}"))
    return found


def _levels() -> range:
    return range(1, HEAT_LEVELS + 1)


def _shade() -> Shade:
    wanted = request.args.get("show", "")
    return Shade(wanted) if wanted in set(Shade) else Shade.DURATIONS


def _period() -> tuple[Period, list[dict[str, str]]]:
    """The days that were typed; what is no day is told beside its field and leaves the side open."""
    faults: list[dict[str, str]] = []
    days: dict[str, date | None] = {}
    for name in ("from", "to"):
        text = request.args.get(name, "").strip()
        try:
            days[name] = parse_roc(text) if text else None
        except PlanRuleError:
            days[name] = None
            faults.append({"path": name, "message": gettext("Enter a date such as 115/1/24")})
    return Period(since=days["from"], until=days["to"]), faults


def _version() -> int | None:
    text = request.args.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= NUMBER_LENGTH else None


def _kept(shade: Shade | None = None) -> dict[str, Any]:
    """What the address says of the period and version, for other addresses of the same figures."""
    kept = {name: request.args[name] for name in ("from", "to", "version") if request.args.get(name)}
    return kept | ({"show": str(shade)} if shade else {})


def _address(endpoint: str, **values: Any) -> str:
    return url_for(f"audit_processes.{endpoint}", **{**_kept(), **values})
