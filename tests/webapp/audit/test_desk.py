"""The first page of the auditor's desk."""

from pathlib import Path

import webapp
from tests.webapp.audit.pages import page, words
from tests.webapp.office import Office
from webapp.audit.desk import WAYS


def test_the_desk_lists_the_processes_begun_last(shared_office: Office) -> None:
    desk = page(shared_office.client("auditor"), "/audit")
    listed = [link["href"] for link in desk.select("ul.rows a[href^='/instances/']")]
    assert f"/instances/{shared_office.instance_id('bsmi_khh:115')}" in listed


def test_names_of_processes_are_in_the_language_of_the_page(office: Office) -> None:
    client = office.client("auditor")
    client.get("/language/en")
    kinds = {words(row.select_one(".muted")) for row in page(client, "/audit").select("ul.rows li")}
    offered = [words(option) for option in page(client, "/audit/exports").select("[name=definition] option")]
    assert "Life of the yearly plan" in kinds
    assert "Life of the yearly plan" in offered


def test_the_desk_is_the_place_in_the_rail(shared_office: Office) -> None:
    desk = page(shared_office.client("auditor"), "/audit")
    assert [words(link) for link in desk.select("body > .desk > nav.rail a[aria-current]")] == ["稽核"]


def test_nobody_else_opens_the_desk(shared_office: Office) -> None:
    assert shared_office.client("sec_handler").get("/audit").status_code == 403


def test_the_ways_have_icons_that_are_shipped() -> None:
    shipped = (Path(webapp.__file__).parent / "static" / "icons.txt").read_text().split()
    assert [name for _, name, _, _ in WAYS if name not in shipped] == []
