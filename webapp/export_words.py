"""What the formats of exports are called and what each is for, and plans by their keys."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext, lazy_gettext
from flask_babel.speaklater import LazyString

AWARD = "award"


@dataclass(frozen=True, slots=True, kw_only=True)
class FormatWords:
    """The name of a format and one line about it."""

    name: LazyString
    purpose: LazyString


FORMAT_WORDS: Mapping[str, FormatWords] = {
    "dossier": FormatWords(
        name=lazy_gettext("Dossier (ZIP)"),
        purpose=lazy_gettext(
            "To read offline and to keep: pages, diagrams, documents, files, definitions, its own verifier"
        ),
    ),
    "ods": FormatWords(
        name=lazy_gettext("Spreadsheet (ODS)"),
        purpose=lazy_gettext("To read and filter in an office program"),
    ),
    "csv": FormatWords(
        name=lazy_gettext("Table (CSV)"),
        purpose=lazy_gettext("To bring into another system; one line for each event"),
    ),
    "json": FormatWords(
        name=lazy_gettext("Sealed events (JSON)"),
        purpose=lazy_gettext("Every event as it was sealed, which verify_chain.py proves by itself"),
    ),
    "xes": FormatWords(
        name=lazy_gettext("Event log (XES)"),
        purpose=lazy_gettext("For process mining by IEEE 1849-2016; one trace for each process"),
    ),
    "ocel": FormatWords(
        name=lazy_gettext("Object-centric log (OCEL 2.0)"),
        purpose=lazy_gettext("For process mining over processes, tasks, people and units together"),
    ),
}  # fmt: skip


def plan_words(key: str) -> str:
    """A plan or an award by its key, which stays readable beside its words."""
    parts = key.split(":")
    year = next((part for part in parts if part.isdecimal()), "")
    word = (
        gettext("Award of %(year)s", year=year) if AWARD in parts else gettext("Plan of %(year)s", year=year)
    )
    return f"{word} ({key})"
