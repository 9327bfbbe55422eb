"""The dossier of the plan of 115: what is in it, and that whatever is altered in it is found and named."""

import ast
import io
import json
import random
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
from bs4 import BeautifulSoup
from lxml import etree

from engine.commands import anchors, organisation
from engine.documents import verify_dossier
from engine.documents.verify_dossier import Folder, Zip, faults_of
from engine.domain.identity import SYSTEM
from engine.errors import NotPermitted
from engine.store.unit_of_work import UnitOfWork
from tests.stories import actors
from tests.stories.stage import Stage
from webapp.app import create_app
from webapp.exporting import export_instance
from webapp.settings import WebSettings

FLIPS = 150


def play(stage: Stage) -> int:
    """A plan that was reported to the bureau, with an upload in it, and two anchors."""
    cycle = actors.reported(stage)
    stage.engine.execute(SYSTEM, anchors.make_anchor)
    stage.engine.execute(SYSTEM, _add_auditor)
    return cycle


def _add_auditor(uow: UnitOfWork) -> None:
    organisation.add_user(uow, "auditor", name="黃稽核", title="稽核")
    organisation.grant(uow, "auditor", role="auditor", unit="secretariat", valid_from=uow.today)


SCENES = {"cycle": play}


def take(stage: Stage, cycle: int, who: str = "auditor") -> tuple[str, bytes]:
    """The digest that was told and the bytes of the ZIP."""
    app = create_app(stage.engine, WebSettings(secret_key="of tests"))
    made = export_instance(app, stage.engine, stage.engine.actor(who), cycle, "dossier")
    return made.file.digest, b"".join(made.parts())


@pytest.fixture(scope="module")
def kept() -> dict[str, bytes]:
    return {}


@pytest.fixture
def body(stage: Stage, cycle: int, kept: dict[str, bytes]) -> bytes:
    """The ZIP, made once for all tests."""
    if "zip" not in kept:
        kept["zip"] = take(stage, cycle)[1]
    return kept["zip"]


@pytest.fixture
def folder(body: bytes, tmp_path: Path) -> Path:
    zipfile.ZipFile(io.BytesIO(body)).extractall(tmp_path / "dossier")
    return tmp_path / "dossier"


def names(body: bytes) -> list[str]:
    return zipfile.ZipFile(io.BytesIO(body)).namelist()


def manifest_of(body: bytes) -> dict[str, object]:
    told: dict[str, object] = json.loads(zipfile.ZipFile(io.BytesIO(body)).read("manifest.json"))
    return told


def prove(*words: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a program with nothing but Python's own library, in an empty environment."""
    command = [sys.executable, "-I", "-S", *map(str, words)]
    return subprocess.run(
        command, cwd=cwd, env={}, capture_output=True, text=True, encoding="utf-8", check=False
    )


# What is in it.


def test_a_dossier_is_a_zip_that_any_program_reads(body: bytes) -> None:
    archive = zipfile.ZipFile(io.BytesIO(body))
    assert archive.testzip() is None
    assert {"index.html", "README.txt", "verify.py", "verify_chain.py", "manifest.json", "seal.txt"} <= set(
        archive.namelist()
    )


def test_it_holds_the_instance_and_all_that_it_set_going(stage: Stage, cycle: int, body: bytes) -> None:
    wanted = {cycle, *actors.instances_of(stage, "bureau_review")}
    assert {name for name in names(body) if name.startswith("histories/")} == {
        f"histories/{number}.json" for number in wanted
    }


def test_it_holds_every_document_and_every_file_that_events_name(body: bytes) -> None:
    told = manifest_of(body)
    contents = told["contents"]
    assert isinstance(contents, dict)
    assert {name for name in names(body) if name.startswith(("documents/", "files/"))} == set(
        contents.values()
    )
    assert (told["gone"], any(name.startswith("files/") for name in contents.values())) == ([], True)


def test_it_holds_the_definitions_that_the_instance_began_with(stage: Stage, cycle: int, body: bytes) -> None:
    deployed = stage.engine.ask(SYSTEM, lambda r: r.definitions.get(r.instances.get(cycle).deployment_id))
    folder = f"definitions/{deployed.id}/"
    assert {n.removeprefix(folder) for n in names(body) if n.startswith(folder)} == {
        file.name for file in deployed.files
    }


def test_its_names_can_be_unpacked_anywhere(body: bytes) -> None:
    found = names(body)
    assert len({name.casefold() for name in found}) == len(found)
    for name in found:
        assert not re.search(r'[<>:"\\|?*\x00-\x1f]', name)
        assert not any(part in ("", ".", "..") for part in name.split("/"))


def pages(folder: Path) -> Iterator[tuple[Path, BeautifulSoup]]:
    for path in sorted(folder.rglob("*.html")):
        yield path, BeautifulSoup(path.read_text("utf-8"), "html.parser")


def test_its_pages_need_neither_a_network_nor_a_script(folder: Path) -> None:
    for path, page in pages(folder):
        assert page.find_all("script") == []
        for tag in page.find_all(href=True) + page.find_all(src=True):
            address = tag.get("href") or tag.get("src")
            target, _, place = address.partition("#")
            aimed = path.parent / unquote(target) if target else path
            assert aimed.exists(), (path, address)
            if place:
                assert BeautifulSoup(aimed.read_text("utf-8"), "html.parser").find(id=place), address


def test_its_pictures_carry_their_style_and_need_no_other_file(folder: Path) -> None:
    found = sorted(folder.rglob("*.svg"))
    assert found
    for path in found:
        text = path.read_text("utf-8")
        etree.fromstring(text.encode())
        assert re.findall(r"var\(|url\(|<script|https?://(?!www\.w3\.org/)", text) == []
        assert ".bp .node{" in text


def test_its_first_page_tells_in_chinese_what_the_page_of_the_instance_tells(folder: Path) -> None:
    words = BeautifulSoup((folder / "index.html").read_text("utf-8"), "html.parser").get_text()
    assert "完成了「登錄總局計畫」" in words
    assert "如何驗證" in words
    assert (folder / "index.html").read_text("utf-8").count('lang="zh-Hant-TW"') == 1


def test_every_event_stands_on_the_page_of_events(stage: Stage, cycle: int, folder: Path) -> None:
    page = BeautifulSoup((folder / f"events/{cycle}.html").read_text("utf-8"), "html.parser")
    instance = stage.engine.ask(SYSTEM, lambda r: r.instances.get(cycle))
    assert [item["id"] for item in page.select(".tl li")] == [f"e{n}" for n in range(1, instance.seq + 1)]


def test_what_left_is_told_of_each_instance_in_it(stage: Stage, cycle: int) -> None:
    digest, body = take(stage, cycle)
    found = actors.events(stage, -stage.engine.actor("auditor").number, actors.EventType.EXPORTED)
    assert {told["instance"] for told in found} == {cycle, *actors.instances_of(stage, "bureau_review")}
    assert {(told["format"], told["digest"]) for told in found} == {("dossier", digest)}
    assert digest == verify_dossier.sha256(body)


def test_the_same_history_at_the_same_time_is_the_same_dossier(stage: Stage, cycle: int) -> None:
    assert take(stage, cycle) == take(stage, cycle)


def test_only_those_who_read_histories_take_a_dossier(stage: Stage, cycle: int) -> None:
    with pytest.raises(NotPermitted):
        take(stage, cycle, "unit_handler.metrology")


# That it proves itself.


@pytest.mark.parametrize("name", ["verify.py", "verify_chain.py", "__main__.py"])
def test_its_programs_speak_the_python_of_old_machines(folder: Path, name: str) -> None:
    ast.parse((folder / name).read_text("utf-8"), feature_version=(3, 8))


@pytest.mark.parametrize("words", [("verify.py",), ("../dossier.zip",), ("verify.py", "../dossier.zip")])
def test_it_proves_itself_with_python_alone(body: bytes, folder: Path, words: tuple[str, ...]) -> None:
    (folder.parent / "dossier.zip").write_bytes(body)
    proof = prove(*words, cwd=folder)
    assert (proof.returncode, proof.stdout[:12], proof.stderr) == (0, "PROVEN 驗證通過:", "")
    assert not list(folder.rglob("__pycache__"))


def test_the_digest_that_was_recorded_is_that_of_the_file(body: bytes, folder: Path) -> None:
    path = folder.parent / "dossier.zip"
    path.write_bytes(body)
    right, wrong = verify_dossier.sha256(body), "0" * 64
    codes = [prove(folder / "verify.py", path, "--digest", digest).returncode for digest in (right, wrong)]
    assert codes == [0, 1]


def owners(body: bytes) -> Iterator[tuple[int, int, str]]:
    """Which part of the ZIP each span of bytes belongs to."""
    archive = zipfile.ZipFile(io.BytesIO(body))
    for part in archive.infolist():
        length = 30 + len(part.filename.encode()) + part.compress_size
        yield part.header_offset, part.header_offset + length, part.filename
    at = archive.start_dir
    for part in archive.infolist():
        length = 46 + len(part.filename.encode())
        yield at, at + length, part.filename
        at += length
    yield at, len(body), "the end of the ZIP"


def event_lines(body: bytes) -> Iterator[tuple[int, int]]:
    """The spans of the ZIP in which events lie: histories but for their first line."""
    for part in zipfile.ZipFile(io.BytesIO(body)).infolist():
        if part.filename.startswith("histories/"):
            start = part.header_offset + 30 + len(part.filename.encode())
            yield body.index(b"\n", start), start + part.compress_size


def test_the_spans_of_a_zip_are_all_of_it(body: bytes) -> None:
    spans = list(owners(body))
    assert [start for start, _, _ in spans] == [0, *(end for _, end, _ in spans[:-1])]
    assert spans[-1][1] == len(body)


@pytest.mark.timeout(300)
def test_one_flipped_bit_anywhere_in_the_zip_is_found_and_named(body: bytes) -> None:
    spans = list(owners(body))
    events = list(event_lines(body))
    altered, dice = bytearray(body), random.Random(115)
    # Every part once, and beside that wherever the dice fall.
    places = [dice.randrange(start, end) for start, end, _ in spans]
    places = dice.sample(places, FLIPS) + [dice.randrange(len(body)) for _ in range(FLIPS)]
    places += [at for at, _, name in spans if name in ("manifest.json", "seal.txt", "verify.py")]
    places += [dice.randrange(start, end) for start, end in events for _ in range(FLIPS // 2)]
    places += [spans[-1][0], len(body) - 1, len(body) - 70]
    for place in places:
        owner = next(name for start, end, name in spans if start <= place < end)
        altered[place] ^= 1 << dice.randrange(8)
        faults = list(faults_of(Zip(bytes(altered))))
        altered[place] = body[place]
        assert any(owner in fault for fault in faults), (place, owner, faults)
        if any(start <= place < end for start, end in events):
            assert any(f"{owner}: event" in fault for fault in faults), (place, owner, faults)


@pytest.mark.timeout(300)
def test_one_flipped_bit_in_any_file_of_the_folder_is_found_and_named(folder: Path) -> None:
    dice = random.Random(114)
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.stat().st_size]
    for path in [*dice.sample(paths, 60), folder / "manifest.json", folder / "seal.txt"]:
        name, before = path.relative_to(folder).as_posix(), path.read_bytes()
        altered, place = bytearray(before), dice.randrange(len(before))
        altered[place] ^= 1 << dice.randrange(8)
        path.write_bytes(bytes(altered))
        faults = list(faults_of(Folder(folder)))
        path.write_bytes(before)
        assert any(name in fault for fault in faults), (name, place, faults)


def test_an_altered_event_is_named_though_the_manifest_was_made_anew(cycle: int, folder: Path) -> None:
    """Whoever also writes the manifest and its seal anew still has to break the chain."""
    path = folder / f"histories/{cycle}.json"
    path.write_text(path.read_text("utf-8").replace('"actor": "sec_handler"', '"actor": "thief"', 1), "utf-8")
    forge_manifest(folder)
    (fault,) = faults_of(Folder(folder))
    assert re.fullmatch(rf"histories/{cycle}\.json: event \d+ is not as it was sealed", fault)


def test_a_document_that_was_replaced_with_its_manifest_is_named(folder: Path) -> None:
    told = json.loads((folder / "manifest.json").read_text("utf-8"))
    name = next(iter(told["contents"].values()))
    (folder / name).write_text('{"other": "text"}', "utf-8")
    forge_manifest(folder)
    assert f"{name} does not have the SHA-256 by which events name it" in set(faults_of(Folder(folder)))


def test_a_history_that_was_cut_with_its_manifest_is_named_by_the_anchor(cycle: int, folder: Path) -> None:
    path = folder / f"histories/{cycle}.json"
    history = json.loads(path.read_text("utf-8"))
    history["events"] = history["events"][:5]
    path.write_text(verify_dossier.history_text(history), "utf-8")
    forge_manifest(folder)
    assert any(fault.startswith("anchor 1 saw another event") for fault in faults_of(Folder(folder)))


def forge_manifest(folder: Path) -> None:
    """Write the digests of the files as they are now into the manifest, and seal it anew."""
    told = json.loads((folder / "manifest.json").read_text("utf-8"))
    for entry in told["files"]:
        entry |= {"sha256": verify_dossier.sha256((folder / entry["name"]).read_bytes())}
    manifest = json.dumps(told, ensure_ascii=False).encode()
    (folder / "manifest.json").write_bytes(manifest)
    seal = verify_dossier.SEAL_TEXT.format(verify_dossier.sha256(manifest))
    (folder / "seal.txt").write_bytes(seal.encode())


@pytest.mark.parametrize("name", ["index.html", "manifest.json", "seal.txt"])
def test_a_file_that_is_missing_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert any(fault.startswith(name) for fault in faults_of(Folder(folder)))


def test_a_file_that_was_added_is_named(folder: Path) -> None:
    (folder / "files" / "forged.pdf").write_bytes(b"%PDF-1.7")
    assert list(faults_of(Folder(folder))) == ["files/forged.pdf is no part of the dossier"]


@pytest.mark.parametrize("alter", [lambda b: b + b"more", lambda b: b"before" + b, lambda b: b[:-1]])
def test_bytes_around_the_zip_are_found(body: bytes, alter: object) -> None:
    assert callable(alter)
    assert list(faults_of(Zip(alter(body))))


def test_a_zip_that_was_packed_anew_is_proven_as_a_folder_only(body: bytes, folder: Path) -> None:
    anew = io.BytesIO()
    with zipfile.ZipFile(anew, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in folder.rglob("*"):
            archive.write(path, path.relative_to(folder))
    (fault,) = faults_of(Zip(anew.getvalue()))
    assert "only the unpacked folder can be proven" in fault
    assert list(faults_of(Folder(folder))) == []


@pytest.mark.parametrize("text", [b"", b"no dossier at all"])
def test_what_is_no_dossier_is_not_proven(folder: Path, text: bytes) -> None:
    path = folder.parent / "other.zip"
    path.write_bytes(text)
    proof = prove(folder / "verify.py", path)
    assert (proof.returncode, proof.stdout[:10], proof.stderr) == (1, "NOT PROVEN", "")


def test_anchors_that_were_kept_elsewhere_speak_against_another_history(cycle: int, folder: Path) -> None:
    told = json.loads((folder / "manifest.json").read_text("utf-8"))
    seen = next(seen for seen in told["anchors"] if seen["stream"] == cycle)
    kept = {
        "format": "planflow-anchors/1",
        "anchors": [
            {"anchor": 1, "made_at": seen["made_at"], "root": "00", "heads": [[cycle, seen["seq"], "ff"]]}
        ],
    }
    (folder.parent / "anchors.json").write_text(json.dumps(kept), "utf-8")
    proof = prove(folder / "verify.py", "--anchors", folder.parent / "anchors.json")
    assert proof.returncode == 1
    assert f"histories/{cycle}.json: anchor 1 saw another event {seen['seq']}" in proof.stdout
