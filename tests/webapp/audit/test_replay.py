"""The replay page: each moment as it was, without a script, for those who may read histories."""

import re

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup, Tag

from engine.domain.history import EventType
from engine.domain.identity import SYSTEM
from engine.queries.instances import page as instance_page
from engine.store import tables
from tests.engine.replay.test_verify import tamper
from tests.stories.stage import Stage
from tests.webapp.audit.pages import page, words
from tests.webapp.office import Office
from tests.webapp.test_signoffs import cycle, office, played, stage

__all__ = ["cycle", "office", "played", "stage"]  # the scene: one return, one signature taken back


def at(instance_id: int, seq: int) -> str:
    return f"/audit/replay/{instance_id}?at={seq}"


def returned(stage: Stage, cycle: int) -> int:
    """The number of the event by which the chief of the secretariat returned the plan."""
    events = stage.engine.ask(SYSTEM, lambda reader: reader.history.events(cycle))
    return next(
        e.seq for e in events
        if e.type is EventType.TASK_COMPLETED and '"decision":"return"' in e.data and e.element_id == "sign"
    )  # fmt: skip


def section(shown: BeautifulSoup, heading: str) -> Tag:
    """The part of the page under a heading."""
    found = next(part for part in shown.select(".msec") if words(part.h2).startswith(heading))
    assert isinstance(found, Tag)
    return found


def table(part: Tag) -> list[list[str]]:
    return [[words(cell) for cell in row.select("th, td")] for row in part.select("tbody tr")]


def test_the_title_is_the_moment_and_what_happened(office: Office, stage: Stage, cycle: int) -> None:
    shown = page(office.client("director"), at(cycle, returned(stage, cycle)))
    assert shown.h1 is not None
    assert re.fullmatch(r"115/\d\d/\d\d \(.\) \d\d:\d\d .*完成了「簽核」：退件", words(shown.h1))


def test_a_return_tells_what_changed_and_why_the_way_was_taken(
    office: Office, stage: Stage, cycle: int
) -> None:
    shown = page(office.client("director"), at(cycle, returned(stage, cycle)))
    assert ["簽核・簽核意見別", "無", "退件"] in table(section(shown, "資料改變"))
    why = [words(line) for line in section(shown, "為何走這條").select("li")]
    assert any(
        'sign.decision == "return" 成立' in line and 'sign.decision = "return" （退件）' in line
        for line in why
    )
    assert "彙整計畫" in words(section(shown, "當時待辦"))


def test_what_was_signed_is_the_version_that_was_shown(office: Office, stage: Stage, cycle: int) -> None:
    shown = page(office.client("director"), at(cycle, returned(stage, cycle)))
    assert "與當時顯示者相同。" in words(section(shown, "資料改變"))


def test_what_a_signer_changed_in_the_plan_is_told_field_by_field(
    office: Office, stage: Stage, cycle: int
) -> None:
    events = stage.engine.ask(SYSTEM, lambda reader: reader.history.events(cycle))
    changed = next(e.seq for e in events if '"decision":"approve_with_changes"' in e.data)
    written = section(page(office.client("director"), at(cycle, changed)), "寫入的文件")
    assert ["1.1.1 具體推動作法", "校正砝碼並公開結果給申請人", "校正砝碼並每月公開校正結果"] in table(
        written
    )


def test_the_round_that_a_return_superseded_stays_reachable(office: Office, stage: Stage, cycle: int) -> None:
    client, seq = office.client("director"), returned(stage, cycle)
    last = page(client, f"/audit/replay/{cycle}")
    links = [link["href"] for link in section(last, "各輪").select("a")]
    assert at(cycle, seq) in links
    for link in links:
        assert client.get(str(link)).status_code == 200


def test_the_present_event_is_marked_and_later_ones_are_grey(
    office: Office, stage: Stage, cycle: int
) -> None:
    seq = returned(stage, cycle)
    shown = page(office.client("director"), at(cycle, seq))
    listed = [item for item in shown.select(".events li") if item.select_one(".seq")]
    numbers = [int(words(item.select_one(".seq"))) for item in listed]  # type: ignore[arg-type]
    assert numbers == list(range(numbers[0], numbers[-1] + 1))
    assert [n for n, item in zip(numbers, listed, strict=True) if item.select_one("[aria-current]")] == [seq]
    assert [n for n, item in zip(numbers, listed, strict=True) if "later" in item["class"]] == [
        n for n in numbers if n > seq
    ]


def test_one_steps_without_a_script(office: Office, cycle: int) -> None:
    client = office.client("director")
    last = page(client, f"/audit/replay/{cycle}")
    assert steps(last) == {"first": at(cycle, 1), "previous": at(cycle, seq_of(last) - 1)}
    before = page(client, str(steps(last)["previous"]))
    assert steps(before)["next"] == at(cycle, seq_of(last))
    first = page(client, str(steps(last)["first"]))
    assert set(steps(first)) == {"next", "last"}


def steps(shown: BeautifulSoup) -> dict[str, str]:
    return {str(link["data-step"]): str(link["href"]) for link in shown.select("a[data-step]")}


def seq_of(shown: BeautifulSoup) -> int:
    scrub = shown.select_one(".scrub")
    assert scrub is not None
    return int(str(scrub["data-seq"]))


@pytest.mark.parametrize("share", [1000, 5000])
def test_the_slider_goes_to_a_share_of_the_time(office: Office, cycle: int, share: int) -> None:
    scrub = page(office.client("director"), f"/audit/replay/{cycle}?share={share}").select_one(".scrub")
    assert scrub is not None
    assert scrub["data-seq"] == scrub["data-last"]


def test_a_return_is_brown_on_the_line_of_time(office: Office, cycle: int) -> None:
    shown = page(office.client("director"), f"/audit/replay/{cycle}")
    assert len(shown.select(".track .tk.r")) == 1


def test_the_last_moment_shows_the_tasks_of_the_page_of_the_instance(office: Office, cycle: int) -> None:
    shown = page(office.client("director"), f"/audit/replay/{cycle}")
    present = office.engine.ask(office.engine.actor("director"), instance_page, cycle)
    assert [words(name) for name in section(shown, "當時待辦").select("b")] == [
        line.task.label for line in present.open_tasks
    ]


def test_the_last_moment_is_drawn_as_on_the_page_of_the_instance(office: Office, cycle: int) -> None:
    client = office.client("director")
    for process in ("annual_plan_lifecycle", "plan_drafting", "internal_signoff"):
        last, present = (
            {
                (group["data-element"], *sorted(set(group.get("class", [])) - {"here"}))
                for group in page(client, f"{address}/{cycle}?process={process}").select("svg [data-element]")
            }
            for address in ("/audit/replay", "/instances")
        )
        assert last
        assert last == present


def test_the_page_of_the_instance_leads_here(office: Office, cycle: int) -> None:
    shown = page(office.client("director"), f"/instances/{cycle}")
    assert shown.select_one(f"a[href='/audit/replay/{cycle}']") is not None
    other = page(office.client("unit_handler.kinmen"), f"/instances/{cycle}")
    assert other.select_one(f"a[href='/audit/replay/{cycle}']") is None


def test_the_badges_come_from_a_proof_and_name_the_event_that_is_wrong(
    office: Office, stage: Stage, cycle: int
) -> None:
    client, seq = office.client("director"), returned(stage, cycle)
    assert [words(b) for b in page(client, at(cycle, seq)).select(".proof span")] == [
        "鏈 完整", "尚未定錨", "重演 一致",
    ]  # fmt: skip
    event = tables.history_event.c
    tamper(
        stage.engine,
        sa.update(tables.history_event)
        .where(event.stream == cycle, event.seq == seq)
        .values(actor="deputy_director"),
    )
    shown = page(client, at(cycle, seq - 1)).select(".proof span")
    assert [words(badge) for badge in shown] == [f"鏈 不符（第{seq}筆）", "尚未定錨"]
    broken = page(client, at(cycle, seq - 1)).select_one(".proof .bad a")
    assert broken is not None
    assert broken["href"] == at(cycle, seq)


def test_a_history_that_cannot_be_executed_is_told_with_the_event(
    office: Office, stage: Stage, cycle: int
) -> None:
    seq = returned(stage, cycle)
    event = tables.history_event.c
    gone = sa.delete(tables.history_event).where(event.stream == cycle, event.seq == seq + 1)
    tamper(stage.engine, gone)
    shown = page(office.client("director"), at(cycle, seq + 3))
    assert "歷程無法重演到這一筆。" in words(shown.select_one(".moment .note"))  # type: ignore[arg-type]
    assert shown.select_one(".diagram") is None
    assert page(office.client("director"), at(cycle, seq)).select_one(".diagram") is not None


def test_a_history_whose_end_was_cut_off_is_shown_as_far_as_it_goes(
    office: Office, stage: Stage, cycle: int
) -> None:
    client = office.client("director")
    last = seq_of(page(client, f"/audit/replay/{cycle}"))
    event = tables.history_event.c
    tamper(stage.engine, sa.delete(tables.history_event).where(event.stream == cycle, event.seq > last - 4))
    shown = page(client, f"/audit/replay/{cycle}")
    assert seq_of(shown) == last - 4
    broken = shown.select_one(".proof .bad a")
    assert broken is not None
    assert words(broken) == f"鏈 不符（第{last - 3}筆）"
    assert client.get(str(broken["href"])).status_code == 200


def test_a_step_of_the_script_proves_nothing_anew(office: Office, cycle: int) -> None:
    client = office.client("director")
    assert page(client, f"/audit/replay/{cycle}?step=1").select(".proof") == []
    assert len(page(client, f"/audit/replay/{cycle}").select(".proof")) == 1


def test_the_diagram_follows_the_events_unless_one_was_chosen(
    office: Office, stage: Stage, cycle: int
) -> None:
    client, seq = office.client("director"), returned(stage, cycle)
    followed = page(client, at(cycle, seq)).select_one(".tabs [aria-current]")
    chosen = page(client, f"{at(cycle, seq)}&process=plan_drafting").select_one(".tabs [aria-current]")
    assert followed is not None
    assert chosen is not None
    assert (words(followed), words(chosen)) == ("內部簽核", "年度計畫研訂")


@pytest.mark.parametrize("place", ["at=0", "at=999999", "at=-1", "process=nothing"])
def test_what_never_was_is_not_found(office: Office, cycle: int, place: str) -> None:
    assert office.client("director").get(f"/audit/replay/{cycle}?{place}").status_code == 404


def test_no_history_is_not_found(office: Office) -> None:
    assert office.client("director").get("/audit/replay/4711").status_code == 404


def test_who_may_not_read_histories_is_refused(office: Office, cycle: int) -> None:
    assert office.client("unit_handler.kinmen").get(f"/audit/replay/{cycle}").status_code == 403


def test_who_may_not_see_the_instance_does_not_find_it(office: Office, cycle: int) -> None:
    assert office.client("bureau_sec_handler").get(f"/audit/replay/{cycle}").status_code == 404


def test_the_auditor_asks_the_standing_questions_over_the_instance(shared_office: Office) -> None:
    instance_id = shared_office.instance_id("bsmi_khh:115")
    shown = page(shared_office.client("auditor"), f"/audit/replay/{instance_id}")
    links = [str(link["href"]) for link in shown.select(".asks a")]
    assert links
    assert all(link.endswith(f"?instance={instance_id}") for link in links)
    assert page(shared_office.client("director"), f"/audit/replay/{instance_id}").select(".asks") == []


def test_the_badges_lead_the_auditor_to_the_record_of_the_proof(shared_office: Office) -> None:
    instance_id = shared_office.instance_id("bsmi_khh:115")
    client = shared_office.client("auditor")
    is_there = "audit_proof.instance" in shared_office.app.view_functions
    links = [str(a["href"]) for a in page(client, f"/audit/replay/{instance_id}").select(".pagehead a.btn")]
    assert links == [f"/audit/proof/{instance_id}"] * is_there
    assert [client.get(link).status_code for link in links] == [200] * is_there


def test_the_page_speaks_english(shared_office: Office) -> None:
    client = shared_office.client("auditor")
    client.get("/language/en")
    shown = page(client, f"/audit/replay/{shared_office.instance_id('bsmi_khh:115')}?at=1")
    assert [words(part.h2) for part in shown.select(".msec")][-2:] == ["Open tasks then", "All data then"]
