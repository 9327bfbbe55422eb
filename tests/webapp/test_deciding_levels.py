"""The page of the deciding levels: read by the branch, changed by the secretariat's chief from a day on."""

from typing import Any

from engine.plan.deciding_levels import SHIPPED
from tests.webapp.office import Office

PAGE = "/admin/deciding-levels"


def entries(**changes: Any) -> dict[str, Any]:
    """What the form sends when nothing of the shipped table is changed, with changes."""
    given: dict[str, Any] = {"valid_from": "115/02/01", "basis": "分層負責明細表115年版"}
    for kind, levels in SHIPPED.items():
        given |= {f"levels-{kind}": list(levels), f"deciding-{kind}": levels[-1]}
    return given | changes


def test_a_change_stands_below_the_table_until_its_day(office: Office) -> None:
    chief = office.client("sec_chief")
    changed = {"levels-plan": ["deputy_director", "sec_chief"], "deciding-plan": "deputy_director"}
    answer = chief.post(PAGE, data=entries(**changed))
    page = office.client("unit_handler.metrology").get(PAGE).get_data(as_text=True)
    assert (answer.status_code, "尚未登錄本機關的分層負責表" in page, "自115/02/01 (日)起" in page) == (
        302,
        True,
        True,
    )


def test_a_refused_table_stays_as_it_was_entered(office: Office) -> None:
    data = entries(**{"levels-plan": ["sec_chief"], "deciding-plan": "", "valid_from": "115/1/1"})
    answer = office.client("sec_chief").post(PAGE, data=data)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert ("請選擇決行層級" in page, "不受影響" in page, 'value="115/1/1"' in page) == (True, True, True)


def test_a_role_that_signs_nothing_is_refused(office: Office) -> None:
    data = entries(**{"levels-plan": ["registry"], "deciding-plan": "registry"})
    answer = office.client("sec_chief").post(PAGE, data=data)
    assert (answer.status_code, "此角色不在簽核層級中" in answer.get_data(as_text=True)) == (422, True)


def test_what_is_no_date_is_told_beside_the_date(office: Office) -> None:
    answer = office.client("sec_chief").post(PAGE, data=entries(valid_from="soon"))
    assert (answer.status_code, 'id="e-valid_from"' in answer.get_data(as_text=True)) == (422, True)


def test_whoever_may_not_change_it_gets_no_form(office: Office) -> None:
    assert "f-valid_from" not in office.client("director").get(PAGE).get_data(as_text=True)
