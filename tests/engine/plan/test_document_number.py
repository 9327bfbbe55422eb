from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.plan.document_number import DocumentNumber, parse_document_number
from engine.plan.rule_error import PlanRuleError
from engine.plan.vocabulary import LETTER_KINDS

ENACTING = DocumentNumber(prefix="經標高秘字", number="11490000470", kind="函")


def test_number_is_quoted_as_in_letters():
    assert ENACTING.format() == "經標高秘字第11490000470號函"


@pytest.mark.parametrize("text", ["經標高秘字第11490000470號函", "經標高秘字 第 11490000470 號 函"])
def test_quoted_number_is_read(text):
    assert parse_document_number(text) == ENACTING


def test_kind_is_a_letter_when_none_is_given():
    assert parse_document_number("院授發社字第1061300008號") == DocumentNumber(
        prefix="院授發社字", number="1061300008"
    )


@given(
    st.text(alphabet="經標高秘字院授發社綜", min_size=1, max_size=10),
    st.from_regex(r"[0-9]{10,11}", fullmatch=True),
    st.sampled_from(LETTER_KINDS),
)
def test_quoting_and_reading_are_inverse(prefix, number, kind):
    value = DocumentNumber(prefix=prefix, number=number, kind=kind)
    assert parse_document_number(value.format()) == value


@pytest.mark.parametrize("prefix", ["", "ABC", "經標 秘字", "經" * 11])
def test_prefix_must_be_chinese_characters(prefix):
    with pytest.raises(PlanRuleError, match="is not a document prefix of 1 to 10 Chinese characters"):
        DocumentNumber(prefix=prefix, number="11490000470")


@pytest.mark.parametrize("number", ["", "114900004", "114900004700", "1149000047A", "１１４９００００４７０"])
def test_number_must_have_10_or_11_digits(number):
    with pytest.raises(PlanRuleError, match="is not a document number of 10 or 11 digits"):
        DocumentNumber(prefix="經標高秘字", number=number)


def test_unknown_kind_is_refused():
    with pytest.raises(PlanRuleError, match="信 is not a kind of letter"):
        DocumentNumber(prefix="經標高秘字", number="11490000470", kind="信")


@pytest.mark.parametrize("text", ["", "11490000470", "經標高秘字第號函"])
def test_text_without_the_form_is_refused(text):
    with pytest.raises(PlanRuleError, match="is not a document number"):
        parse_document_number(text)


@pytest.mark.parametrize(("on", "differs"), [(date(2025, 1, 24), False), (date(2024, 12, 31), True)])
def test_first_digits_are_compared_with_the_year_of_the_letter(on, differs):
    assert ENACTING.year_differs(on) is differs
