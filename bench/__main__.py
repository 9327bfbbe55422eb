"""python -m bench [NAME...]: run benchmarks and print their figures; exit code 1 when one is not sound."""

import argparse
import json
import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import fields
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from bench.options import Options
from bench.report import Report

NAMES = (
    "completion-http",
    "completion-sqlite",
    "inbox",
    "instance-size",
    "storage",
    "replay",
    "verify",
    "timers",
    "start",
    "outage",
    "load",
)


def main() -> int:
    """Run what was asked for, everything unless told otherwise."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*NAMES, []], metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to a file as well")
    for option in fields(Options):
        flag = "--" + option.name.replace("_", "-")
        parser.add_argument(flag, type=int, default=option.default, help=f"({option.default})")
    given = parser.parse_args()
    options = Options(**{option.name: getattr(given, option.name) for option in fields(Options)})
    reports = [report for name in given.names or NAMES for report in run(name, options)]
    command = f"python -m bench {' '.join(sys.argv[1:])}".rstrip()
    print(command)
    if given.json:
        told = {
            "command": command, "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "python": platform.python_version(), "reports": [report.json() for report in reports],
        }  # fmt: skip
        given.json.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n")
    return 0 if all(report.is_sound for report in reports) else 1


def run(name: str, options: Options) -> Iterator[Report]:
    """One benchmark, each report printed as soon as it is there."""
    benchmark: Callable[[Options], Iterator[Report]] = import_module(f"bench.{name.replace('-', '_')}").run
    for report in benchmark(options):
        print(report.text(), flush=True)
        yield report


if __name__ == "__main__":
    raise SystemExit(main())
