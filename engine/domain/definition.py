"""Definitions: the files of a deployment and what the engine knows of their elements."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from engine.domain.canonical import digest_of


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """One file of a deployment, named as in it: `forms/plan_drafting.compile_plan.json`."""

    name: str
    body: bytes

    @property
    def digest(self) -> bytes:
        return sha256(self.body).digest()


def deployment_digest(files: tuple[SourceFile, ...]) -> bytes:
    """One digest for a set of files, whatever their order."""
    return digest_of(sorted([f.name, f.digest.hex()] for f in files))


@dataclass(frozen=True, slots=True, kw_only=True)
class FormDefinition:
    """A form of `forms/<process>.<element>.json`; see the README for the format."""

    key: str
    title: str
    schema: dict[str, Any]
    ui: dict[str, Any]
    inputs: tuple[str, ...]
    variables: tuple[str, ...]
    prefill: str | None
    check: str | None
    on_complete: str | None
    digest: str

    def decides(self, inputs: Mapping[str, Any]) -> bool:
        """True where completing a task with these inputs takes the decision (決行), as its `ui` says.

        `decides` is true, or names the input that tells it: `next_level.last`.
        """
        told = self.ui.get("decides", False)
        if not isinstance(told, str):
            return bool(told)
        name, _, part = told.partition(".")
        value = inputs.get(name)
        return bool(value.get(part) if part and isinstance(value, dict) else value)


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementDefinition:
    """A flow node of a process as people see it."""

    id: str
    kind: str
    name: str
    process_key: str
    line: int
    lane: str = ""
    role: str | None = None
    form: str | None = None
    activity: str | None = None
    calls: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessDefinition:
    """One executable process of a deployment."""

    key: str
    name: str
    file: str
    version: int
    agency: str
    starters: tuple[str, ...]
    start_form: str | None
    start_message: str | None
    restricted_to: tuple[str, ...] = ()
    elements: dict[str, ElementDefinition] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """A set of files with one digest; instances stay on the deployment on which they started."""

    id: int
    digest: bytes
    files: tuple[SourceFile, ...]
