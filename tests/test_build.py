import os
import shutil
import tomllib
from pathlib import Path

import pytest

import dev
import hatch_build

ROOT = Path(__file__).parent.parent
CATALOGUE = (
    'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "Sign in"\nmsgstr "登入"\n'
)


def put_catalogue(folder: Path, text: str, at: int) -> Path:
    path = folder / "zh_Hant_TW" / "LC_MESSAGES" / "messages.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    os.utime(path, (at, at))
    return path.with_suffix(".mo")


def test_a_catalogue_is_compiled(tmp_path: Path) -> None:
    compiled = put_catalogue(tmp_path, CATALOGUE, at=1_000)
    hatch_build.compile_translations(tmp_path)
    assert "登入".encode() in compiled.read_bytes()


def test_a_changed_catalogue_is_compiled_again(tmp_path: Path) -> None:
    compiled = put_catalogue(tmp_path, CATALOGUE, at=1_000)
    hatch_build.compile_translations(tmp_path)
    put_catalogue(tmp_path, CATALOGUE.replace("登入", "簽入"), at=int(compiled.stat().st_mtime) + 10)
    hatch_build.compile_translations(tmp_path)
    assert "簽入".encode() in compiled.read_bytes()


def copied_checkout(tmp_path: Path) -> Path:
    for name in (*hatch_build.NPM_FILES, hatch_build.ICON_NAMES):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def test_assets_of_the_present_lock_are_not_fetched_again(tmp_path: Path) -> None:
    root = copied_checkout(tmp_path)
    stamp = root / "webapp" / "static" / "vendor" / ".stamp"
    stamp.parent.mkdir(parents=True)
    stamp.write_text(hatch_build.assets_digest(root))
    hatch_build.fetch_assets(root)
    assert [path.name for path in stamp.parent.iterdir()] == [".stamp"]


@pytest.mark.parametrize("name", [*hatch_build.NPM_FILES, hatch_build.ICON_NAMES])
def test_every_input_of_the_assets_changes_their_digest(tmp_path: Path, name: str) -> None:
    root = copied_checkout(tmp_path)
    before = hatch_build.assets_digest(root)
    with (root / name).open("a") as file:
        file.write("\n")
    assert hatch_build.assets_digest(root) != before


def test_every_asset_comes_with_its_licence() -> None:
    folders = {target.split("/")[0] for target in hatch_build.ASSETS}
    assert {f"{folder}/LICENSE" for folder in folders} <= set(hatch_build.ASSETS)


def test_the_stamp_of_an_install_follows_every_build_input() -> None:
    names = {path.relative_to(ROOT).as_posix() for path in dev.build_inputs()}
    assert {"pyproject.toml", "hatch_build.py", *hatch_build.NPM_FILES, hatch_build.ICON_NAMES} <= names


def test_an_old_python_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        dev.require_python((3, 9, 2))
    assert "planflow needs Python 3.11 or newer; this is 3.9.2." in capsys.readouterr().err


def test_the_build_requirements_are_those_of_the_lock() -> None:
    """`dev.py` builds without isolation, so the lock has to hold what an isolated build would fetch."""
    locked = (ROOT / "requirements.txt").read_text()
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    assert [pin for pin in wanted if f"{pin} " not in locked and f"{pin}\n" not in locked] == []
