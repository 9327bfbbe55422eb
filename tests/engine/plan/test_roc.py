from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.plan.roc import format_roc, normalise_spaces, parse_roc, roc_to_ad_year, roc_year
from engine.plan.rule_error import PlanRuleError

ROC_DATES = st.dates(min_value=date(1912, 1, 1), max_value=date(2910, 12, 31))


@pytest.mark.parametrize(
    ("style", "text"),
    [
        ("list", "114/01/24"),
        ("list_weekday", "114/01/24 (五)"),
        ("short_weekday", "01/24 (五)"),
        ("document", "114年1月24日"),
    ],
)
def test_each_style_shows_the_day_of_enactment(style, text):
    assert format_roc(date(2025, 1, 24), style) == text


@pytest.mark.parametrize(
    "text",
    [
        "1140124",
        "114/1/24",
        "114/01/24",
        "114.1.24",
        "114-01-24",
        "114年1月24日",
        "114 年 1 月 24 日",
        " 114 / 1 / 24 ",
        "１１４年１月２４日",
        "2025-01-24",
    ],
)
def test_every_way_of_typing_gives_the_same_day(text):
    assert parse_roc(text) == date(2025, 1, 24)


@pytest.mark.parametrize(
    "text",
    [
        "114",
        "114/13/1",
        "1140230",
        "114/1-24",
        "0/1/1",
        "0000101",
        "2025/1/24",
        "2025-02-30",
        "明天",
        "114年1月24",
    ],
)
def test_what_is_no_date_is_refused(text):
    with pytest.raises(PlanRuleError) as refusal:
        parse_roc(text)
    assert refusal.value.template == "{text} is not a date of the ROC calendar"
    assert refusal.value.params == {"text": text}


@pytest.mark.parametrize("text", ["", " ", "\u3000"])
def test_where_nothing_was_entered_the_date_is_asked_for(text):
    with pytest.raises(PlanRuleError) as refusal:
        parse_roc(text)
    assert (refusal.value.template, refusal.value.params) == ("Enter a date, such as 114/1/24", {})


def test_refusal_reads_as_a_sentence_and_is_a_value_error():
    refusal = PlanRuleError("{text} is not a date of the ROC calendar", text="明天")
    assert str(refusal) == "明天 is not a date of the ROC calendar"
    assert isinstance(refusal, ValueError)


@pytest.mark.parametrize("style", ["list", "document"])
@given(on=ROC_DATES)
def test_what_is_shown_can_be_typed_again(style, on):
    assert parse_roc(format_roc(on, style)) == on


@given(on=ROC_DATES)
def test_iso_dates_are_read_as_they_are(on):
    assert parse_roc(on.isoformat()) == on


@given(on=ROC_DATES)
def test_year_goes_to_ad_and_back(on):
    assert roc_to_ad_year(roc_year(on)) == on.year


def test_dates_before_the_calendar_are_refused():
    with pytest.raises(PlanRuleError, match="1911-12-31 is before the first year of the ROC calendar"):
        roc_year(date(1911, 12, 31))


def test_year_zero_is_refused():
    with pytest.raises(PlanRuleError, match="0 is not a year of the ROC calendar"):
        roc_to_ad_year(0)


@pytest.mark.parametrize(
    ("copied", "clean"),
    [
        ("114 年 1 月 24 日", "114年1月24日"),
        ("校正 120 具、9 站", "校正120具、9站"),
        ("第\u300011490000470\u00a0號", "第11490000470號"),
        ("AI 推廣 3 件", "AI 推廣3件"),
        ("QR Code 2 items", "QR Code 2 items"),
        ("10 20", "10 20"),
    ],
)
def test_stray_blanks_beside_digits_vanish(copied, clean):
    assert normalise_spaces(copied) == clean


@given(st.text(alphabet="年月日具1２ a\u3000（", max_size=30))
def test_cleaning_twice_changes_nothing_more(text):
    assert normalise_spaces(normalise_spaces(text)) == normalise_spaces(text)
