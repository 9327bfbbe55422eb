from pathlib import Path

from bench.approval_15 import WORKFLOWS
from tests.webapp.cli.conftest import Cli


def test_a_folder_without_faults_is_told(cli: Cli) -> None:
    result = cli("lint", WORKFLOWS)
    assert (result.exit_code, result.output) == (0, "4 files, no faults.\n")


def test_a_fault_is_named_with_its_file_and_ends_with_1(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "broken.bpmn").write_text("<this is no diagram", "utf-8")
    result = cli("lint", tmp_path)
    assert result.exit_code == 1
    assert result.output.startswith("broken.bpmn:1: ")


def test_a_folder_is_deployed_once(cli: Cli) -> None:
    first, second = cli("deploy", WORKFLOWS), cli("deploy", WORKFLOWS)
    assert (first.exit_code, second.exit_code, first.output) == (0, 0, second.output)


def test_a_deployment_with_faults_is_refused_with_each_fault(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "broken.bpmn").write_text("<this is no diagram", "utf-8")
    result = cli("deploy", tmp_path)
    assert result.exit_code == 1
    assert "The deployment was refused; nothing was changed.\nbroken.bpmn:1: " in result.output


def test_a_folder_without_definitions_is_refused(cli: Cli, tmp_path: Path) -> None:
    result = cli("deploy", tmp_path)
    assert result.exit_code == 2
    assert "There is no .bpmn, .dmn or .json file." in result.output


def test_two_files_of_one_name_are_refused(cli: Cli, tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "same.bpmn").write_text("<x/>", "utf-8")
    result = cli("lint", tmp_path)
    assert result.exit_code == 2
    assert "have the same name in a deployment" in result.output.replace("\n", " ")
