"""Which agency a name means, whole or short."""

import pytest

from engine.plan.agency_names import agency_called, is_same_agency

BUREAU = "經濟部標準檢驗局"
BRANCH = "經濟部標準檢驗局高雄分局"
OTHER = "經濟部標準檢驗局臺南分局"
KNOWN = (BUREAU, BRANCH, OTHER)


@pytest.mark.parametrize(
    "name",
    [
        BRANCH, f" {BRANCH} ", "經濟部 標準檢驗局 高雄分局", "經濟部\u3000標準檢驗局\u3000高雄分局",
        "標準檢驗局高雄分局", "標檢局高雄分局", "高雄分局", f"{BRANCH}度量衡科", f"{BRANCH}（度量衡科）",
        "標檢局高雄分局・秘書室",
    ],
)  # fmt: skip
def test_an_agency_is_known_by_every_way_to_write_it(name: str) -> None:
    assert agency_called(name, KNOWN) == BRANCH


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        (BUREAU, BUREAU), ("標檢局", BUREAU), ("標準檢驗局第四組", BUREAU), ("台南分局", OTHER),
        ("經濟部", "經濟部"), ("國立臺灣大學", "國立臺灣大學"), ("財政部高雄國稅局", "財政部高雄國稅局"),
        ("國發會", "國家發展委員會"), ("", ""),
    ],
)  # fmt: skip
def test_a_branch_is_another_agency_than_the_one_above_and_than_strangers(name: str, meant: str) -> None:
    assert agency_called(name, KNOWN) == meant


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("高雄分局", BRANCH, True), (BUREAU, BRANCH, False), (OTHER, BRANCH, False),
        ("水利署 第六河川分署", "經濟部水利署第六河川分署", True), ("大學", "國立臺灣大學", False),
        ("台灣大學", "國立臺灣大學", True), ("水利署", "經濟部水利署第六河川分署", False),
    ],
)  # fmt: skip
def test_an_entrant_that_nobody_lists_is_known_by_its_own_name(one: str, other: str, same: bool) -> None:
    assert is_same_agency(one, other, KNOWN) is same
