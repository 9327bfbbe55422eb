from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from engine.clock import TAIPEI, FixedClock
from engine.commands import organisation
from engine.demo.player import owner_of
from engine.demo.story import AGENCY_ID, PRESENT
from engine.domain.identity import SYSTEM
from engine.engine import Engine
from engine.plan.award import edition_key
from engine.settings import Settings
from tests.stories.proofs import check_conformance
from tests.webapp.cli.changed_histories import CHANGES, unfound_changes
from tests.webapp.cli.conftest import Cli
from webapp.cli import main
from webapp.cli.demonstration import opened_demo


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a demo that the command line made."""
    url = f"sqlite:///{tmp_path_factory.mktemp('demo')}/demo.db"
    result = CliRunner().invoke(main, ["demo", "--no-serve"], env={"PLANFLOW_DATABASE_URL": url})
    assert result.exit_code == 0, result.output
    return url


def test_the_demo_names_every_account_and_the_password(cli: Cli, made: str) -> None:
    output = cli("demo", "--no-serve", database_url=made).output
    assert "Password of every account: " in output
    assert {"sec_handler", "unit_chief.metrology", "director", "auditor"} <= set(output.split())


def test_the_demo_is_made_once(cli: Cli, made: str) -> None:
    assert "Playing the story" not in cli("demo", "--no-serve", database_url=made).output


def test_a_day_to_stop_on_needs_a_fresh_demo(cli: Cli, made: str) -> None:
    result = cli("demo", "--no-serve", "--until", "2026-01-28", database_url=made)
    assert result.exit_code == 1
    assert "There is a demo already; --until needs --fresh" in result.output


@pytest.mark.parametrize("day", ["2025-01-05", "2027-01-05"])
def test_the_story_stops_within_its_days(cli: Cli, made: str, day: str) -> None:
    result = cli("demo", "--no-serve", "--fresh", "--until", day, database_url=made)
    assert result.exit_code == 2
    assert "The story lies between 2025-01-06 and 2027-01-04" in result.output


def test_every_history_of_the_demo_is_one_that_its_diagram_allows(made: str) -> None:
    with opened_demo(Settings(database_url=made)) as demo:
        check_conformance(demo)


@pytest.mark.parametrize("change", sorted(CHANGES))
def test_no_history_of_the_demo_hides_that_it_was_changed(made: str, change: str) -> None:
    """One event left out, told twice, two completions that change places, an end that comes early."""
    with opened_demo(Settings(database_url=made)) as demo:
        unfound = demo.ask(SYSTEM, unfound_changes, CHANGES[change])
    assert unfound == []


def test_the_present_leaves_work_open(made: str) -> None:
    with opened_demo(Settings(database_url=made)) as demo:
        tasks = demo.ask(SYSTEM, lambda reader: reader.tasks.all_open())
        late = [task for task in tasks if task.is_overdue(demo.clock.now())]
    assert sorted((owner_of(task), task.element_id) for task in tasks) == [
        ("director", "sign"),
        ("hr_handler", "issue_order"),
        ("ministry_handler", "close_collection"),
        ("sec_handler", "compile_d1"),
        ("sec_handler", "improvement_verify"),
        ("sec_handler", "recommendation_letter"),
        ("unit_chief.kinmen", "chief_review"),
        ("unit_handler.metrology", "improvement"),
        ("unit_handler.penghu", "edit_actions"),
        ("unit_handler.penghu", "improvement"),
        ("unit_handler.tech_b", "edit_actions"),
        ("unit_handler.tech_b", "improvement"),
    ]
    assert sorted(task.element_id for task in late) == [
        "chief_review", "edit_actions", "edit_actions", "improvement", "issue_order",
    ]  # fmt: skip


def test_who_was_a_finalist_and_won_has_a_new_order_in_place_of_the_first(made: str) -> None:
    with opened_demo(Settings(database_url=made)) as demo:
        versions = demo.ask(
            SYSTEM,
            lambda reader: reader.documents.versions(
                edition_key(AGENCY_ID, 115), "reward", "account:unit_handler.metrology"
            ),
        )
    assert [(version.body["state"], version.body["grade"]) for version in versions] == [
        ("issued", "記功1次"), ("revoked", "記功1次"), ("issued", "記大功1次"),
    ]  # fmt: skip


def test_the_plan_of_115_was_amended_twice_and_is_amended_again(made: str) -> None:
    with opened_demo(Settings(database_url=made)) as demo:
        amendments = demo.ask(SYSTEM, lambda reader: reader.documents.list(f"{AGENCY_ID}:115", "amendment"))
    assert [amendment.body["state"] for amendment in amendments] == ["published", "published", "requested"]


def test_the_history_of_the_demo_is_proven(cli: Cli, made: str) -> None:
    result = cli("verify", "--all", database_url=made)
    assert result.exit_code == 0, result.output


def test_nothing_but_the_demo_is_left(cli: Cli, made: str) -> None:
    folder = Path(made.removeprefix("sqlite:///")).parent
    assert {path.name for path in folder.iterdir()} <= {"demo.db", "demo.db-wal", "demo.db-shm"}


def test_the_clock_never_goes_back_behind_what_happened(made: str) -> None:
    later = PRESENT + timedelta(hours=2)
    engine = Engine(made, FixedClock(later))
    engine.execute(SYSTEM, organisation.change_setting, "note", "two hours later")
    engine.close()
    with opened_demo(Settings(database_url=made)) as demo:
        assert demo.clock.now() >= later


def test_a_database_in_use_is_never_made_a_demo(cli: Cli, sqlite_url: str) -> None:
    engine = Engine(sqlite_url)
    engine.execute(SYSTEM, organisation.add_user, "wang", name="王小明")
    engine.close()
    result = cli("demo", "--no-serve")
    assert result.exit_code == 1
    assert "is in use and no demo; name another database" in result.output.replace("\n", " ")
    assert cli("user", "list").output == "wang\t王小明\tactive\t\n"


def test_even_a_fresh_demo_never_replaces_a_database_in_use(cli: Cli, sqlite_url: str) -> None:
    engine = Engine(sqlite_url)
    engine.execute(SYSTEM, organisation.add_user, "wang", name="王小明")
    engine.close()
    assert cli("demo", "--no-serve", "--fresh").exit_code == 1
    assert cli("user", "list").output == "wang\t王小明\tactive\t\n"


def test_the_story_can_stop_early_with_nothing_done_after_that_day(cli: Cli, sqlite_url: str) -> None:
    assert cli("demo", "--no-serve", "--until", "2025-01-08").exit_code == 0
    with opened_demo(Settings(database_url=sqlite_url)) as demo:
        assert f"{demo.clock.now().astimezone(TAIPEI):%Y-%m-%d %H:%M}" == "2025-01-08 09:00"
        tasks = demo.ask(SYSTEM, lambda reader: reader.tasks.all_open())
    assert {task.element_id for task in tasks} == {"edit_actions"}
