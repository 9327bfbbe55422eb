"""統計: the figures of a year as charts with tables beside them, and each table as a file."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, Response, render_template, request
from flask_babel import gettext, lazy_gettext
from flask_babel.speaklater import LazyString

from engine.documents.cells import csv_file
from engine.errors import NotFound
from engine.plan.statistics import MonthOfDeadlines, Progress
from engine.queries.statistics import ReasonCount, Statistics, statistics
from webapp.charts import Chart, Row, columns, spans, stacked
from webapp.door import ask
from webapp.downloads import content_disposition

blueprint = Blueprint("statistics", __name__, url_prefix="/statistics")

DRAWN = 12
PROGRESS_WORDS: dict[Progress, LazyString] = {
    Progress.REACHED: lazy_gettext("Achieved"),
    Progress.PARTLY: lazy_gettext("Partly achieved"),
    Progress.MISSED: lazy_gettext("Not achieved"),
    Progress.OPEN: lazy_gettext("Not told yet"),
    Progress.RESTS: lazy_gettext("Not applicable"),
}
Table = list[list[Any]]


@blueprint.get("")
def page() -> str:
    """The figures of a year."""
    found = ask(statistics, _year())
    return render_template(
        "statistics/page.html",
        page=found,
        charts=_charts(found),
        tables={name: table(found) for name, table in TABLES.items()},
        progress_words=PROGRESS_WORDS,
        drawn=DRAWN,
    )


@blueprint.get("/<table>.csv")
def file(table: str) -> Response:
    """One table as a file for spreadsheets."""
    if table not in TABLES:
        raise NotFound(kind="statistics", id=table)
    found = ask(statistics, _year())
    response = Response(csv_file(TABLES[table](found)), mimetype="text/csv")
    response.headers["Content-Disposition"] = content_disposition(f"{found.year}-{TITLES[table]}.csv")
    return response


def _year() -> int | None:
    year = request.args.get("year", "")
    return int(year) if year.isascii() and year.isdigit() and len(year) <= 4 else None


def percent_words(percent: float | None) -> str:
    """`62.5%`, or a dash where nothing can be counted."""
    return "–" if percent is None else f"{percent:.1f}%"


def _progress(found: Statistics) -> Table:
    words = [str(word) for word in PROGRESS_WORDS.values()]
    head = [gettext("Unit"), gettext("Actions"), *words, gettext("Achieved share")]
    return [
        head,
        *(
            [unit.label, unit.actions, *(unit.counts[p] for p in PROGRESS_WORDS), percent_words(unit.percent)]
            for unit in found.units
        ),
    ]


def _durations(found: Statistics) -> Table:
    head = [gettext("Step"), gettext("Process"), gettext("Times"), gettext("Median"), gettext("90 of 100")]
    return [
        head,
        *(
            [step.step, step.process, step.duration.times, step.duration.middle, step.duration.ninetieth]
            for step in found.steps
        ),
    ]


def _returns(found: Statistics) -> Table:
    head = [gettext("Reason"), gettext("Times")]
    return [head, *([reason_words(reason), reason.times] for reason in found.reasons)]


def _overdue(found: Statistics) -> Table:
    head = [
        gettext("Month"), gettext("Fell due"), gettext("Done late"), gettext("Still open"),
        gettext("Overdue share"),
    ]  # fmt: skip
    return [
        head,
        *(
            [month.month, month.due, month.done_late, month.still_open, percent_words(month.percent)]
            for month in found.months
        ),
    ]


def reason_words(reason: ReasonCount) -> str:
    """The reason, or that none was chosen."""
    return reason.reason or gettext("No reason chosen")


TABLES: dict[str, Callable[[Statistics], Table]] = {
    "progress": _progress,
    "durations": _durations,
    "returns": _returns,
    "overdue": _overdue,
}
TITLES: dict[str, LazyString] = {
    "progress": lazy_gettext("Progress by unit"),
    "durations": lazy_gettext("Durations of steps"),
    "returns": lazy_gettext("Returns by reason"),
    "overdue": lazy_gettext("Overdue by month"),
}


def _charts(found: Statistics) -> dict[str, Chart]:
    return {
        "progress": stacked(
            [
                Row(
                    label=unit.label,
                    told=f"{unit.counts[Progress.REACHED]} / {unit.actions}　{percent_words(unit.percent)}",
                    parts=[(str(p), unit.counts[p]) for p in PROGRESS_WORDS],
                )
                for unit in found.units
            ]
        ),
        "durations": spans(
            (
                f"{step.step}（{step.process}）",
                f"{step.duration.middle:g} / {step.duration.ninetieth:g}",
                step.duration.middle,
                step.duration.ninetieth,
            )
            for step in found.steps[:DRAWN]
        ),
        "returns": stacked(
            [Row(label=reason_words(r), told=str(r.times), parts=[("now", r.times)]) for r in found.reasons]
        ),
        "overdue": columns(
            [Row(label=str(m.month), told=_late_words(m), parts=_parts(m)) for m in found.months]
        ),
    }


def _parts(month: MonthOfDeadlines) -> Sequence[tuple[str, float]]:
    in_time = month.due - month.late
    return (("missed", month.still_open), ("partly", month.done_late), ("open", in_time))


def _late_words(month: MonthOfDeadlines) -> str:
    return str(month.late) if month.due else ""
