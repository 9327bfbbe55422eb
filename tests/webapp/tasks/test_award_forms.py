"""Every form of an award, from the survey to the last order, is sent from its page without a script."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from engine.clock import FixedClock
from engine.demo.entries import ENTRIES
from engine.demo.paces import PACES, TURNS
from engine.demo.player import Act, open_tasks
from engine.demo.story import PRESENT, SCREENING_OF_115, begin_demo, start_screening
from engine.demo.time_machine import keep_time
from engine.domain.identity import SYSTEM
from engine.engine import Engine
from tests.stories import entrants
from tests.stories.award_ways import WAYS
from tests.stories.stage import Stage
from tests.webapp.office import record_plan
from tests.webapp.tasks.test_house_forms import PASSWORD, PlayerAtPages
from webapp.app import create_app
from webapp.settings import WebSettings

EVE = datetime.fromisoformat("2026-01-05T09:00:00+08:00")
ASKED = {
    "entry_preparation.entry_memo", "entry_preparation.entry_form", "entry_preparation.send_entry",
    "entry_preparation.confirm_designation", "award_progress.follow_ndc_schedule",
    "award_progress.record_ndc_result", "ministry_screening.issue_survey", "ministry_screening.designate",
    "ministry_screening.close_collection", "entry_check.check_entry", "entry_review.form_review_group",
    "entry_scoring.score_entry", "entry_review.rank", "entry_review.recommend_decision",
    "entry_review.dispatch_results", "commendation.nominate_persons", "commendation.choose_grade",
    "commendation.chief_review", "commendation.hr_check", "commendation.committee_record",
    "commendation.issue_order",
}  # fmt: skip


@pytest.fixture(scope="module")
def award(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlayerAtPages]:
    """The award year 115, played to its end."""
    clock = FixedClock()
    engine = Engine(f"sqlite:///{tmp_path_factory.mktemp('award') / 'award.db'}", clock)
    app = create_app(engine, WebSettings(secret_key="a-secret-of-tests-only", demo=True), clock=clock)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    begin_demo(engine, clock, PASSWORD)
    engine.execute(SYSTEM, record_plan)
    clock.move_to(EVE)
    engine.execute(SYSTEM, keep_time, EVE)
    calendar: Any = engine.ask(SYSTEM, lambda reader: reader.calendar)
    player = PlayerAtPages(engine, clock, ENTRIES, PACES, calendar, turns=TURNS, app=app)
    player.play(PRESENT, [Act(at=SCREENING_OF_115, do=partial(start_screening, award_year=115))])
    yield player
    engine.close()


def test_every_form_of_an_award_is_sent_from_its_page(award: PlayerAtPages) -> None:
    assert {key: answer for key, answer in award.answers.items() if answer != "/inbox"} == {}
    assert ASKED - set(award.answers) == set()


@pytest.mark.parametrize(
    ("way", "asked"),
    [
        ("entry_preparation.entry_memo", "entry_preparation.nil_report"),
        ("award_progress.register_ministry_letter", "award_entry.lessons"),
    ],
)
def test_an_entry_by_letter_that_comes_to_nothing_is_told_on_its_pages(
    tmp_path: Path, way: str, asked: str
) -> None:
    clock = FixedClock()
    engine = Engine(f"sqlite:///{tmp_path / 'letters.db'}", clock)
    app = create_app(engine, WebSettings(secret_key="a-secret-of-tests-only", demo=True), clock=clock)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    begin_demo(engine, clock, PASSWORD)
    engine.execute(SYSTEM, record_plan)
    clock.move_to(datetime.fromisoformat("2026-02-03T09:00:00+08:00"))
    entrants.begin(Stage(engine, clock))
    ways = {key: found[key == way] for key, found in WAYS.items()}
    calendar: Any = engine.ask(SYSTEM, lambda reader: reader.calendar)
    player = PlayerAtPages(engine, clock, {**ENTRIES, **ways}, {}, calendar, app=app)
    while open_now := engine.ask(SYSTEM, open_tasks):
        player.complete(open_now[0])
    engine.close()
    assert {key: answer for key, answer in player.answers.items() if answer != "/inbox"} == {}
    assert list(player.answers)[-1] == asked
