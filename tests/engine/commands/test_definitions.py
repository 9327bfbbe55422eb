"""Deploying: who may, what is refused, and what a later deployment leaves alone."""

from dataclasses import replace

import pytest

from bench import approval_15
from engine.commands import definitions
from engine.domain.definition import SourceFile
from engine.domain.identity import SYSTEM
from engine.errors import DeploymentRefused, NotPermitted
from tests.engine.commands.office import Office

FORM = "forms/approval_15.draft.json"


def shipped() -> tuple[SourceFile, ...]:
    paths = sorted(path for path in approval_15.WORKFLOWS.rglob("*") if path.is_file())
    return tuple(
        SourceFile(name=path.relative_to(approval_15.WORKFLOWS).as_posix(), body=path.read_bytes())
        for path in paths
    )


def changed(name: str, old: bytes, new: bytes) -> tuple[SourceFile, ...]:
    assert old in next(file.body for file in shipped() if file.name == name)
    return tuple(
        replace(file, body=file.body.replace(old, new)) if file.name == name else file for file in shipped()
    )


def test_only_administrators_deploy(office: Office) -> None:
    with pytest.raises(NotPermitted):
        office.engine.execute(office.actor("head"), definitions.deploy, shipped())


def test_the_same_files_are_the_same_deployment(office: Office) -> None:
    admin = office.actor("admin")
    first = office.engine.execute(admin, definitions.deploy, shipped())
    assert office.engine.execute(admin, definitions.deploy, shipped()) == first


def test_function_that_nobody_wrote_is_refused(office: Office) -> None:
    files = changed(FORM, b'"title":', b'"prefill": "magic.values", "title":')
    with pytest.raises(DeploymentRefused) as refusal:
        office.engine.execute(office.actor("admin"), definitions.deploy, files)
    assert [(f.file, f.rule, f.params["name"]) for f in refusal.value.findings] == [
        (FORM, "unknown_hook", "magic.values")
    ]


def test_running_instance_keeps_its_deployment(office: Office) -> None:
    draft = office.start()
    label = draft.label.encode()
    files = changed("approval_15.bpmn", label, "擬稿新名".encode())
    newer = office.engine.execute(office.actor("admin"), definitions.deploy, files)
    assert office.start(2).label == "擬稿新名"
    reports = office.complete(office.clerk, draft).next_tasks
    assert len(reports) == 15
    kept = office.engine.ask(SYSTEM, lambda reader: reader.instances.get(draft.instance_id))
    assert kept.deployment_id < newer
