"""The frame around every page: whose house it is."""

import pytest

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
