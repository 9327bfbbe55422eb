"""Letters of the demo: every letter carries the number that its sender gave out on that day."""

from datetime import date
from typing import Any

from engine.clock import TAIPEI
from engine.demo.scene import Scene
from engine.plan.roc import roc_year


def letter(scene: Scene, *, bureau: bool = False, nth: int = 0, **more: Any) -> dict[str, Any]:
    """The number and date of a letter that goes out today; `nth` tells two of one day apart."""
    on = scene.now.astimezone(TAIPEI).date()
    return {"doc_no": number_of(on, bureau=bureau, nth=nth), "doc_date": scene.today, **more}


def number_of(on: date, *, bureau: bool = False, nth: int = 0) -> str:
    """Year and serial; the branch sends twenty letters a day, the bureau fifty; the last digit stays 0."""
    day = on.timetuple().tm_yday
    serial = 50 * day + 10 if bureau else 20 * day - 10
    return f"{roc_year(on)}9{serial + 10 * nth:07}"
