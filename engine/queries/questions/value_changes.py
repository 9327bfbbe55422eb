"""What differs between two entries of one form, field by field, in the words of the form."""

from collections.abc import Iterator, Mapping
from typing import Any

from engine.domain.form_fields import Field, field_at, fields_of, label_of
from engine.queries.questions.answer import Part, Term, Words
from engine.queries.questions.trail import Trail
from engine.store.unit_of_work import Reader

MOST_LINES, MOST_CHARACTERS = 40, 200
YES, NO = "是", "否"


def form_fields(reader: Reader, trail: Trail, stream: int, process: str, element: str) -> tuple[Field, ...]:
    """The fields of the form that an element of an instance shows; none where it has no form."""
    instance = trail.scene.around[stream]
    parsed = reader.definitions.parsed(instance.deployment_id)
    known = parsed.processes.get(process)
    found = known.elements.get(element) if known else None
    form = parsed.forms.get(found.form or "") if found else None
    return fields_of(form) if form else ()


def value_changes(fields: tuple[Field, ...], before: Any, after: Any) -> Iterator[Part]:
    """One line for each entry that differs; no more of them than anybody reads."""
    earlier, later = dict(_flat(before, "")), dict(_flat(after, ""))
    paths = [*later, *(path for path in earlier if path not in later)]
    differing = [path for path in paths if earlier.get(path) != later.get(path)]
    for path in differing[:MOST_LINES]:
        texts = [_shown(fields, path, values.get(path)) for values in (earlier, later)]
        yield change_line(label_of(fields, path), *texts)
    if len(differing) > MOST_LINES:
        more = len(differing) - MOST_LINES
        yield Part(Words(template="Further changes: {more}", params={"more": more}))


def change_line(label: str, before: str | None, after: str | None) -> Part:
    """What changed, in one line; long texts are cut, the history keeps them whole."""
    params = {"label": Term(label), "before": _cut(before), "after": _cut(after)}
    return Part(Words(template="Changed {label}: {before} → {after}", params=params))


def _cut(text: str | None) -> str:
    whole = text or "–"
    return whole if len(whole) <= MOST_CHARACTERS else f"{whole[:MOST_CHARACTERS]}…"


def _flat(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Every single entry with its path; files by their digest and name, lists of choices as one entry."""
    if isinstance(value, Mapping):
        if "digest" in value and "name" in value:
            yield path, f"{value['name']} {str(value['digest'])[:12]}"
            return
        for name, inner in value.items():
            yield from _flat(inner, f"{path}/{name}" if path else name)
    elif isinstance(value, list) and any(isinstance(each, Mapping) for each in value):
        for index, inner in enumerate(value):
            yield from _flat(inner, f"{path}/{index}")
    elif value not in (None, "", []):
        yield path, tuple(value) if isinstance(value, list) else value


def _shown(fields: tuple[Field, ...], path: str, value: Any) -> str | None:
    if value is None:
        return None
    field = field_at(fields, path)
    labels = {str(known): label for known, label in field.choices} if field else {}
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, tuple):
        return "、".join(labels.get(str(each), str(each)) for each in value)
    return labels.get(str(value), str(value))
