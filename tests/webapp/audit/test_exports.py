"""Taking histories away by pages: the menu of an instance, several at once, and receipts."""

import io
import json
import zipfile
from hashlib import sha256

import pytest
from flask.testing import FlaskClient

from tests.webapp.audit.pages import page, words
from tests.webapp.office import Office

FORMATS = ("dossier", "ods", "csv", "json", "xes", "ocel")


@pytest.fixture
def auditor(office: Office) -> FlaskClient:
    return office.client("auditor")


def cycle(office: Office) -> int:
    return office.instance_id("bsmi_khh:115")


def test_the_page_of_an_instance_offers_each_format_with_what_it_is_for(
    office: Office, auditor: FlaskClient
) -> None:
    number = cycle(office)
    shown = page(auditor, f"/instances/{number}")
    links = shown.select(f"a[href^='/exports/{number}/']")
    assert [link["href"] for link in links] == [f"/exports/{number}/{name}" for name in FORMATS]
    assert all(words(link.find_next_sibling("p")) for link in links)


def test_who_may_not_read_histories_is_offered_none(office: Office) -> None:
    shown = page(office.client("unit_handler.metrology"), f"/instances/{cycle(office)}")
    assert shown.select("a[href^='/exports/']") == []


@pytest.mark.parametrize("format_", FORMATS)
def test_each_format_leaves_as_a_file_whose_digest_the_receipt_shows(
    office: Office, auditor: FlaskClient, format_: str
) -> None:
    number = cycle(office)
    answer = auditor.get(f"/exports/{number}/{format_}")
    digest = sha256(answer.data).hexdigest()
    assert (answer.status_code, answer.content_length) == (200, len(answer.data))
    assert answer.headers["Content-Disposition"].startswith("attachment; ")
    assert digest in words(page(auditor, f"/exports/{number}").select_one(".receipts"))
    assert digest in words(page(auditor, "/audit/exports").select_one(".receipts"))


def test_a_dossier_is_told_in_chinese_whatever_the_language_of_who_takes_it(
    office: Office, auditor: FlaskClient
) -> None:
    auditor.get("/language/en")
    body = auditor.get(f"/exports/{cycle(office)}/dossier").data
    index = zipfile.ZipFile(io.BytesIO(body)).read("index.html").decode()
    assert "如何驗證" in index
    assert "How to prove it" not in index


def test_several_histories_leave_together_by_plan(office: Office, auditor: FlaskClient) -> None:
    answer = auditor.get("/audit/exports/file?plan=bsmi_khh:115&format=json")
    told = json.loads(answer.data)
    one = told.get("instance") or [history["instance"] for history in told["histories"]]
    assert cycle(office) in (one if isinstance(one, list) else [one])


def test_the_desk_offers_the_processes_plans_and_years_that_there_are(
    office: Office, auditor: FlaskClient
) -> None:
    shown = page(auditor, "/audit/exports")
    offered = {
        name: [option["value"] for option in shown.select(f"select[name={name}] option")[1:]]
        for name in ("definition", "plan", "year")
    }
    assert offered["definition"] == ["annual_plan_lifecycle"]
    assert offered["plan"] == ["bsmi_khh:115"]
    assert len(offered["year"]) == 1


@pytest.mark.parametrize(
    "query",
    ["format=json", "year=90&format=json", "year=-5&format=json", f"year={10**30}&format=json",
     "year=12345&format=json", "plan=bsmi_khh:115&format=dossier"],
)  # fmt: skip
def test_what_cannot_be_exported_is_said_on_the_page(auditor: FlaskClient, query: str) -> None:
    answer = auditor.get(f"/audit/exports/file?{query}")
    assert (answer.status_code, 'role="alert"' in answer.text) == (422, True)


def test_an_export_by_a_page_is_no_look_beside(office: Office, auditor: FlaskClient) -> None:
    number = cycle(office)
    auditor.get(f"/exports/{number}/json")
    actor = office.engine.actor("auditor")
    events = office.engine.ask(actor, lambda reader: reader.history.events(-actor.number))
    assert [str(event.type) for event in events if event.type != "signed_in"] == ["exported"]
