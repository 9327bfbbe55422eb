"""OpenDocument files (ODF): texts and sheets whose bytes depend on nothing but what they say."""

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from lxml import etree

from engine.documents.cells import plain_text
from engine.documents.label_text import without_controls

if TYPE_CHECKING:
    from odfdo import Document

TEXT = "application/vnd.oasis.opendocument.text"
SHEET = "application/vnd.oasis.opendocument.spreadsheet"
FRAMED = "framed"
# The moment of every entry in the package: the clock of the machine must not change the bytes.
MOMENT = (1980, 1, 1, 0, 0, 0)
LANGUAGE = "zh-TW"
OASIS = "urn:oasis:names:tc:opendocument:xmlns:"
NAMESPACES = {prefix: f"{OASIS}{prefix}:1.0" for prefix in ("office", "table", "text")}
BLANKS = re.compile("( {2,})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One part of a text: a heading of `level` 1 to 4, a paragraph (level 0), or a table of rows."""

    text: str = ""
    level: int = 0
    rows: tuple[tuple[str, ...], ...] = ()


def text_file(title: str, made_on: date, blocks: Iterable[Block]) -> bytes:
    """An ODT of these blocks below its title."""
    # odfdo takes a third of a second to load, and only those who write a file need it.
    from odfdo import Document, Header, Paragraph, Style

    document = Document("text")
    document.body.clear()
    frame = Style(
        "table-cell", name=FRAMED, area="table-cell", border="0.5pt solid #000000", padding="0.08cm"
    )
    document.insert_style(frame, automatic=True)
    document.body.append(Paragraph(title, style="Heading_20_1"))
    for number, block in enumerate(blocks):
        if block.rows:
            document.body.append(_table(f"table{number}", block.rows, style=FRAMED))
        elif block.level:
            header = Header(block.level, block.text, style=f"Heading_20_{block.level}")
            # The text carries its own numbering (壹、一、); the outline's 1.1 is not put before it.
            header.set_attribute("text:is-list-header", "true")
            document.body.append(header)
        else:
            document.body.append(Paragraph(block.text))
    return _packed(document, title, made_on)


def sheet_file(title: str, made_on: date, sheets: Iterable[tuple[str, Sequence[Sequence[Any]]]]) -> bytes:
    """An ODS with one table per (name, rows); Decimals are numbers, and no text is taken for a formula."""
    from odfdo import Document

    document = Document("spreadsheet")
    document.body.clear()
    for name, rows in sheets:
        document.body.append(_table(name, rows))
    return _packed(document, title, made_on)


def _table(name: str, rows: Sequence[Sequence[Any]], style: str | None = None) -> Any:
    """A table, written as XML at once: an object for each cell takes minutes for some thousand events."""
    from odfdo import Element

    table = etree.Element(_name("table", "table"), nsmap=NAMESPACES)
    table.set(_name("table", "name"), name)
    for values in rows:
        row = etree.SubElement(table, _name("table", "table-row"))
        for value in values:
            _add_cell(row, value, style)
    return Element.from_tag(table)


def _add_cell(row: etree._Element, value: Any, style: str | None) -> None:
    is_number = isinstance(value, Decimal)
    cell = etree.SubElement(row, _name("table", "table-cell"))
    cell.set(_name("office", "value-type"), "float" if is_number else "string")
    if is_number:
        cell.set(_name("office", "value"), str(value))
    if style is not None:
        cell.set(_name("table", "style-name"), style)
    text = str(value) if is_number else without_controls(plain_text(value))
    for line in text.split("\n"):
        _write(etree.SubElement(cell, _name("text", "p")), line)


def _write(paragraph: etree._Element, line: str) -> None:
    """The text of a paragraph; of several blanks in a row the format keeps only those that it counts."""
    first, *others = BLANKS.split(line)
    paragraph.text = first
    for blanks, text in zip(others[::2], others[1::2], strict=True):
        space = etree.SubElement(paragraph, _name("text", "s"))
        space.set(_name("text", "c"), str(len(blanks)))
        space.tail = text


def _name(prefix: str, local: str) -> str:
    return f"{{{NAMESPACES[prefix]}}}{local}"


def _packed(document: "Document", title: str, made_on: date) -> bytes:
    document.meta.title = title
    document.meta.language = LANGUAGE
    document.meta.creation_date = datetime.combine(made_on, time())
    saved = io.BytesIO()
    document.save(saved)
    packed = io.BytesIO()
    with zipfile.ZipFile(saved) as before, zipfile.ZipFile(packed, "w") as after:
        for entry in before.infolist():
            # The first entry names the format and stays uncompressed, so that readers find it by its place.
            how = zipfile.ZIP_STORED if entry.filename == "mimetype" else zipfile.ZIP_DEFLATED
            kept = zipfile.ZipInfo(entry.filename, MOMENT)
            after.writestr(kept, before.read(entry), how, compresslevel=9)
    return packed.getvalue()
