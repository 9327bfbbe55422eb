"""Who comes second reads who was first, what differs, and that nothing was lost."""

from engine.commands.tasks import claim
from tests.webapp.tasks.house import House
from tests.webapp.tasks.test_page import Browser, recorded, soup, valid_entries


def test_the_second_to_send_is_told_who_was_first_and_what_differs(house: House) -> None:
    first, second = Browser(house, "wang", house.task_id()), Browser(house, "lin", house.task_id())
    first.press("complete", **valid_entries())
    answer = second.press("complete", **{**valid_entries(), "doc_no": "11490000999"})
    page = soup(answer)
    assert answer.status_code == 409
    assert "王怡婷" in page.text
    assert [row.th.text for row in page.select("[aria-labelledby=h-x] tbody tr") if row.th] == ["號"]
    assert [mark.text for mark in page.select("[aria-labelledby=h-x] :is(del, ins)")] == ["999", "470"]
    assert len(recorded(house)) == 1


def test_sending_the_same_page_twice_does_it_once_and_answers_the_same(house: House) -> None:
    browser = Browser(house, "wang", house.task_id())
    page = browser.page
    first = browser.press("complete", **valid_entries())
    browser.page = page
    second = browser.press("complete", **valid_entries())
    lists = [str(answer.location).partition("?")[0] for answer in (first, second)]
    assert (first.status_code, second.status_code, lists) == (302, 302, ["/inbox"] * 2)
    assert len(recorded(house)) == 1


def test_a_task_that_somebody_took_meanwhile_is_refused_and_the_entries_are_kept(house: House) -> None:
    browser = Browser(house, "wang", house.task_id())
    house.engine.execute(house.engine.actor("lin"), claim, house.task_id())
    answer = browser.press("complete", **valid_entries())
    assert (answer.status_code, recorded(house)) == (409, [])
    assert Browser(house, "wang", house.task_id()).value("doc_no") == "11490000470"


def test_a_page_that_was_shown_something_else_is_refused(house: House) -> None:
    browser = Browser(house, "wang", house.task_id())
    answer = browser.press("complete", **valid_entries(), _shown_digest="0" * 64)
    assert (answer.status_code, recorded(house)) == (409, [])


def test_a_revision_that_is_no_number_is_refused(house: House) -> None:
    browser = Browser(house, "wang", house.task_id())
    answer = browser.press("complete", **valid_entries(), _revision="1; drop table task")
    assert (answer.status_code, recorded(house)) == (409, [])


def test_saving_after_somebody_completed_the_task_shows_the_entries_again(house: House) -> None:
    first, second = Browser(house, "wang", house.task_id()), Browser(house, "lin", house.task_id())
    first.press("complete", **valid_entries())
    answer = second.press("save", **{**valid_entries(), "doc_no": "11490000999"})
    assert (answer.status_code, "11490000" in answer.text) == (409, True)


def test_a_closed_task_shows_what_was_sent(house: House) -> None:
    task_id = house.task_id()
    Browser(house, "wang", task_id).press("complete", **valid_entries())
    page = soup(house.client("wang").get(f"/tasks/{task_id}"))
    assert page.select("button[value=complete]") == []
    assert "11490000470" in page.text


def test_a_closed_task_does_not_say_how_it_is_filled_in(house: House) -> None:
    Browser(house, "wang", house.task_id()).press("complete", **valid_entries())
    sign = house.task_id("sign")
    asked = soup(house.client("chen").get(f"/tasks/{sign}")).text
    Browser(house, "chen", sign).press("complete", decision="approve", opinion="如擬")
    closed = soup(house.client("chen").get(f"/tasks/{sign}")).text
    assert ("退件時必填" in asked, "退件時必填" in closed, "如擬" in closed) == (True, False, True)


def test_taking_and_putting_back(house: House) -> None:
    client = house.client("wang")
    client.post(f"/tasks/{house.task_id()}/claim")
    assert "/unclaim" in client.get(f"/tasks/{house.task_id()}").text
    client.post(f"/tasks/{house.task_id()}/unclaim")
    assert "/claim" in client.get(f"/tasks/{house.task_id()}").text


def test_who_does_not_hold_the_task_can_read_but_not_send_it(house: House) -> None:
    house.client("lin").post(f"/tasks/{house.task_id()}/claim")
    page = soup(house.client("wang").get(f"/tasks/{house.task_id()}"))
    assert page.select("button[value=complete]") == []
    assert "林志明" in page.text
