"""Which texts of diagrams, forms and roles people read, to translate them (`webapp/definition_words.py`)."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lxml import etree

from engine.domain.identity import ROLES

HAN = re.compile("[\u3400-\u9fff]")
_BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
_NOT_SHOWN = frozenset({"sequenceFlow", "message", "definitions"})  # arrows and names between processes


def definition_texts(folder: Path) -> set[str]:
    """The Chinese texts of the processes and forms of a folder, and of the roles."""
    found = {role.label for role in ROLES.values()}
    for path in folder.glob("*.bpmn"):
        found.update(_names(path))
    for path in folder.glob("forms/*.json"):
        found.update(_form_texts(json.loads(path.read_text(encoding="utf-8"))))
    return {text for text in found if HAN.search(text)}


def _names(path: Path) -> Iterator[str]:
    root = etree.parse(path, etree.XMLParser(resolve_entities=False, no_network=True)).getroot()
    for element in root.iter():
        tag = str(element.tag)
        if tag.startswith(_BPMN) and tag.removeprefix(_BPMN) not in _NOT_SHOWN and element.get("name"):
            yield str(element.get("name"))


def _form_texts(form: Mapping[str, Any]) -> Iterator[str]:
    """Phrases are left out: they are words that a person puts into the file."""
    yield form["title"]
    yield from _schema_texts(form["schema"])
    hints = form.get("ui", {})
    yield from hints.get("help", {}).values()
    yield hints.get("submit", "")
    for table in hints.get("table", {}).values():
        yield table.get("add", "")
        yield table.get("noun", "")


def _schema_texts(schema: Any) -> Iterator[str]:
    if isinstance(schema, list):
        for part in schema:
            yield from _schema_texts(part)
    if isinstance(schema, dict):
        for name in ("title", "description", "x-pattern-text"):
            if isinstance(schema.get(name), str):
                yield schema[name]
        labels = schema.get("x-labels", {})
        if all(isinstance(label, str) for label in labels.values()):
            yield from labels.values()
        for part in schema.values():
            yield from _schema_texts(part)
