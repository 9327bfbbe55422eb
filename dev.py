"""Two commands for a fresh checkout, with nothing but Python: `python3 dev.py run` and `python3 dev.py test`.

Both make .venv, install the hashed lock and planflow itself into it, and skip what is already there.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
LOCK = ROOT / "requirements.txt"
STAMP = VENV / ".planflow-stamp"
OLDEST = (3, 11)
ASSETS = ROOT / "webapp" / "static" / "vendor" / ".stamp"


def main() -> int:
    """Do one verb; the exit code is 0 only when all is well."""
    parser = argparse.ArgumentParser(prog="dev.py", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser(
        "run", add_help=False, help="serve the demo on http://127.0.0.1:8000; options go to `planflow demo`"
    )
    verbs.add_parser("test", add_help=False, help="run every check; with options of pytest, only pytest runs")
    verbs.add_parser("install", help="install what is missing")
    given, options = parser.parse_known_args()
    require_python()
    install()
    if given.verb == "run":
        return call(program("planflow"), "demo", *options)
    if given.verb == "test":
        return run_tests(options)
    if options:
        parser.error(f"unknown options: {' '.join(options)}")
    return 0


def require_python(version: tuple[int, ...] = sys.version_info[:3]) -> None:
    """Leave with a plain sentence on a Python that is too old."""
    if version < OLDEST:
        wanted, found = ".".join(map(str, OLDEST)), ".".join(map(str, version))
        leave(f"planflow needs Python {wanted} or newer; this is {found}. Start dev.py with a newer one.")


def install() -> None:
    """Bring .venv up to the lock files; a stamp makes the second run quick."""
    make_venv()
    wanted = digest_of(LOCK, *build_inputs())
    if STAMP.exists() and STAMP.read_text() == wanted and assets_are_there():
        return
    pip = (str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    lock = VENV / ".planflow-lock"
    if not lock.exists() or lock.read_text() != digest_of(LOCK):
        say("Installing the locked dependencies (a few minutes the first time) ...")
        check(*pip, "--require-hashes", "-r", str(LOCK))
        lock.write_text(digest_of(LOCK))
    say("Installing planflow: fetching front-end assets, compiling translations ...")
    check(*pip, "--no-deps", "--no-build-isolation", "-e", str(ROOT))
    STAMP.write_text(wanted)


def assets_are_there() -> bool:
    """False after a build that went without assets, so that the next one fetches them."""
    return ASSETS.exists() or os.environ.get("PLANFLOW_SKIP_ASSETS") == "1"


def build_inputs() -> list[Path]:
    """The files that decide what an install puts into place."""
    named = [
        ROOT / n for n in ("pyproject.toml", "hatch_build.py", "package.json", "package-lock.json", ".npmrc")
    ]
    webapp = ROOT / "webapp"
    catalogues = sorted((webapp / "translations").glob("*/LC_MESSAGES/*.po"))
    return [*named, webapp / "static" / "icons.txt", *catalogues]


def make_venv() -> None:
    """Create .venv; a Debian without python3-venv is told the line that installs it."""
    if PYTHON.exists():
        return
    if importlib.util.find_spec("ensurepip") is None:
        version = ".".join(map(str, sys.version_info[:2]))
        leave(
            "This Python cannot make virtual environments (the module ensurepip is missing).\n"
            f"On Debian or Ubuntu: sudo apt-get install python{version}-venv"
        )
    say(f"Creating {VENV} ...")
    check(sys.executable, "-m", "venv", str(VENV))


def run_tests(options: list[str]) -> int:
    """Style, types, imports, then the tests; all of them run, so that one report tells everything."""
    if options:
        return call(str(PYTHON), "-m", "pytest", *options)
    for part in missing_parts():
        say(f"Missing: {part}")
    checks = {
        "ruff check": (str(PYTHON), "-m", "ruff", "check", "."),
        "ruff format": (str(PYTHON), "-m", "ruff", "format", "--check", "."),
        "mypy": (str(PYTHON), "-m", "mypy"),
        "lint-imports": (program("lint-imports"),),
        "pytest": (str(PYTHON), "-m", "pytest", "-n", "auto", "--maxprocesses", "4"),
    }
    results: dict[str, int] = {}
    for name, command in checks.items():
        say(f"== {name}")
        began = time.monotonic()
        results[name] = call(*command)
        say(
            f"== {name}: {'passed' if results[name] == 0 else 'FAILED'} in {time.monotonic() - began:.0f} s\n"
        )
    failed = [name for name, code in results.items() if code != 0]
    say(f"FAILED: {', '.join(failed)}" if failed else "All checks passed.")
    return 1 if failed else 0


def missing_parts() -> list[str]:
    """What some tests need from the system, with the command that installs it (they skip without it)."""
    missing = []
    if not any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")):
        missing.append("Chromium, for the browser tests. On Debian or Ubuntu: sudo apt-get install chromium")
    if shutil.which("fc-list"):
        fonts = subprocess.run(["fc-list", ":lang=zh-tw"], capture_output=True, text=True, check=False).stdout
        if not fonts.strip():
            missing.append("Chinese fonts, for what browsers draw: sudo apt-get install fonts-noto-cjk")
    return missing


def program(name: str) -> str:
    """The path of a console script of .venv."""
    return str(BIN / (f"{name}.exe" if os.name == "nt" else name))


def digest_of(*paths: Path) -> str:
    """One digest over the names and bytes of files."""
    digest = hashlib.sha256(sys.version.encode())
    for path in paths:
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def call(*command: str) -> int:
    """Run a program of .venv in the checkout and give its exit code; Ctrl-C ends it quietly."""
    try:
        return subprocess.run(command, cwd=ROOT, env=environment(), check=False).returncode
    except KeyboardInterrupt:
        return 130


def check(*command: str) -> None:
    """Run a program that must succeed; leave with its own exit code otherwise."""
    code = call(*command)
    if code != 0:
        leave(f"This command failed with exit code {code}: {' '.join(command)}")


def environment() -> dict[str, str]:
    """The environment of the programs: text is UTF-8 everywhere, and .venv's programs come first."""
    path = os.pathsep.join([str(BIN), os.environ.get("PATH", "")])
    return {**os.environ, "PYTHONUTF8": "1", "PATH": path}


def say(text: str) -> None:
    print(text, flush=True)


def leave(text: str) -> None:
    print(text, file=sys.stderr)
    raise SystemExit(1)


if __name__ == "__main__":
    raise SystemExit(main())
