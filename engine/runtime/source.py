"""Reading files that come from outside: hardened XML and plain JSON, with findings instead of exceptions."""

import json
from typing import Any

from lxml import etree

from engine.domain.definition import SourceFile
from engine.errors import LintFinding

MAX_FILE_SIZE = 2 * 1024 * 1024
BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
BPMNDI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DMN = "https://www.omg.org/spec/DMN/20191111/MODEL/"
PLANFLOW = "urn:planflow:bpmn"


class Unreadable(Exception):
    """A file cannot be read at all; `finding` says why."""

    def __init__(self, finding: LintFinding) -> None:
        self.finding = finding
        super().__init__(str(finding))


def unreadable(file: SourceFile, rule: str, template: str, line: int = 0, **params: Any) -> Unreadable:
    """The refusal of a whole file."""
    return Unreadable(
        LintFinding(file=file.name, element="", line=line, rule=rule, template=template, params=params)
    )


def read_xml(file: SourceFile) -> etree._Element:
    """Parse without entities, document types, network or huge trees (T20); raises Unreadable."""
    _check_size(file)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(file.body, parser)
    except etree.XMLSyntaxError as error:
        raise unreadable(
            file, "malformed_xml", "The file is not well-formed XML: {reason}",
            line=error.lineno or 0, reason=error.msg or "",
        ) from None  # fmt: skip
    if root.getroottree().docinfo.doctype:
        raise unreadable(file, "doctype", "Remove the document type declaration (<!DOCTYPE …>)")
    return root


def read_json(file: SourceFile) -> dict[str, Any]:
    """Parse a JSON object; raises Unreadable."""
    _check_size(file)
    try:
        value = json.loads(file.body)
    except (ValueError, RecursionError) as error:
        raise unreadable(
            file, "malformed_json", "The file is not JSON: {reason}",
            line=getattr(error, "lineno", 0), reason=getattr(error, "msg", "it cannot be read"),
        ) from None  # fmt: skip
    if not isinstance(value, dict):
        raise unreadable(file, "malformed_json", "The file must hold one JSON object")
    return value


def _check_size(file: SourceFile) -> None:
    if len(file.body) > MAX_FILE_SIZE:
        raise unreadable(file, "file_too_large", "The file is larger than 2 MB; split it")


def local_name(element: etree._Element) -> str:
    """The tag without its namespace."""
    return str(etree.QName(element).localname)


def namespace(element: etree._Element) -> str:
    """The namespace of the tag, or nothing."""
    return str(etree.QName(element).namespace or "")


def bpmn(tag: str) -> str:
    """A BPMN tag with its namespace."""
    return f"{{{BPMN}}}{tag}"


def own_attribute(element: etree._Element, name: str) -> str | None:
    """The text of one of our `planflow:` attributes; an empty one counts as absent."""
    value = element.get(f"{{{PLANFLOW}}}{name}")
    return value.strip() or None if value is not None else None
