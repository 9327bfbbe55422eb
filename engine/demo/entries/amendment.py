"""What people write when the plan in effect is amended: what is asked for is told by year and number."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from engine.demo.entries.drafting import actions_edited
from engine.demo.scene import Entry, Scene

REQUESTS: Mapping[tuple[int, int], Mapping[str, Any]] = MappingProxyType(
    {
        (115, 1): {
            "kind": "change",
            "rows": ["5.3.2"],
            "reason": "轄內加油站參與油量計檢定簡化意願高，上半年已達六站，擬將年度目標由九站提高為十二站。",
            "effective_on": "2026-09-01",
            "unit_due": "2026-08-12",
        },
        (115, 2): {
            "kind": "change",
            "rows": ["3.3.3"],
            "reason": "糾紛鑑定屬民眾申請案件，截至第三季受理五十八件，較往年減少，擬調整年度目標為八十件。",
            "effective_on": "2026-12-01",
            "unit_due": "2026-11-06",
        },
        (115, 3): {
            "kind": "supplement",
            "rows": ["3.2.6"],
            "reason": "為利成果報告計列，擬補充規定商品安全宣導採視訊或併行方式辦理者，均得認列為宣導場次。",
            "effective_on": "2027-01-18",
            "unit_due": "2026-12-30",
        },
    }
)


def requested(scene: Scene) -> dict[str, Any]:
    """Every amendment of the story is drafted by the units that it concerns."""
    return {"way": "units", **REQUESTS[scene.year, int(scene.task.inputs["amendment"]["no"])]}


def raised(scene: Scene) -> dict[str, Any]:
    """In August only the filling stations are amended."""
    return _amended(scene, "5.3.2", value="12")


def lowered(scene: Scene) -> dict[str, Any]:
    """In November the appraisals are adapted to what citizens ask for."""
    return _amended(scene, "3.3.3", value="80")


def supplemented(scene: Scene) -> dict[str, Any]:
    """Kinmen adds how sessions by video count."""
    added = "到學校及機關團體辦理商品安全宣導，依對象設計教案；採視訊或併行方式辦理者均認列為宣導場次。"
    return _amended(scene, "3.2.6", summary=added)


def _amended(scene: Scene, action_id: str, **changes: str) -> dict[str, Any]:
    written = actions_edited(scene)
    rows = [{**row, **changes} if row.get("id") == action_id else row for row in written["actions"]]
    return {**written, "actions": rows}


ENTRIES: Mapping[str, Entry] = {"plan_amendment.amendment_request": requested}
