"""The yearly table as the government publishes it."""

from datetime import date, timedelta

import pytest

from engine.plan.calendar_csv import year_and_table
from engine.plan.rule_error import PlanRuleError

HEAD = "西元日期,星期,是否放假,備註\n"


def published(*, off: set[date], worked: set[date], encoding: str = "utf-8-sig", year: int = 2026) -> bytes:
    lines = []
    on = date(year, 1, 1)
    while on.year == year:
        is_off = on in off or (on.weekday() >= 5 and on not in worked)
        lines.append(f"{on:%Y%m%d},{'一二三四五六日'[on.weekday()]},{2 if is_off else 0},\n")
        on += timedelta(days=1)
    return (HEAD + "".join(lines)).encode(encoding)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "big5"])
def test_weekdays_off_and_weekend_days_worked_are_what_counts(encoding: str) -> None:
    table = published(off={date(2026, 1, 1)}, worked={date(2026, 2, 7)}, encoding=encoding)
    assert year_and_table(table) == (2026, {"holidays": ["2026-01-01"], "workdays": ["2026-02-07"]})


@pytest.mark.parametrize(
    ("body", "template"),
    [
        (HEAD.encode() + b"20260101,,1,\n", "Line {line} of the table cannot be read"),
        (HEAD.encode() + b"2026-1-1,,2,\n", "Line {line} of the table cannot be read"),
        (b"a,b\n1,2\n", "Line {line} of the table cannot be read"),
        (HEAD.encode(), "The table must hold the days of one year"),
        (HEAD.encode() + b"20260101,,2,\n20270101,,2,\n", "The table must hold the days of one year"),
        (HEAD.encode() + b"20260101,,2,\n", "The table of {year} holds {count} days"),
        (b"\xff\xff\xff", "The table is neither UTF-8 nor Big5 text"),
    ],
    ids=[
        "unknown mark",
        "wrong date",
        "other columns",
        "empty",
        "two years",
        "days missing",
        "other encoding",
    ],
)
def test_a_table_that_cannot_be_read_is_refused(body: bytes, template: str) -> None:
    with pytest.raises(PlanRuleError) as refused:
        year_and_table(body)
    assert refused.value.template == template
