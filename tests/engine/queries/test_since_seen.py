"""What an approver asked for is found beside what changed."""

import pytest

from engine.queries.since_seen import remark_about


@pytest.mark.parametrize(
    ("path", "label", "opinion", "remark"),
    [
        ("3.2.3.targets", "3.2.3 目標值", "3.2.3實績131具，目標偏低。餘如擬。", "3.2.3實績131具，目標偏低"),
        ("3.2.3.summary", "3.2.3 作法", "請改3.2.30。", ""),
        ("3.2.30.summary", "3.2.30 作法", "請改3.2.3。", ""),
        ("sections.goal", "目標", "目標請補充；依據可。", "目標請補充"),
        ("5.3.2.targets", "5.3.2 目標值", "如擬。", ""),
        ("5.3.2.targets", "5.3.2 目標值", "", ""),
    ],
)
def test_the_sentences_about_a_change_are_found(path: str, label: str, opinion: str, remark: str) -> None:
    assert remark_about(path, label, opinion) == remark
