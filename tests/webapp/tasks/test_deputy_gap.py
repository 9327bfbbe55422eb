"""Naming a deputy who has to stand aside from what is open says so at once."""

from typing import Any

import pytest

from engine.commands import definitions, instances
from engine.domain.identity import SYSTEM
from tests.engine import guarded
from tests.webapp.tasks.house import House
from tests.webapp.tasks.test_page import soup

WARNING = "有1件待辦須待本人返回：代理人應迴避，且無其他人可辦理。"


@pytest.mark.parametrize(("aside", "is_warned"), [(["other", "lin"], True), (["lin"], False)])
def test_whoever_names_a_deputy_is_told_what_will_wait_for_nobody(
    house: House, aside: list[str], is_warned: bool
) -> None:
    house.engine.execute(SYSTEM, definitions.deploy, guarded.FILES)
    started: dict[str, Any] = {"definition_key": guarded.KEY, "business_key": "1"}
    variables = {"unit": "metrology", "named": aside, "writer": "lin", "due": None, "late_after": None}
    house.engine.execute(house.engine.actor("zhang"), instances.start, **started, variables=variables)
    entries = {
        "deputy": "other", "valid_from": "114/1/6", "valid_to": "114/1/8", "cause": "sick_leave",
        "kind": "acting",
    }  # fmt: skip
    page = soup(house.client("wang").post("/deputies", data=entries, follow_redirects=True))
    told = [" ".join(note.stripped_strings) for note in page.select(".said p")]
    assert [any(WARNING in words for words in told), len(told)] == [is_warned, 1 + is_warned]
