"""The approver's page: verbs, what exactly is signed, and what was said before."""

from tests.webapp.tasks.house import House
from tests.webapp.tasks.test_page import Browser, recorded, soup, valid_entries


def to_signing(house: House) -> Browser:
    Browser(house, "wang", house.task_id()).press("complete", **valid_entries())
    return Browser(house, "chen", house.task_id("sign"))


def test_the_verbs_are_the_choices_of_the_decision(house: House) -> None:
    page = soup(to_signing(house).page)
    assert [label.text for label in page.select(".verbs label")] == ["核可", "退件"]


def test_what_is_signed_is_named_by_a_short_digest_and_the_whole_one(house: House) -> None:
    page = soup(to_signing(house).page)
    short = page.select_one(".exact .digest").text  # type: ignore[union-attr]
    whole = page.select_one("[name=_shown_digest]")["value"]  # type: ignore[index]
    assert short.replace(" ", "") == str(whole)[:12]


def test_phrases_are_offered_for_the_opinion(house: House) -> None:
    page = soup(to_signing(house).page)
    assert [b.text for b in page.select("[data-phrases=opinion] button")] == ["如擬", "可", "修正後發"]


def test_a_return_needs_its_reason(house: House) -> None:
    browser = to_signing(house)
    answer = browser.press("complete", decision="return", opinion="請補正")
    assert (answer.status_code, [f[:4] for f in browser.faults()]) == (422, ["退件原因"])


def test_the_reason_of_a_return_is_dropped_when_the_verb_is_another(house: House) -> None:
    to_signing(house).press("complete", decision="approve", opinion="如擬", return_reason="incomplete")
    assert recorded(house)[-1] == {"decision": "approve", "opinion": "如擬"}


def test_a_return_is_told_to_the_one_who_corrects(house: House) -> None:
    to_signing(house).press("complete", decision="return", opinion="目標請量化", return_reason="numbers")
    page = soup(Browser(house, "wang", house.task_id()).page)
    said = page.select_one(".says li")
    assert said is not None
    assert [part.text for part in said.select("b, blockquote, .st")] == ["陳志明", "退件", "目標請量化"]


def told_after(house: House, **values: str) -> str:
    """What the page says after signing."""
    signing = to_signing(house)
    signing.press("complete", opinion="如擬", **values)
    note = soup(signing.page).select_one(".said")
    assert note is not None
    return note.get_text(strip=True)


def test_a_return_is_told_as_a_return(house: House) -> None:
    assert told_after(house, decision="return", return_reason="numbers").startswith("已退回：")


def test_an_approval_is_told_as_sent(house: House) -> None:
    assert told_after(house, decision="approve").startswith("已送出：")
