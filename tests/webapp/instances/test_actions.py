"""Actions that an instance offers beside its tasks (更正公開 during execution)."""

import pytest
from lxml import html

from engine.clock import FixedClock
from engine.domain.identity import SYSTEM
from tests.stories.stage import PLAN_KEY, Stage
from tests.webapp.instances.conftest import Office

GOOD = {"wrong_place": "both", "reason": "公開頁面的附件缺第3頁，應更正後重新公開。", "found_on": "114/02/12"}


@pytest.fixture
def execution(office: Office, clock: FixedClock) -> int:
    """An instance that offers the action to the secretariat."""
    return Stage(office.engine, clock).start("plan_execution")


def address(instance: int) -> str:
    return f"/instances/{instance}/actions/correct_publication"


def test_the_page_offers_the_action_to_its_role_only(office: Office, execution: int) -> None:
    offered = [
        html.fromstring(office.client(user).get(f"/instances/{execution}").get_data(as_text=True)).xpath(
            f"//a[@href='{address(execution)}']"
        )
        for user in ("sec_handler", "web_owner")
    ]
    assert [len(links) for links in offered] == [1, 0]


def test_the_action_has_its_form(office: Office, execution: int) -> None:
    page = html.fromstring(office.client("sec_handler").get(address(execution)).get_data(as_text=True))
    assert {"reason", "found_on"} <= set(page.xpath("//main//form//@name"))


def test_somebody_else_finds_no_action(office: Office, execution: int) -> None:
    client = office.client("web_owner")
    assert (client.get(address(execution)).status_code, client.post(address(execution)).status_code) == (
        404,
        404,
    )


def test_a_wrong_entry_is_refused_and_kept(office: Office, execution: int) -> None:
    answer = office.client("sec_handler").post(address(execution), data={**GOOD, "found_on": "昨天"})
    page = html.fromstring(answer.get_data(as_text=True))
    assert (answer.status_code, page.get_element_by_id("reason").text.strip()) == (422, GOOD["reason"])


def test_the_action_moves_the_instance(office: Office, execution: int) -> None:
    answer = office.client("sec_handler").post(address(execution), data=GOOD)
    found = office.engine.ask(SYSTEM, lambda reader: reader.instances.of_plan(PLAN_KEY))
    assert answer.status_code == 302
    assert sorted(instance.definition_key for instance in found).count("plan_publication") == 2
