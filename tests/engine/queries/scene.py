"""A publication in the middle: the website was refused once, one of three places is done."""

from dataclasses import dataclass

from engine.clock import FixedClock
from engine.domain.history import ORGANISATION_STREAM, EventDraft, EventType
from engine.domain.identity import SYSTEM
from engine.domain.letter import Letter, letter_from_json
from engine.engine import Engine
from engine.plan.document import to_json
from engine.store.unit_of_work import UnitOfWork
from tests.stories.stage import PLAN_KEY, Stage, build_stage, small_plan

WHY = "頁尾摘要值不同，請重新上傳。"
LETTER = {
    "plan_key": PLAN_KEY,
    "direction": "in",
    "issuer": "總局",
    "prefix": "經標秘字",
    "number": "11490001120",
    "doc_type": "函",
    "doc_on": "2025-02-07",
    "received_on": "2025-02-07",
    "subject": "同意核備",
}


@dataclass(frozen=True, slots=True)
class Scene:
    """The stage with its running publication."""

    stage: Stage
    instance: int

    @property
    def engine(self) -> Engine:
        return self.stage.engine


def play(engine: Engine, clock: FixedClock) -> Scene:
    """Play the publication up to the second publishing of the website."""
    stage = build_stage(engine, clock)
    stage.move_to("2025-02-10T10:00")
    instance = stage.start("plan_publication", publication_reason="first")
    publish(stage, instance)
    stage.move_to("2025-02-11T09:30")
    stage.complete("sec_handler", instance, "verify_web", result="differs", reason=WHY)
    stage.move_to("2025-02-12T14:05")
    publish(stage, instance)
    stage.complete(
        "counter_owner.kinmen",
        instance,
        "post_at_place@kinmen",
        outcome="posted",
        posted_on="2025-02-10",
        posted_by="counter_owner.kinmen",
        photo=[stage.file("counter_owner.kinmen")],
    )
    engine.execute(SYSTEM, _numbers)
    return Scene(stage, instance)


def publish(stage: Stage, instance: int) -> None:
    """The web owner publishes."""
    stage.complete(
        "web_owner",
        instance,
        "publish_web",
        url="https://www.bsmi.gov.tw/khh/114",
        page_title="114年度計畫",
        published_at="2025-02-10T09:00:00+08:00",
        formats=["pdf", "odf"],
        screenshot=[stage.file("web_owner")],
    )


def letter() -> Letter:
    return letter_from_json({**LETTER, "id": 0})


def _numbers(uow: UnitOfWork) -> None:
    """A second version of the plan, what metrology reported, and the letter of the bureau."""
    body = to_json(small_plan())
    body["strategies"][0]["methods"][0]["actions"][0]["summary"] = "校正砝碼與電子秤"
    uow.documents.put(PLAN_KEY, "plan", "", body, note="修正")
    rows = [{"action_id": "1.1.1", "indicator": "砝碼校正數", "actual": "103.2"}]
    uow.documents.put(PLAN_KEY, "progress", "metrology", {"unit": "metrology", "rows": rows})
    uow.letters.register(letter())
    uow.record_note(ORGANISATION_STREAM, EventDraft(type=EventType.DOCUMENT_RECORDED, data={}))
