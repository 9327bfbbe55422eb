"""The page of a task without a script: drawn, saved, edited row by row, refused with every fault, sent."""

from tests.webapp.tasks.house import House


def test_the_page_opens(house: House) -> None:
    page = house.client("wang").get(f"/tasks/{house.task_id()}")
    assert page.status_code == 200, page.text
    open("/tmp/webb/page.html","w").write(page.text)
