"""Make the golden file of the version that is released: `python -m tests.histories.make`.

It plays the demo, which takes minutes, and keeps its histories. A version that has a file keeps that one.
"""

import sys
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from engine.clock import FixedClock
from engine.demo.story import make_demo
from engine.engine import Engine
from tests.histories.golden import path_of, save

PASSWORD = "Golden-History-1.0"


def main() -> None:
    """Write the file and say where."""
    released = version("planflow")
    if path_of(released).exists():
        raise SystemExit(f"{path_of(released).name} exists; a golden file is never made again")
    with TemporaryDirectory() as folder:
        clock = FixedClock()
        engine = Engine(f"sqlite:///{Path(folder) / 'demo.db'}", clock)
        make_demo(engine, clock, PASSWORD)
        path = save(engine, released)
        engine.close()
    sys.stdout.write(f"{path.name}\n")


if __name__ == "__main__":
    main()
