"""Every text that people read is there in Chinese, with the same fields, set as Chinese is set."""

import re
from collections import Counter
from string import Formatter

import pytest
from babel.messages.pofile import read_po

from engine.settings import WORKFLOWS
from tests.webapp.definition_texts import definition_texts
from webapp.catalogue import DEFINITIONS, ROOT, TRANSLATIONS, MsgId, translations_of, used_msgids
from webapp.locale import CHINESE, ENGLISH, LOCALES

HAN = r"[㐀-鿿]"
NOT_TAIWAN = ("登录", "账号", "帐号", "用戶", "軟件", "數據", "網絡", "信息", "默認", "本局", "確定")


def words_of(text: MsgId) -> str:
    return text if isinstance(text, str) else "\n".join(text)


def fields_of(text: str) -> list[str]:
    """The fields of a text: %(name)s of gettext and {name} of the engine's templates."""
    named = re.findall(r"%\((\w+)\)", text)
    return sorted({*named, *(name for _, name, _, _ in Formatter().parse(text) if name)})


CHINESE_TEXTS = translations_of(CHINESE)


def test_every_msgid_has_a_chinese_text() -> None:
    untranslated = [msgid for msgid in used_msgids() if not words_of(CHINESE_TEXTS.get(msgid, "")).strip()]
    assert untranslated == []


def test_no_text_is_kept_that_nobody_uses() -> None:
    assert set(CHINESE_TEXTS) - used_msgids() == set()


def test_no_msgid_stands_twice() -> None:
    """Of two texts the first would be shown, whatever the second says."""
    text = (TRANSLATIONS / CHINESE / "LC_MESSAGES" / "messages.po").read_text(encoding="utf-8")
    found = Counter(re.findall(r'^msgid (".+")$', text, re.MULTILINE))
    assert [msgid for msgid, count in found.items() if count > 1] == []


def test_english_changes_only_texts_that_exist() -> None:
    assert set(translations_of(ENGLISH)) - used_msgids() == set()


def test_every_text_of_a_diagram_or_form_has_an_english_text() -> None:
    known = translations_of(ENGLISH, DEFINITIONS)
    untranslated = sorted(text for text in definition_texts(WORKFLOWS) if not known.get(text))
    assert untranslated == []  # give them a text in webapp/translations/en/LC_MESSAGES/definitions.po


def test_no_english_text_is_kept_for_a_definition_that_nobody_uses() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "engine").rglob("*.py"))
    unused = set(translations_of(ENGLISH, DEFINITIONS)) - definition_texts(WORKFLOWS)
    assert [text for text in unused if words_of(text) not in code] == []


@pytest.mark.parametrize("locale", LOCALES)
def test_a_catalogue_compiles_without_a_fault(locale: str) -> None:
    with (TRANSLATIONS / locale / "LC_MESSAGES" / "messages.po").open("rb") as source:
        faults = [(message.id, str(fault)) for message, found in read_po(source).check() for fault in found]
    assert faults == []


def test_a_translation_has_the_fields_of_its_msgid() -> None:
    changed = [
        msgid
        for msgid, text in CHINESE_TEXTS.items()
        if fields_of(words_of(msgid)) != fields_of(words_of(text))
    ]
    assert changed == []


@pytest.mark.parametrize(
    ("rule", "pattern"),
    [
        ("a half-width mark beside Chinese", rf"{HAN}[,;:!?()]|[,;!?()]{HAN}"),
        ("a typed space between Chinese and a digit or letter", rf"{HAN} [0-9%{{]|[0-9}}] {HAN}"),
        ("an exclamation mark", "[!！]"),
        ("an ellipsis of dots", r"\.\.\."),
    ],
)
def test_chinese_texts_keep_the_rules_of_typesetting(rule: str, pattern: str) -> None:
    # The name of the product stands apart like a name before its title.
    broken = [
        text for text in CHINESE_TEXTS.values() if re.search(pattern, words_of(text).replace("<!DOCTYPE", ""))
    ]
    assert (rule, broken) == (rule, [])


def test_chinese_texts_use_the_words_and_the_script_of_taiwan() -> None:
    text = "\n".join(map(words_of, CHINESE_TEXTS.values()))
    assert [word for word in NOT_TAIWAN if word in text] == []
