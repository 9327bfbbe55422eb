"""What a page draws, its own browser posts back: the same values."""

from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from engine.domain.form_fields import FieldKind, fields_of
from tests.engine.forms.sample import sample_form
from webapp.forms import Drawn, draw, read_values
from webapp.forms.entries import clean_text

FIELDS = fields_of(sample_form())
FIRST: dict[str, Any] = {"plan": "115年度計畫", "actions": [{"code": "3.2.3"}, {"code": "5.3.2"}]}
PEOPLE = [("wang", "王怡婷"), ("lin", "林志明")]
UNITS = [("metrology", "度量衡科"), ("ethics", "政風室")]
FILE = {"digest": "ab" * 32, "name": "a.pdf", "size": 3, "media_type": "application/pdf"}

texts = st.text(min_size=1, max_size=40).map(clean_text).filter(bool)
days = st.dates(min_value=date(1912, 1, 1), max_value=date(2910, 12, 31)).map(str)
# Taipei was not always eight hours ahead: its last summer time ended in 1979.
recent = st.dates(min_value=date(1980, 1, 1), max_value=date(2910, 12, 31))
moments = st.tuples(recent, st.times()).map(lambda at: f"{at[0]}T{at[1]:%H:%M:%S}+08:00")
decimals = st.decimals(-(10**6), 10**6, places=2, allow_nan=False).map(str)
rows = st.fixed_dictionaries(
    {},
    optional={
        "summary": texts,
        "target_kind": st.sampled_from(["quantified", "milestone", "narrative"]),
        "value": decimals,
        "milestone_on": days,
        "evidence": st.lists(st.sampled_from(["list", "photo"]), min_size=1, unique=True).map(sorted),
        "creative": st.booleans(),
    },
)
entries = st.fixed_dictionaries(
    {"acknowledged": st.booleans(), "actions": st.lists(rows, max_size=3), "checks": st.just([])},
    optional={
        "applicable": st.booleans(),
        "na_reason": texts,
        "decision": st.sampled_from(["approve", "return"]),
        "doc_date": days,
        "published_at": moments,
        "score": st.integers(-(10**9), 10**9),
        "owner": st.sampled_from([key for key, _ in PEOPLE]),
        "units": st.lists(st.sampled_from([key for key, _ in UNITS]), min_size=1, unique=True),
        "tags": st.lists(texts.filter(lambda t: "\n" not in t), min_size=1, max_size=3),
        "letter": st.fixed_dictionaries({"subject": texts}),
        "attachment": st.just([FILE]),
    },
)


def posted(drawn: tuple[Drawn, ...]) -> list[tuple[str, str]]:
    """What a browser posts of these fields."""
    pairs: list[tuple[str, str]] = []
    for d in drawn:
        if d.field.read_only:
            continue
        for row in d.rows:
            pairs += [(f"{row.name}_row", row.origin), *posted(row.fields)]
        pairs += posted(d.fields)
        pairs += [(f"{d.name}-{i}-digest", f["digest"]) for i, f in enumerate(d.files)]
        if d.options:
            pairs += [(d.name, option.value) for option in d.options if option.chosen]
        elif d.field.kind not in (FieldKind.TABLE, FieldKind.GROUP, FieldKind.FILES):
            pairs.append((d.name, d.text.replace("\n", "\r\n")))
    return [(name, value) for name, value in pairs if value or name.endswith("_row")]


def round_trip(values: dict[str, Any]) -> Any:
    drawn = draw(
        FIELDS, values, first=FIRST, choices={"people": PEOPLE, "units": UNITS}, errors={},
        unfinished=frozenset(), yes_no=("是", "否"),
    )  # fmt: skip
    return read_values(FIELDS, MultiDict(posted(drawn)), first=FIRST, files={FILE["digest"]: FILE})


@settings(max_examples=150, deadline=None)
@given(entries)
def test_values_come_back_as_they_were_drawn(values: dict[str, Any]) -> None:
    reading = round_trip(values)
    units = sorted(values["units"], key=[key for key, _ in UNITS].index) if "units" in values else None
    expected = {**values, "plan": FIRST["plan"], **({"units": units} if units else {})}
    assert (reading.values, reading.errors) == (expected, ())


def test_rows_that_moved_keep_their_read_only_entries() -> None:
    moved = {
        "actions": [{"code": "5.3.2", "summary": "乙"}, {"summary": "新"}, {"code": "3.2.3", "summary": "甲"}]
    }
    assert round_trip(moved).values["actions"] == moved["actions"]
