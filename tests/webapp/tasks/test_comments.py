"""Comments on their page and beside a task."""

from bs4 import BeautifulSoup

from tests.webapp.tasks.house import House


def address(house: House) -> str:
    return f"/comments/{house.instance_id}?task={house.task_id()}"


def test_a_comment_stands_beside_the_task_and_in_the_timeline(house: House) -> None:
    wang = house.client("wang")
    answer = wang.post(address(house), data={"text": "請@林志明 協助核對"})
    assert (answer.status_code, answer.location) == (302, address(house))
    for page in (f"/tasks/{house.task_id()}", address(house), f"/instances/{house.instance_id}"):
        assert "請@林志明 協助核對" in wang.get(page).text


def test_what_was_written_stays_when_it_is_refused(house: House) -> None:
    answer = house.client("wang").post(address(house), data={"text": "請@林某 核對"})
    page = BeautifulSoup(answer.text, "html.parser")
    assert answer.status_code == 422
    assert [fault.text for fault in page.select(".summary li")] == ["沒有「林某」這個人"]
    assert page.select_one("textarea").text.strip() == "請@林某 核對"  # type: ignore[union-attr]


def test_the_page_says_that_nobody_has_commented_yet(house: House) -> None:
    assert "還沒有留言" in house.client("wang").get(address(house)).text
