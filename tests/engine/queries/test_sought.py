"""The search over tasks finds what reading every row would find, by the texts or along the lists."""

import random

import pytest
import sqlalchemy as sa

from engine.clock import FixedClock
from engine.domain.identity import SYSTEM, Actor
from engine.domain.task import TASK_BITS
from engine.engine import Engine
from engine.queries import inbox_pages, sought
from engine.queries.tasks import COUNT_CAP, InboxRow, View, inbox, inbox_count
from engine.store import tables
from engine.store.unit_of_work import UnitOfWork
from tests.engine.queries.test_inbox_pages import fill, random_rows, reader_of
from tests.engine.store.moves import CLERK, at_approval, complete, deploy, start

WORDS = ("年度", "成果", "報告", "ABC", "abd", "會", "100%", "a_b", "第7案")
SOUGHT = ("年", "年度 成果", "度成", "aBc", "%", "a_b", "_", "填報 第7", "查無")
VIEWS = (View.OPEN, View.MINE, View.GROUP, View.OVERDUE, View.RETURNED)


def subject_by_lot(dice: random.Random) -> str:
    return "".join(dice.sample(WORDS, dice.randint(1, 4)))


def give_subjects(uow: UnitOfWork, instance_id: int) -> None:
    dice, task = random.Random(7), tables.task
    for number in range(1, 301):
        key = (instance_id << TASK_BITS) + 1000 + number
        changed = sa.update(task).where(task.c.id == key).values(subject=subject_by_lot(dice))
        uow.transaction.core.execute(changed)


def pages(engine: Engine, actor: Actor, view: View, q: str, limit: int) -> list[InboxRow]:
    found: list[InboxRow] = []
    cursor = None
    while True:
        page = engine.ask(actor, inbox, view=view, q=q, cursor=cursor, limit=limit)
        found += page.rows
        cursor = page.next_cursor
        if cursor is None:
            return found


def has_all(row: InboxRow, q: str) -> bool:
    return all(any(word.lower() in part.lower() for part in (row.label, row.subject)) for word in q.split())


@pytest.fixture
def office(engine: Engine) -> Engine:
    engine.execute(SYSTEM, deploy)
    instance_id = engine.execute(CLERK, start)
    rows = random_rows(seed=3, count=300)
    engine.execute(SYSTEM, lambda uow: fill(uow, instance_id, rows))
    engine.execute(SYSTEM, give_subjects, instance_id)
    return engine


@pytest.mark.parametrize(("most", "many"), [(0, 0), (0, 20_000), (40, 0), (1000, 20_000)])
def test_search_finds_the_same_however_common_its_words_are(
    office: Engine, monkeypatch: pytest.MonkeyPatch, most: int, many: int
) -> None:
    monkeypatch.setattr(inbox_pages, "MANY_TASKS", many)
    monkeypatch.setattr(sought, "MOST_TEXTS", most)
    monkeypatch.setattr(sought, "MOST_OF_SAMPLE", most)
    monkeypatch.setattr(inbox_pages, "FIRST_PART", 5)
    actor = reader_of(40)
    for view in VIEWS:
        every = pages(office, actor, view, "", 200)
        for q in SOUGHT:
            expected = [row.task_id for row in every if has_all(row, q)]
            assert [row.task_id for row in pages(office, actor, view, q, 7)] == expected, (view, q)
            counted = office.ask(actor, lambda r, v=view, q=q: inbox_count(r, v, q))
            assert counted == min(len(expected), COUNT_CAP)


@pytest.mark.parametrize("most", [0, 1000])
def test_what_was_completed_is_found_by_its_words(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(sought, "MOST_TEXTS", most)
    _, approval = at_approval(engine)
    (draft,) = engine.execute(CLERK, complete, approval.id, {"decision": "return"})
    engine.execute(CLERK, complete, draft.id)
    every = engine.ask(CLERK, inbox, view="done").rows
    assert len(every) == 4
    for q in ("核定", "114 年度", "115"):
        expected = [row.task_id for row in every if has_all(row, q)]
        assert [row.task_id for row in pages(engine, CLERK, View.DONE, q, 1)] == expected


def test_few_texts_are_told_from_many(postgres_url: str, clock: FixedClock) -> None:
    engine = Engine(postgres_url, clock)
    at_approval(engine)
    told = [engine.ask(SYSTEM, sought.sought_texts, q).texts for q in ("核定", "查無", " ")]
    assert [None if texts is None else len(texts) for texts in told] == [1, 0, None]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sought, "MOST_TEXTS", 0)
        assert [engine.ask(SYSTEM, sought.sought_texts, q).texts for q in ("核定", "查無")] == [None, ()]
        patch.setattr(sought, "MOST_TEXTS", 500)
        patch.setattr(sought, "MOST_OF_SAMPLE", 0)
        assert [engine.ask(SYSTEM, sought.sought_texts, q).texts for q in ("核定", "查無")] == [None, ()]
    engine.close()
