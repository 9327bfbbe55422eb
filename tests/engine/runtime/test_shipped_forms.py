"""What the shipped forms promise, they keep."""

import json

from engine.settings import WORKFLOWS


def test_every_quick_phrase_is_long_enough_for_its_field() -> None:
    refused = []
    for path in sorted((WORKFLOWS / "forms").glob("*.json")):
        form = json.loads(path.read_text(encoding="utf-8"))
        for name, phrases in form.get("ui", {}).get("phrases", {}).items():
            shortest = form["schema"]["properties"][name].get("minLength", 0)
            refused += [(path.name, phrase) for phrase in phrases if len(phrase) < shortest]
    assert refused == []
