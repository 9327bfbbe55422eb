"""The standing questions of an audit: what can be asked, and the answers as JSON."""

from typing import Any

from flask import Blueprint
from pydantic import Field

from engine.queries.questions.registry import ask_question, standing_questions
from engine.queries.questions.scope import Scope
from webapp.api.description import answers, description
from webapp.api.shapes import LARGEST_ID, Shape
from webapp.audit.question_words import json_of
from webapp.door import ask
from webapp.wording import translated

blueprint = Blueprint("api_questions", __name__, url_prefix="/questions")

LAST_YEAR = 999


class QuestionItem(Shape):
    """`number` is that of the fifteen; a report beside them has none."""

    number: int | None
    slug: str
    title: str
    question: str


class QuestionsAnswer(Shape):
    items: list[QuestionItem]


class AskedOver(Shape):
    """One instance, the plan of a ROC year, or the award of a ROC year; everything when nothing is named."""

    instance: int | None = Field(default=None, ge=1, le=LARGEST_ID)
    plan: int | None = Field(default=None, ge=1, le=LAST_YEAR)
    edition: int | None = Field(default=None, ge=1, le=LAST_YEAR)


class LookedAt(Shape):
    instances: int
    events: int


class QuestionAnswer(Shape):
    """Each row has a list of values for every column, `finding`, `why`, and the event that it rests on."""

    question: dict[str, Any]
    scope: dict[str, int]
    looked_at: LookedAt
    summary: list[str]
    rows: list[dict[str, Any]]


@blueprint.get("")
@description.validate(resp=answers(QuestionsAnswer), tags=["audit"])
def list_questions() -> QuestionsAnswer:
    """What can be asked, by those who audit."""
    return QuestionsAnswer(
        items=[
            QuestionItem(
                number=question.number,
                slug=question.slug,
                title=translated(question.title),
                question=translated(question.sentence),
            )
            for question in ask(standing_questions)
        ]
    )


@blueprint.get("/<slug>")
@description.validate(resp=answers(QuestionAnswer), tags=["audit"])
def answer(slug: str, query: AskedOver) -> QuestionAnswer:
    """The answer to one question, read from the sealed histories."""
    scope = Scope(instance_id=query.instance, plan_year=query.plan, edition=query.edition)
    return QuestionAnswer(**json_of(ask(ask_question, slug, scope)))
