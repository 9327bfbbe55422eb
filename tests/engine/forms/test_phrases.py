"""The phrases that a form offers can be sent as they are."""

import json
from pathlib import Path

import pytest

from engine.settings import WORKFLOWS

FORMS = sorted((WORKFLOWS / "forms").glob("*.json"))


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_every_offered_phrase_is_long_enough_for_its_field(path: Path) -> None:
    form = json.loads(path.read_text(encoding="utf-8"))
    fields = form["schema"]["properties"]
    refused = [
        phrase
        for name, phrases in form["ui"].get("phrases", {}).items()
        for phrase in phrases
        if len(phrase) < fields[name].get("minLength", 0)
    ]
    assert refused == []
