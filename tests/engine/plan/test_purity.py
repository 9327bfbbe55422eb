import ast
import sys
from pathlib import Path

import engine.plan

ROOM = Path(engine.plan.__path__[0])


def imported(source: Path) -> set[str]:
    names: set[str] = set()
    for statement in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(statement, ast.Import):
            names |= {alias.name for alias in statement.names}
        elif isinstance(statement, ast.ImportFrom) and statement.module:
            names.add(statement.module)
    return names


def test_the_plan_imports_only_itself_and_the_standard_library():
    foreign = {
        (source.name, name)
        for source in ROOM.glob("*.py")
        for name in imported(source)
        if not name.startswith("engine.plan") and name.split(".")[0] not in sys.stdlib_module_names
    }
    assert foreign == set()
