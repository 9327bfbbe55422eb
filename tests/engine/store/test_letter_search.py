"""Letters found by their words: the same as reading them all would find, page by page, on both databases."""

import random
from datetime import date

import pytest

from engine.clock import FixedClock
from engine.domain.history import ORGANISATION_STREAM, EventDraft, EventType
from engine.domain.identity import SYSTEM
from engine.domain.letter import Letter
from engine.domain.permission import sight_of
from engine.engine import Engine
from engine.store.unit_of_work import UnitOfWork

PARTS = ("檢送", "年度", "服務效能", "度量衡", "QR Code", "ABC", "%", "_", "催辦", "115")
WORDS = (
    "年",
    "年度",
    "服務效能",
    "度量",
    "衡年",
    "qr",
    "Code",
    "abc",
    "%",
    "_",
    "1",
    "15",
    "字第",
    "號",
    "查無",
)


def letters(seed: int) -> list[Letter]:
    dice = random.Random(seed)
    return [
        Letter(
            plan_key=dice.choice(("bsmi_khh:114", "bsmi_khh:115", "bsmi_tnn:115")), direction="out",
            issuer=dice.choice(("高雄分局", "標準檢驗局")), prefix="經標字", number=f"115{no:04}",
            doc_type="函", doc_on=date(2026, 1, 5), subject="".join(dice.choices(PARTS, k=3)),
        )
        for no in range(60)
    ]  # fmt: skip


def register(uow: UnitOfWork, some: list[Letter]) -> None:
    for letter in some:
        uow.letters.register(letter)
    uow.record_note(ORGANISATION_STREAM, EventDraft(type=EventType.DOCUMENT_RECORDED, data={}))


def holds(letter: Letter, words: list[str]) -> bool:
    parts = [part.lower() for part in (letter.issuer, letter.full_number, letter.subject)]
    return all(any(word.lower() in part for part in parts) for word in words)


def found(engine: Engine, words: list[str]) -> list[str]:
    numbers, before = list[str](), None
    while page := engine.ask(
        SYSTEM,
        lambda r, b=before: r.letters.matching(
            words, plans_of="bsmi_khh", sight=sight_of(SYSTEM), before=b, limit=7
        ),
    ):
        numbers += [letter.number for letter in page]
        before = page[-1].id
    return numbers


@pytest.mark.parametrize("seed", [1, 2])
def test_every_letter_with_the_words_is_found_the_newest_first(engine: Engine, seed: int) -> None:
    some, dice = letters(seed), random.Random(seed)
    engine.execute(SYSTEM, register, some)
    own = [letter for letter in reversed(some) if letter.plan_key.startswith("bsmi_khh:")]
    asked = [[word] for word in WORDS] + [dice.choices(WORDS, k=2) for _ in range(10)]
    assert {" ".join(words): found(engine, words) for words in asked} == {
        " ".join(words): [letter.number for letter in own if holds(letter, words)] for words in asked
    }


def test_a_corrected_letter_is_found_by_its_new_words(engine: Engine) -> None:
    engine.execute(SYSTEM, register, letters(3)[:1])
    engine.execute(SYSTEM, lambda uow: uow.letters.correct(1, {"subject": "更正後的主旨"}, "誤植"))
    engine.execute(SYSTEM, lambda uow: uow.letters.correct(1, {"issuer": "本部"}, "誤植"))
    assert [found(engine, [word]) for word in ("更正", "本部")] == [found(engine, ["1150000"])] * 2


def test_a_word_is_looked_up_in_an_index(postgres_url: str, clock: FixedClock) -> None:
    engine = Engine(postgres_url, clock)
    asked = (
        "explain select id from letter where"
        " search_grams(letter_words(issuer, prefix, number, body)) @> search_grams('度量')"
    )

    def plan(uow: UnitOfWork) -> str:
        uow.transaction.core.exec_driver_sql("set local enable_seqscan = off")
        return "\n".join(row[0] for row in uow.transaction.core.exec_driver_sql(asked))

    assert "Bitmap Index Scan on ix_letter_grams" in engine.execute(SYSTEM, plan)
    engine.close()
