"""Letters of the demo: every letter carries the number that its sender gave out on that day."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from engine.clock import TAIPEI
from engine.demo.scene import Scene
from engine.plan.roc import roc_year

# Sender: the digit after the year, letters a day, and where the count began.
SERIALS: Mapping[str, tuple[int, int, int]] = MappingProxyType(
    {
        "branch": (9, 20, -10),
        "personnel": (8, 10, 0),
        "bureau": (9, 50, 10),
        "ministry": (0, 80, 20),
        "ndc": (1, 30, 0),
    }
)


def letter(scene: Scene, *, sender: str = "branch", nth: int = 0, **more: Any) -> dict[str, Any]:
    """The number and date of a letter that goes out today; `nth` tells two of one day apart."""
    on = scene.now.astimezone(TAIPEI).date()
    return {"doc_no": number_of(on, sender=sender, nth=nth), "doc_date": scene.today, **more}


def incoming(scene: Scene, *, sender: str, subject: str, nth: int = 0, **more: Any) -> dict[str, Any]:
    """A letter that arrived on the day of its date, with its scan."""
    prefixes = {"bureau": "經標秘字", "ministry": "經秘字", "ndc": "發社字"}
    return letter(
        scene, sender=sender, nth=nth, issuer=sender, doc_prefix=prefixes[sender], doc_type="letter",
        received_on=scene.today, speed="normal", subject=subject, attachments=[scene.upload("來文掃描.pdf")],
        **more,
    )  # fmt: skip


def number_of(on: date, *, sender: str = "branch", nth: int = 0) -> str:
    """Year and serial; the last digit is the sub-number of letters that belong together."""
    digit, a_day, start = SERIALS[sender]
    return f"{roc_year(on)}{digit}{a_day * on.timetuple().tm_yday + start + nth:07}"
