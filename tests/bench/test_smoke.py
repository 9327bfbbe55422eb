"""Every benchmark runs, small; no figure of time is looked at."""

from pathlib import Path

import pytest

from bench import inbox, outage
from bench.__main__ import run
from bench.options import Options
from bench.plans import tables_read_whole
from engine.queries.tasks import View

SMALL = Options(instances=2, rounds=1, clients=2)


def test_completions_in_process_are_all_done_and_proven() -> None:
    (report,) = run("completion-sqlite", SMALL)
    assert report.proof is not None
    assert (report.is_sound, report.proof.streams) == (True, 2 + 2)  # and organisation, definitions


def test_completions_over_http_are_all_done_and_proven() -> None:
    reports = list(run("completion-http", SMALL))
    assert [report.faults for report in reports] == [()] * 5
    assert reports[-1].proof is not None
    assert (reports[-1].is_sound, reports[-1].proof.streams) == (True, 2 + 2 + 1 + 1 + 2)


def test_a_completion_in_a_wide_instance_and_a_long_loop_are_measured_and_proven() -> None:
    (report,) = run("instance-size", Options(units=12, rounds=1))
    assert (report.is_sound, report.faults) == (True, ())


def test_what_an_instance_leaves_is_told_by_table_and_index() -> None:
    reports = list(run("storage", SMALL))
    assert [report.is_sound for report in reports] == [True] * 3
    told = {figure.label.strip() for report in reports for figure in report.figures}
    assert {"history_event", "uq_history_event_command", "task", "pk_task"} <= told


def test_timers_of_one_moment_are_fired_once_each() -> None:
    (report,) = run("timers", Options(timers=5))
    assert (report.is_sound, report.faults) == (True, ())


def test_people_at_work_are_told_nothing_but_successes_and_honest_conflicts() -> None:
    (report,) = run("load", Options(clients=2, seconds=3))
    assert (report.is_sound, report.faults) == (True, ())


def test_what_goes_down_under_load_comes_back_with_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outage, "LOADED_SECONDS", 1.0)
    monkeypatch.setattr(outage, "DOWN_SECONDS", 0.5)
    monkeypatch.setattr(outage, "MODES", {"fast": outage.MODES["fast"]})
    reports = list(run("outage", Options(clients=2, timers=200)))
    assert [(report.is_sound, report.faults) for report in reports] == [(True, ())] * 2


def test_the_start_of_the_server_is_measured() -> None:
    (report,) = run("start", Options(rounds=1))
    assert report.is_sound


def test_an_inbox_over_many_tasks_is_measured_and_its_plans_are_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(inbox, "PLANS", tmp_path)
    monkeypatch.setattr(inbox, "FEW", 40)
    monkeypatch.setattr(inbox, "LOOKS", 2)
    monkeypatch.setattr(inbox, "LOOKS_AMONG_WRITERS", 2)
    monkeypatch.setattr(inbox, "COUNTED", (View.OPEN, View.SENT))
    monkeypatch.setattr(inbox, "DEEP", 2)
    (report,) = run("inbox", Options(open_tasks=400, finished_tasks=400))
    assert report.is_sound
    plan = (tmp_path / "wide-first-page.txt").read_text()
    assert "Index Only Scan using pk_task_candidate" in plan


def test_a_plan_tells_which_growing_tables_it_reads_whole() -> None:
    whole = "  ->  Seq Scan on task  (cost=0.00..1.00 rows=9 width=8) (actual time=0.1..0.2 rows={} loops=1)"
    removed = "        Rows Removed by Filter: {}"
    assert tables_read_whole(whole.format("301.00")) == {"task"}
    assert tables_read_whole(
        "\n".join([whole.format(0), "        Filter: (id = 1)", removed.format(400)])
    ) == {"task"}
    assert tables_read_whole("\n".join([whole.format(2), removed.format(40)])) == set()
    assert tables_read_whole(whole.format(301).replace("task", "unit")) == set()
    assert tables_read_whole(whole.format(301).replace("Seq", "Index")) == set()


@pytest.mark.parametrize("name", ["replay", "verify"])
def test_histories_are_replayed_and_proven(name: str) -> None:
    (report,) = run(name, Options(instances=2, rounds=1, events=200))
    assert (report.is_sound, report.proof is not None) == (True, True)
