"""Two sets of entries side by side."""

from engine.domain.form_fields import fields_of
from tests.engine.forms.sample import sample_form
from webapp.forms import compare
from webapp.forms.differences import pieces

FIELDS = fields_of(sample_form())


def test_fields_that_differ_are_told_in_words() -> None:
    before = {"doc_date": "2025-01-24", "decision": "approve", "applicable": True, "doc_no": "1"}
    after = {"doc_date": "2025-01-25", "decision": "return", "applicable": False, "doc_no": "1"}
    found, same = compare(FIELDS, before, after, choices={}, yes_no=("是", "否"))
    assert [(d.label, d.before, d.after) for d in found] == [
        ("本單位適用", "是", "否"),
        ("簽核意見別", "核可", "退件"),
        ("發文日期", "114/01/24", "114/01/25"),
    ]
    assert same == 1


def test_rows_are_compared_in_their_places() -> None:
    before = {"actions": [{"summary": "提供砵碼校正"}]}
    after = {"actions": [{"summary": "提供砝碼校正"}, {"summary": "新"}]}
    found, _ = compare(FIELDS, before, after, choices={}, yes_no=("是", "否"))
    assert [d.label for d in found] == ["作法 1・具體推動作法", "作法 2・具體推動作法"]
    assert [(p.text, p.mark) for p in found[0].before_pieces] == [("提供", ""), ("砵", "del"), ("碼校正", "")]
    assert [(p.text, p.mark) for p in found[0].after_pieces] == [("提供", ""), ("砝", "ins"), ("碼校正", "")]


def test_long_texts_are_shown_whole() -> None:
    assert [p.mark for p in pieces("甲" * 1500, "乙" * 1500)] == ["del", "ins"]
