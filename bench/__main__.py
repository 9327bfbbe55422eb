"""python -m bench NAME...: run benchmarks and print their figures; the exit code is 1 when a proof failed."""

import argparse
import sys

from bench import completion_http, completion_sqlite
from bench.report import Report

NAMES = ("completion-sqlite", "completion-http")


def main() -> int:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="+", choices=NAMES, metavar="NAME", help=" or ".join(NAMES))
    parser.add_argument("--instances", type=int, default=200, help="process instances per round (200)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of completion-sqlite (3)")
    parser.add_argument("--clients", type=int, default=8, help="clients of completion-http (8)")
    given = parser.parse_args()
    reports = [report for name in given.names for report in run(name, given)]
    print(f"python -m bench {' '.join(sys.argv[1:])}")
    return 1 if any(report.proof.bad for report in reports) else 0


def run(name: str, given: argparse.Namespace) -> list[Report]:
    """One benchmark, printed as soon as it is done."""
    if name == "completion-sqlite":
        reports = [completion_sqlite.run(given.instances, given.rounds)]
    else:
        reports = []
        for mix in (False, True):
            reports.append(completion_http.run(given.instances, given.clients, mix=mix))
    for report in reports:
        print(report.text(), flush=True)
    return reports


if __name__ == "__main__":
    raise SystemExit(main())
