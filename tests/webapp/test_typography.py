"""Templates carry English msgids only, use icons that exist, and neither styles nor scripts of their own."""

import re
from pathlib import Path

import pytest

import webapp

ROOT = Path(webapp.__file__).parent
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
ICONS = set((ROOT / "static" / "icons.txt").read_text(encoding="utf-8").split())
STYLES = (ROOT / "static" / "planflow.css").read_text(encoding="utf-8")


def source(template: Path) -> str:
    return re.sub(r"\{#.*?#\}", "", template.read_text(encoding="utf-8"), flags=re.DOTALL)


@pytest.mark.parametrize(
    "template", TEMPLATES, ids=lambda path: path.relative_to(ROOT / "templates").as_posix()
)
@pytest.mark.parametrize(
    "forbidden",
    [
        r"[㐀-鿿]",
        r"\sstyle=",
        r"\son[a-z]+=\"",
        r"<style",
        r"javascript:",
        r"data:",
        r"<script(?![^>]* src=)",
        r"\|safe\b",
        r"form-select|form-check|btn-close",
        r"(?:src|href|action)=\"https?://",
    ],
    ids=[
        "chinese",
        "style",
        "handler",
        "style element",
        "javascript",
        "data uri",
        "inline script",
        "safe",
        "bootstrap",
        "remote",
    ],
)
def test_a_template_is_free_of(template: Path, forbidden: str) -> None:
    assert re.findall(forbidden, source(template)) == []


def test_every_icon_that_a_template_names_is_in_the_sprite() -> None:
    named = {name for path in TEMPLATES for name in re.findall(r"icon\([\"']([a-z0-9-]+)[\"']", source(path))}
    assert named - ICONS == set()


def test_every_status_has_an_icon_of_the_sprite() -> None:
    from webapp.status import STATUS_MARKS

    assert {mark.icon for mark in STATUS_MARKS.values()} - ICONS == set()


def test_colours_come_only_from_tokens() -> None:
    tokens = re.search(r":root \{.*?\n\}", STYLES, re.DOTALL)
    assert tokens is not None
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b", STYLES.replace(tokens.group(), "")) == []


def test_nothing_moves_by_itself() -> None:
    assert re.findall(r"@keyframes|animation:|transition: (?!none)", STYLES) == []
