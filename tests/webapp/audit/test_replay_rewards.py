"""The replay of a reward list: the table that ruled, and no history that breaks the timeline."""

from tests.webapp.audit.pages import page, words
from tests.webapp.test_sensitive_reads import Listed, listed

__all__ = ["listed"]  # the scene


def test_the_row_of_the_table_that_fitted_is_told_with_what_it_read(listed: Listed) -> None:
    office, instance, _ = listed
    events = office.engine.ask(office.engine.actor("auditor"), lambda reader: reader.history.events(instance))
    ruled = next(e.seq for e in events if e.element_id == "reward_clause")
    shown = page(office.client("auditor"), f"/audit/replay/{instance}?at={ruled}")
    told = [words(line) for line in shown.select(".why2 li")]
    assert told[0] == '參獎結果 fact.outcome = "finalist"'
    assert told[-1].startswith("第")
    assert "clause = " in told[-1]


def test_the_timeline_tells_a_list_whole(listed: Listed) -> None:
    office, instance, _ = listed
    shown = page(office.client("director"), f"/instances/{instance}?show=all")
    assert "敘獎條款" in words(shown.select_one(".tl"))  # type: ignore[arg-type]
