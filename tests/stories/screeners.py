"""The ministry's screening on the stage: survey, collection, review group, scores, decision."""

from typing import Any

from engine.commands import instances, organisation
from engine.domain.identity import SYSTEM
from tests.stories import actors, entrants
from tests.stories.entrants import ENTRY
from tests.stories.stage import Stage

KEY = "ministry:award:115"
OTHER = "經濟部標準檢驗局臺南分局"
BRANCH = "經濟部標準檢驗局高雄分局"
REVIEWERS = {"academia": "國立大學", "industry": "產業公會", "agencies": "國家發展委員會"}
OUTSIDE_ENTRY = f"{KEY}:outside:1"
WITHDRAWAL = {
    "reason": "成效數字尚須再行查證，先行撤回", "doc_prefix": "經標高秘字", "doc_no": "11590000890",
    "doc_date": "2026-02-03",
}  # fmt: skip
OUTSIDE = {
    "agency": OTHER, "kind": "entry", "entrant_label": OTHER, "category": "社會創新共融",
    "theme": "商品安全校園巡迴", "abstract": "以巡迴課程推廣商品安全，並結合社區志工。",
}  # fmt: skip


def begin(stage: Stage, **variables: Any) -> int:
    """The ministry's handler starts the screening of 115."""
    return stage.engine.execute(
        stage.engine.actor("ministry_handler"), instances.start, definition_key="ministry_screening",
        business_key=KEY, variables={"award_year": 115, **variables},
    )  # fmt: skip


def today(stage: Stage) -> str:
    return stage.clock.now().date().isoformat()


def survey(stage: Stage, screening: int, **changes: Any) -> None:
    values = {"doc_no": "11500000700", "doc_date": today(stage), **changes}
    stage.complete("ministry_handler", screening, "issue_survey", **values)


def surveyed(stage: Stage, agencies: tuple[str, ...] = (BRANCH,)) -> int:
    """The survey has gone out on the third of February; the branch has its entry to decide on."""
    screening = begin(stage)
    stage.move_to("2026-02-03T09:00")
    survey(stage, screening, agencies=list(agencies), reply_due="2026-02-26")
    stage.complete("ministry_handler", screening, "designate", none=True)
    return screening


def screening_of(stage: Stage) -> int:
    found = stage.engine.ask(SYSTEM, lambda reader: reader.instances.of_plan(KEY))
    return next(i.id for i in found if i.definition_key == "ministry_screening")


def entry_of(stage: Stage, key: str = ENTRY) -> int:
    found = stage.engine.ask(SYSTEM, lambda reader: reader.instances.of_plan(key))
    return next(i.id for i in found if i.definition_key == "award_entry")


def enter(stage: Stage, key: str = ENTRY, number: str = "11590000820") -> int:
    """The branch decides, writes and sends its entry."""
    entry = entry_of(stage, key)
    entrants.write_memo(stage, entry)
    stage.sign_off(entry)
    entrants.fill_form(stage, entry)
    stage.sign_off(entry)
    entrants.send(stage, entry, number)
    return entry


def collected(stage: Stage) -> int:
    """The branch's entry and one from outside are in."""
    screening = surveyed(stage)
    enter(stage)
    stage.act("ministry_handler", screening, "register_outside_entry", **OUTSIDE)
    return screening


def close(stage: Stage, screening: int) -> None:
    stage.complete("ministry_handler", screening, "close_collection", decision="close")


def check_all(stage: Stage, screening: int) -> None:
    for task in stage.tasks(screening, "check_entry"):
        stage.complete_task("ministry_handler", task, result="complete")


def group_rows(**agencies: str) -> list[dict[str, str]]:
    named = {**REVIEWERS, **agencies}
    return [{"person": f"reviewer.{unit}", "agency": agency} for unit, agency in named.items()]


def grouped(stage: Stage) -> int:
    """The review group has two entries to score."""
    screening = collected(stage)
    close(stage, screening)
    check_all(stage, screening)
    stage.complete("ministry_handler", screening, "form_review_group", reviewers=group_rows())
    return screening


def score(stage: Stage, unit: str, entry_key: str, share: float = 1.0, **changes: Any) -> None:
    """A reviewer scores an entry with a share of every maximum."""
    user = f"reviewer.{unit}"
    task = score_task(stage, unit, entry_key)
    rows = [{**row, "score": int(row["max_score"] * share)} for row in stage.shown_in(user, task)["scores"]]
    values = {"conflict_of_interest": False, "scores": rows, "comment": "作法完整，成效具體。", **changes}
    stage.complete_task(user, task, **values)


def score_task(stage: Stage, unit: str, entry_key: str) -> Any:
    screening = screening_of(stage)
    return next(
        task
        for task in stage.tasks(screening, "score_entry")
        if task.inputs["scoring"]["reviewer"] == f"reviewer.{unit}"
        and task.inputs["scoring"]["entry_key"] == entry_key
    )


def scored(stage: Stage) -> int:
    """All scores are in: the branch's entry is the better one."""
    screening = grouped(stage)
    for unit in REVIEWERS:
        score(stage, unit, ENTRY, 0.9)
        score(stage, unit, f"{KEY}:outside:1", 0.7)
    return screening


def decide(stage: Stage, screening: int, *verdicts: str) -> None:
    """The handler confirms the ranking, the approver decides on each entry in its place."""
    stage.complete("ministry_handler", screening, "rank", decision="confirm")
    shown = stage.shown("ministry_approver", screening, "recommend_decision")["recommendations"]
    rows = [
        {**row, "verdict": verdict, **({"reason": "創新性不足"} if verdict == "not_recommended" else {})}
        for row, verdict in zip(shown, verdicts, strict=True)
    ]
    stage.complete(
        "ministry_approver", screening, "recommend_decision", recommendations=rows, decision="decide"
    )


def tell(stage: Stage, screening: int, **changes: Any) -> None:
    values = {"doc_no": "11500000790", "doc_date": today(stage), **changes}
    stage.complete("ministry_handler", screening, "dispatch_results", **values)


def add_reviewer(stage: Stage, user: str, unit: str = "academia") -> None:
    """One more person who may review."""
    stage.engine.execute(SYSTEM, organisation.add_user, user, name=user, title="委員")
    stage.grant(user, "reviewer", unit)


def pdf(stage: Stage) -> dict[str, Any]:
    return actors.pdf(stage, "ministry_handler")


# The scenes of the screening by the fixtures that ask for them (conftest).
SCENES = {"surveyed": surveyed, "collected": collected, "grouped": grouped, "scored": scored}
