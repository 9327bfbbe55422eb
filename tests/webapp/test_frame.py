"""The frame around every page: whose house it is."""

import pytest

from tests.stories.stage import Stage
from tests.webapp.office import Office
from tests.webapp.tasks.test_page import soup


@pytest.mark.parametrize(
    ("account", "name"),
    [
        ("sec_handler", "標準檢驗局 高雄分局"),
        ("bureau_sec_handler", "經濟部 標準檢驗局（總局）"),
        ("ministry_handler", "經濟部"),
        ("auditor", "標準檢驗局 高雄分局"),
    ],
)
def test_the_page_names_the_agency_of_the_person(office: Office, account: str, name: str) -> None:
    page = soup(office.client(account).get("/", follow_redirects=True))
    assert " ".join(page.select_one("header .agency").get_text().split()) == name


def test_no_link_leads_the_bureau_to_a_plan_that_only_the_branch_reads(office: Office) -> None:
    variables = {"plan_key": "bsmi_khh:115", "roc_year": 115, "round": 1}
    review = Stage(office.engine, office.clock).start("bureau_review", **variables)
    links = soup(office.client("bureau_sec_handler").get(f"/instances/{review}")).select("nav.crumb a")
    assert [link["href"] for link in links] == ["/instances"]
