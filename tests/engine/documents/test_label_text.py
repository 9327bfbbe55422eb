from engine.documents.label_text import clean, width_of, wrap


def test_a_short_label_stays_on_one_line() -> None:
    assert wrap("分派提報", width=90, size=13, lines=3) == ["分派提報"]


def test_a_longer_label_breaks_into_lines_of_about_the_same_length() -> None:
    assert wrap("提醒單位承辦人及主管", width=90, size=13, lines=3) == ["提醒單位承辦", "人及主管"]


def test_no_line_is_wider_than_the_shape() -> None:
    text = "經濟部標準檢驗局高雄分局年度提升服務效能執行計畫, version 0.4 of 2026"
    assert max(width_of(line) * 13 for line in wrap(text, width=90, size=13, lines=9)) <= 90


def test_punctuation_never_begins_a_line() -> None:
    assert wrap("一二三四五六，七", width=80, size=13, lines=3) == ["一二三四五", "六，七"]


def test_a_latin_word_is_not_torn_apart() -> None:
    assert wrap("導入planflow系統", width=80, size=13, lines=3) == ["導入", "planflow", "系統"]


def test_a_word_longer_than_a_line_is_broken() -> None:
    assert "".join(wrap("a" * 40, width=80, size=13, lines=9)) == "a" * 40


def test_what_does_not_fit_ends_in_an_ellipsis() -> None:
    assert wrap("一二三四五六七八九十", width=40, size=13, lines=2) == ["一二三", "四五…"]


def test_no_text_gives_no_lines() -> None:
    assert wrap("", width=40, size=13, lines=2) == []


def test_characters_that_xml_cannot_hold_are_dropped() -> None:
    assert clean("a\x00b\x1f c\n d\ud800") == "ab c d"
