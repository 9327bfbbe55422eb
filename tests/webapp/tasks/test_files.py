"""Files are downloads for those who may see where they stand, and for nobody else."""

import io

import pytest

from engine.commands.tasks import complete
from engine.errors import Invalid
from engine.queries.task_page import task_page
from tests.stories.stage import PNG
from tests.webapp.tasks.house import House
from tests.webapp.tasks.test_page import PDF, Browser, valid_entries
from webapp.downloads import content_disposition


def send(house: House, user: str, name: str = "清冊.pdf", body: bytes = PDF) -> str:
    answer = house.client(user).post("/files", data={"file": (io.BytesIO(body), name)})
    assert answer.status_code == 201
    return str(answer.json["digest"])  # type: ignore[index]


def test_a_file_comes_back_as_a_download_that_no_browser_opens(house: House) -> None:
    answer = house.client("wang").get(f"/files/{send(house, 'wang')}")
    assert (answer.status_code, answer.data) == (200, PDF)
    assert {
        name: answer.headers[name]
        for name in ("Content-Type", "X-Content-Type-Options", "Content-Disposition")
    } == {
        "Content-Type": "application/pdf",
        "X-Content-Type-Options": "nosniff",
        "Content-Disposition": "attachment; filename=\"__.pdf\"; filename*=UTF-8''%E6%B8%85%E5%86%8A.pdf",
    }


def test_the_file_of_somebody_else_is_not_found(house: House) -> None:
    digest = send(house, "wang")
    assert house.client("chen").get(f"/files/{digest}").status_code == 404
    assert house.client("chen").get(f"/files/{digest}?instance={house.instance_id}").status_code == 404


def test_a_file_is_found_where_it_was_sent(house: House) -> None:
    digest = send(house, "wang")
    entries = {**valid_entries(), "attachment-0-digest": digest}
    Browser(house, "wang", house.task_id()).press("complete", **entries)
    assert house.client("chen").get(f"/files/{digest}?instance={house.instance_id}").status_code == 200


@pytest.mark.parametrize("digest", ["0" * 64, "abc", "Z" * 64, "..%2f..%2fetc"])
def test_what_is_no_file_is_not_found(house: House, digest: str) -> None:
    assert house.client("wang").get(f"/files/{digest}").status_code == 404


def test_an_upload_that_may_not_be_attached_is_refused(house: House) -> None:
    answer = house.client("wang").post("/files", data={"file": (io.BytesIO(b"<svg/>"), "a.svg")})
    assert answer.status_code == 422


def test_an_upload_without_a_file_is_refused(house: House) -> None:
    assert house.client("wang").post("/files", data={}).status_code == 422


def test_no_name_ends_the_header_early() -> None:
    assert content_disposition('a"\r\nX: y.pdf') == (
        "attachment; filename=\"a___X_ y.pdf\"; filename*=UTF-8''a%22%0D%0AX%3A%20y.pdf"
    )


def test_a_completion_past_the_page_cannot_take_the_file_of_somebody_else(house: House) -> None:
    digest, actor = send(house, "chen"), house.engine.actor("wang")
    page = house.engine.ask(actor, task_page, house.task_id())
    file = {"digest": digest, "name": "x.pdf", "size": len(PDF), "media_type": "application/pdf"}
    values = {
        "applicable": False, "na_reason": "本單位沒有對外服務業務", "decision": "approve",
        "doc_no": "11490000470", "attachment": [file],
    }  # fmt: skip
    with pytest.raises(Invalid) as refused:
        house.engine.execute(
            actor,
            complete,
            page.task.id,
            values=values,
            revision=page.task.revision,
            shown_digest=page.shown_digest,
        )
    assert [error.path for error in refused.value.errors] == ["attachment"]


def test_a_picture_is_looked_at_on_a_page_of_this_house(house: House) -> None:
    digest = send(house, "wang", "照片.png", PNG)
    answer = house.client("wang").get(f"/files/{digest}/preview")
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    assert f'src="/files/{digest}"' in answer.text
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


def test_markup_in_a_text_is_shown_and_never_run(house: House) -> None:
    digest = send(house, "wang", "a.csv", "單位,數\n<b>度量衡</b>,3".encode())
    answer = house.client("wang").get(f"/files/{digest}/preview")
    assert "&lt;b&gt;度量衡&lt;/b&gt;,3" in answer.text


def test_a_pdf_opens_in_the_reader_of_the_browser_and_loads_nothing(house: House) -> None:
    answer = house.client("wang").get(f"/files/{send(house, 'wang')}/preview")
    assert (answer.data, answer.mimetype) == (PDF, "application/pdf")
    assert answer.headers["Content-Disposition"] == "inline"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_a_look_is_for_those_who_may_take_the_file(house: House) -> None:
    digest = send(house, "wang", "照片.png", PNG)
    assert house.client("chen").get(f"/files/{digest}/preview").status_code == 404
