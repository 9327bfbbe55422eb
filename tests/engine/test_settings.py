from pathlib import Path

import pytest

from engine.settings import WORKFLOWS, Settings

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")


@pytest.mark.parametrize("name", Settings.model_fields)
def test_the_readme_lists_every_setting_with_its_default_and_meaning(name: str) -> None:
    field = Settings.model_fields[name]
    default = getattr(field.default, "get_secret_value", lambda: field.default)()
    shown = f"`{default}`" if default not in (None, "") else ""
    assert f"| `PLANFLOW_{name.upper()}` | {shown} | {field.description} |" in README


def test_the_shipped_workflows_are_found() -> None:
    assert (WORKFLOWS / "forms").is_dir()
