"""One task that is about to be done in the demo: who does it, what the form shows, and files to attach."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.clock import TAIPEI
from engine.commands import files
from engine.domain.form import FormContent
from engine.domain.identity import Actor
from engine.domain.task import Task
from engine.engine import Engine
from engine.plan.roc import format_roc, roc_year

YEAR = re.compile(r"\b1\d\d\b")


@dataclass(frozen=True, slots=True)
class Scene:
    """One task that is about to be done: who does it, what its form shows, and the day."""

    engine: Engine
    actor: Actor
    task: Task
    content: FormContent
    now: datetime

    @property
    def today(self) -> str:
        return self.now.astimezone(TAIPEI).date().isoformat()

    @property
    def moment(self) -> str:
        return self.now.astimezone(TAIPEI).isoformat(timespec="seconds")

    @property
    def unit(self) -> str:
        return self.task.candidates[0].unit

    @property
    def year(self) -> int:
        """The year of the plan or award (ROC) that the task belongs to; this year where it names none."""
        found = plan_year(self.task)
        return roc_year(self.now.astimezone(TAIPEI).date()) if found is None else found

    def upload(self, name: str) -> dict[str, Any]:
        """Upload a small document under a name; gives it as a form holds it."""
        made_on = format_roc(self.now.astimezone(TAIPEI).date(), "document")
        body = small_pdf(name.removesuffix(".pdf"), f"{self.actor.name} {self.unit} {made_on}")
        return self.engine.execute(self.actor, files.add_file, name=name, body=body).json()


Entry = Callable[[Scene], Mapping[str, Any]]


def plan_year(task: Task | None) -> int | None:
    """The year of the plan or award (ROC) that a task names."""
    inputs = task.inputs if task is not None else {}
    for name in ("roc_year", "award_year"):
        if name in inputs:
            return int(inputs[name])
    owner = str(inputs.get("plan_key") or inputs.get("owner_key") or "")
    found = YEAR.search(owner)
    return int(found[0]) if found else None


def small_pdf(title: str, *lines: str) -> bytes:
    """A PDF of one page that shows a title and some lines: evidence for a demo.

    The letters come from a font of the reader (Adobe-CNS1), so that the file stays small.
    """
    drawn = b"BT/F 18 Tf 60 760 Td 30 TL" + b"".join(
        b"<%s>Tj T*" % line.encode("utf-16-be").hex().upper().encode() for line in (title, *lines)
    )
    stream = b"<</Length %d>>stream\n%sET\nendstream" % (len(drawn) + 2, drawn)
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F 5 0 R>>>>/Contents 4 0 R>>",
        stream,
        b"<</Type/Font/Subtype/Type0/BaseFont/MSung-Light/Encoding/UniCNS-UTF16-H/DescendantFonts[6 0 R]>>",
        b"<</Type/Font/Subtype/CIDFontType0/BaseFont/MSung-Light/CIDSystemInfo"
        b"<</Registry(Adobe)/Ordering(CNS1)/Supplement 4>>/DW 1000/W[1 95 500]/FontDescriptor 7 0 R>>",
        b"<</Type/FontDescriptor/FontName/MSung-Light/Flags 4/FontBBox[-160 -249 1015 888]/ItalicAngle 0"
        b"/Ascent 880/Descent -120/CapHeight 880/StemV 93>>",
        b"<</Title<FEFF%s>>>" % title.encode("utf-16-be").hex().upper().encode(),
    )
    body, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += b"%d 0 obj%s\nendobj\n" % (number, content)
    entries = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    table = b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, entries)
    trailer = b"trailer<</Size %d/Root 1 0 R/Info %d 0 R>>\nstartxref\n%d\n%%%%EOF\n"
    return body + table + trailer % (len(objects) + 1, len(objects), len(body))
