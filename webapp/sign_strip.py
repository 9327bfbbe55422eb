"""The strip of signatures of a round: who prepared it, who was asked, and every level up to the last."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext

from engine.domain.identity import User
from engine.queries.task_page import TaskPage
from webapp.deputy_words import in_place_of
from webapp.panels import panel_text


@dataclass(frozen=True, slots=True, kw_only=True)
class StripCell:
    """One place of the strip. `state` is signed, void, skipped, asked, now or todo.

    In the place that signs now stands the signature that the level gave before, if it was asked again.
    """

    label: str
    state: str
    name: str = ""
    title: str = ""
    note: str = ""
    is_return: bool = False
    is_recalled: bool = False
    edits: int = 0
    is_on_paper: bool = False
    deputy: str = ""  # in whose place the signature was given


def sign_strip(page: TaskPage) -> tuple[StripCell, ...]:
    """The cells of the round that the task belongs to; none for a task outside a round."""
    inputs = page.task.inputs
    opening, level = inputs.get("open_round") or {}, inputs.get("next_level") or {}
    if "levels" not in opening or "no" not in level:
        return ()
    panels = page.content.panels
    signatures = {signature["no"]: signature for signature in panels.get("signatures", ())}
    skipped = {passed["no"]: passed for passed in panels.get("skipped", ())}
    levels = [*opening["levels"], *opening.get("withheld", ())]
    return (
        *_before(page, len(panels.get("opinions", ()))),
        *(_cell(page, no, row, signatures, skipped) for no, row in enumerate(levels)),
    )


def _called(user: User) -> str:
    return f"{user.name} {user.title}".strip()


def _before(page: TaskPage, asked: int) -> Iterator[StripCell]:
    if page.submitter is not None:
        label = gettext("Prepared by")
        yield StripCell(
            label=label, state="signed", name=page.submitter.name, title=page.submitter.title,
            deputy=gettext("for %(who)s", who=_called(page.submitted_for)) if page.submitted_for else "",
        )  # fmt: skip
    if asked:
        yield StripCell(label=gettext("Countersign"), state="asked", note=gettext("%(n)d units", n=asked))


def _cell(
    page: TaskPage, no: int, row: dict[str, Any], signatures: dict[int, Any], skipped: dict[int, Any]
) -> StripCell:
    label = str(row["label"])
    current = page.task.inputs["next_level"]["no"]
    if no in signatures:
        signed = signatures[no]
        state = "now" if no == current else "void" if signed["void"] else "signed"
        return StripCell(
            label=label, state=state,
            name=signed["name"], title=signed["title"],
            note=panel_text(signed["signed_at"]), is_return=signed["decision"] == "return",
            is_recalled=bool(signed.get("recalled")), edits=len(signed.get("edits", ())),
            is_on_paper=bool(signed.get("on_paper")), deputy=in_place_of(signed.get("deputy")),
        )  # fmt: skip
    if no == current:
        place = in_place_of(page.acting_for.json()) if page.acting_for else ""
        return StripCell(label=label, state="now", deputy=place)
    if no in skipped:
        return StripCell(label=label, state="skipped", note=panel_text(skipped[no]["reason"]))
    return StripCell(label=label, state="todo")
