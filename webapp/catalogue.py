"""The texts that people read: which msgids the code uses, and the catalogue that translates them.

`python -m webapp.catalogue` writes new msgids (untranslated) into the Chinese catalogue and compiles what is
there; with `--prune` it drops those that nobody uses any more. A test refuses a msgid without a translation.
"""

import ast
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from webapp.locale import LOCALES

ROOT = Path(__file__).parent.parent
TRANSLATIONS = ROOT / "webapp" / "translations"
METHODS = [("**/templates/**.html", "jinja2"), ("**.py", "python")]
KEYWORDS = {**DEFAULT_KEYWORDS, "lazy_gettext": None, "say": None}
OPTIONS = {"**/templates/**.html": {"trimmed": "true", "silent": "false"}}
DEFINITIONS = "definitions"  # Chinese texts of diagrams and forms, translated into English by hand
WIDTH = 110
READABLE = 0o644

MsgId = str | tuple[str, ...]

# The engine knows no gettext: there, a sentence in the code is a sentence for people. These are not.
SENTENCE = re.compile(r"([A-Z][a-z’]* |“?\{\w+\}”? [a-z]).+", re.DOTALL)
FOR_PROGRAMMERS = frozenset(
    {"ValueError", "TypeError", "RuntimeError", "AssertionError", "LookupError", "KeyError"}
)
ERRORS = frozenset({"EngineError", "NotFound", "NotPermitted", "Conflict", "Invalid", "ProcessFailed"})
WITH_KIND = frozenset({"NotFound", "AlreadyThere"})
SILENT_ROOMS = (
    "engine/settings.py",
    "engine/backup.py",
    "engine/demo/",
    "engine/store/migrations/",
    "engine/jobs/",
)


def used_msgids() -> set[MsgId]:
    """Every msgid of the templates, the web code and the engine's messages."""
    found = extract_from_dir(ROOT / "webapp", METHODS, OPTIONS, KEYWORDS)
    web = {msgid if isinstance(msgid, str) else tuple(msgid) for _, _, msgid, _, _ in found}
    return web | _field_faults() | engine_sentences()


def _field_faults() -> set[MsgId]:
    """The faults of fields that the web and the demo find: `FieldError(path=…, template="…")`."""
    paths = (path for room in ("webapp", "engine/demo") for path in (ROOT / room).rglob("*.py"))
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in paths)
    return {
        keyword.value.value
        for tree in trees
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "FieldError"
        for keyword in call.keywords
        if keyword.arg == "template"
        and isinstance(keyword.value, ast.Constant)
        and isinstance(keyword.value.value, str)
    }


def engine_sentences() -> set[MsgId]:
    """The sentences in the engine's code, and the docstrings of its errors, which are their messages."""
    sentences: set[MsgId] = set()
    for path in sorted((ROOT / "engine").rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if not name.startswith(SILENT_ROOMS):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            sentences.update(_error_messages(tree))
            sentences.update(_sentences(tree))
            sentences.update(_kinds(tree))
    return sentences


def _error_messages(tree: ast.Module) -> Iterator[str]:
    """The docstrings of errors, wherever they are declared."""
    for statement in tree.body:
        if isinstance(statement, ast.ClassDef) and not ERRORS.isdisjoint(
            (statement.name, *map(_name, statement.bases))
        ):
            yield (ast.get_docstring(statement) or "").strip()


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def _kinds(tree: ast.Module) -> Iterator[str]:
    """What a message says there is none of: the word behind `kind` of NotFound and AlreadyThere."""
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in WITH_KIND:
            for keyword in call.keywords:
                if keyword.arg == "kind" and isinstance(keyword.value, ast.Constant):
                    yield str(keyword.value.value)


def _sentences(node: ast.AST) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Expr | ast.JoinedStr) and not _is_call(child):
            continue  # docstrings; and no message is put together from pieces
        if isinstance(child, ast.Raise) and _raised(child) in FOR_PROGRAMMERS:
            continue
        if (
            isinstance(child, ast.Constant)
            and isinstance(child.value, str)
            and SENTENCE.fullmatch(child.value)
        ):
            yield child.value
        yield from _sentences(child)


def _is_call(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant)


def _raised(statement: ast.Raise) -> str:
    called = statement.exc.func if isinstance(statement.exc, ast.Call) else statement.exc
    return called.id if isinstance(called, ast.Name) else ""


def catalogue_of(locale: str, domain: str = "messages") -> Catalog:
    """The catalogue of a language as it stands in the tree."""
    with _po(locale, domain).open("rb") as text:
        return read_po(text, locale=locale)


def translations_of(locale: str, domain: str = "messages") -> dict[MsgId, MsgId]:
    """What a language says for each msgid; empty where it says nothing."""
    found = catalogue_of(locale, domain)
    return {_plain(message.id): _plain(message.string) for message in found if message.id}


def reconcile(*, prune: bool = False) -> list[str]:
    """Bring the Chinese catalogue up to the code, compile every language; gives the msgids without a text.

    Texts that nobody uses stay unless `prune` is said: somebody may be about to use them.
    """
    used = used_msgids()
    chinese, english = LOCALES
    known = translations_of(chinese)
    catalogue = Catalog(locale=chinese, project="planflow", charset="utf-8", fuzzy=False)
    for msgid in sorted(used if prune else used | known.keys(), key=str):
        catalogue.add(msgid, known.get(msgid) or None)
    with _replacing(_po(chinese)) as text:
        write_po(text, catalogue, width=WIDTH, omit_header=False, sort_output=True)
    for locale, domain in ((chinese, "messages"), (english, "messages"), (english, DEFINITIONS)):
        with _replacing(_po(locale, domain).with_suffix(".mo")) as compiled:
            write_mo(compiled, catalogue_of(locale, domain))
    return [str(msgid) for msgid in sorted(used, key=str) if not _is_translated(known.get(msgid))]


@contextmanager
def _replacing(path: Path) -> Iterator[IO[bytes]]:
    """Write a file beside and put it in its place at once: nobody ever reads half a catalogue."""
    with NamedTemporaryFile(dir=path.parent, prefix=path.name, delete=False) as new:
        yield new
    Path(new.name).chmod(READABLE)
    Path(new.name).replace(path)


def _plain(text: str | list[str] | tuple[str, ...] | None) -> MsgId:
    return tuple(text) if isinstance(text, list | tuple) else text or ""


def _is_translated(text: MsgId | None) -> bool:
    return bool(text) and (isinstance(text, str) or all(text or ()))


def _po(locale: str, domain: str = "messages") -> Path:
    return TRANSLATIONS / locale / "LC_MESSAGES" / f"{domain}.po"


if __name__ == "__main__":
    import sys

    missing = reconcile(prune="--prune" in sys.argv)
    sys.stdout.write("".join(f"{msgid}\n" for msgid in missing))
    sys.exit(1 if missing else 0)
