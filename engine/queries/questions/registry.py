"""The standing questions of an audit (domain 8), and how one is asked."""

from dataclasses import dataclass

from engine.domain.permission import Action, require
from engine.errors import NotFound
from engine.queries.questions import (
    administered,
    countersigning,
    delivered_numbers,
    deliveries,
    deputies,
    early_publication,
    extended_deadlines,
    identical_texts,
    models_run,
    reached_evidence,
    readings,
    returns,
    reward_grounds,
    separation,
    signed_texts,
    target_changes,
)
from engine.queries.questions.answer import Answer, EventPlace, Question, Row
from engine.queries.questions.scope import Scene, Scope, ScopeChoices, scene_of, scope_choices
from engine.store.unit_of_work import Reader

# In the order of domain 8; reports beside the fifteen come last.
QUESTIONS: tuple[Question, ...] = (
    target_changes.QUESTION,
    signed_texts.QUESTION,
    early_publication.QUESTION,
    deputies.QUESTION,
    separation.QUESTION,
    returns.QUESTION,
    countersigning.QUESTION,
    deliveries.QUESTION,
    delivered_numbers.QUESTION,
    reached_evidence.QUESTION,
    extended_deadlines.QUESTION,
    reward_grounds.QUESTION,
    models_run.QUESTION,
    administered.QUESTION,
    readings.QUESTION,
    identical_texts.QUESTION,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question with its answer, what was looked at for it, and what else could be asked."""

    question: Question
    scope: Scope
    title: str
    answer: Answer
    instances: int
    events: int
    choices: ScopeChoices


def question_of(slug: str) -> Question:
    """The question of that name in addresses; NotFound when there is none."""
    found = next((question for question in QUESTIONS if question.slug == slug), None)
    if found is None:
        raise NotFound(kind="question", id=slug)
    return found


def standing_questions(reader: Reader) -> tuple[Question, ...]:
    """What can be asked, for those who audit."""
    require(reader.actor, Action.AUDIT)
    return QUESTIONS


def ask_question(reader: Reader, slug: str, scope: Scope) -> Asked:
    """The answer to a question over a scope; only for those who audit.

    Restricted instances that the answer shows count as looked at. NotFound for an unknown question, or an
    instance that the reader may not see.
    """
    require(reader.actor, Action.AUDIT)
    question = question_of(slug)
    scene = scene_of(reader, scope)
    answer = question.ask(reader, scene)
    named = {scope.instance_id} if scope.instance_id is not None else set()
    for instance_id in sorted(shown_instances(answer) | named):
        if instance_id in scene.around:
            reader.looks_at(scene.around[instance_id])
    return Asked(
        question=question,
        scope=scope,
        title=_title(scene),
        answer=answer,
        instances=len(scene.instances),
        events=scene.events,
        choices=scope_choices(reader),
    )


def shown_instances(answer: Answer) -> set[int]:
    """The instances whose events an answer names."""
    return {
        place.instance_id
        for row in answer.rows
        for place in (row.place, *_places(row))
        if isinstance(place, EventPlace)
    }


def _places(row: Row) -> list[object]:
    return [part.place for cell in row.cells for part in cell]


def _title(scene: Scene) -> str:
    """The title of the one instance that is asked about."""
    instance = scene.instances.get(scene.scope.instance_id or 0)
    return (instance.title or instance.business_key) if instance else ""
