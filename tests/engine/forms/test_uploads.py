"""What may be attached is decided by content: wrong endings, markup, bombs and empty files are refused."""

import io
import zipfile

import pytest

from engine.errors import Invalid
from engine.forms.uploads import MAX_FILE_SIZE, check_upload, clean_name

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\x00" * 40
JPG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + b"\x00" * 40
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
TEXT_TYPE = "application/vnd.oasis.opendocument.text"
SHEET_TYPE = "application/vnd.oasis.opendocument.spreadsheet"


def open_document(
    kind: str = TEXT_TYPE, entries: dict[str, bytes] | None = None, first: str = "mimetype"
) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(first), kind)
        for name, body in (entries or {"content.xml": b"<office/>"}).items():
            archive.writestr(name, body)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("name", "body", "media_type"),
    [
        ("報告.pdf", PDF, "application/pdf"),
        ("照片.PNG", PNG, "image/png"),
        ("照片.jpg", JPG, "image/jpeg"),
        ("計畫.odt", open_document(), TEXT_TYPE),
        ("清冊.ods", open_document(SHEET_TYPE), SHEET_TYPE),
        ("紀錄.txt", "會議紀錄\n".encode(), "text/plain"),
        ("清冊.csv", "編號,件數\n3.2.3,131\n".encode("cp950"), "text/csv"),
    ],
)
def test_kinds_that_are_accepted(name: str, body: bytes, media_type: str) -> None:
    assert check_upload(name, body).media_type == media_type


EMPTY = "The file {name} is empty"
LARGE = "The file {name} is larger than 20 MB"
KIND = "Files like {name} cannot be attached; use PDF, ODT, ODS, PNG, JPG, TXT or CSV"
CONTENT = "The content of {name} is not what its ending says"


@pytest.mark.parametrize(
    ("name", "body", "template"),
    [
        ("a.pdf", b"", EMPTY),
        ("a.pdf", PDF + b"\x00" * MAX_FILE_SIZE, LARGE),
        ("a.svg", SVG, KIND),
        ("a.html", b"<html></html>", KIND),
        ("a.docm", PDF, KIND),
        ("a.exe", b"MZ", KIND),
        ("a", PDF, KIND),
        ("a.pdf", SVG, CONTENT),
        ("a.png", PDF, CONTENT),
        ("a.pdf", b"\x00" + PDF, CONTENT),
        ("a.txt", SVG, CONTENT),
        ("a.csv", b"<!DOCTYPE html><script>alert(1)</script>", CONTENT),
        ("a.txt", b"\x00\x01\x02", CONTENT),
        ("a.txt", b"\xff\xfe\xff", CONTENT),
        ("a.odt", open_document(SHEET_TYPE), CONTENT),
        ("a.odt", PDF, CONTENT),
        ("a.odt", b"PK\x03\x04" + b"\x00" * 30, CONTENT),
        ("a.odt", open_document(first="styles.xml"), CONTENT),
        ("a.odt", open_document(entries={"Basic/Standard/Module1.xml": b"Sub Main"}), CONTENT),
        ("a.odt", open_document(entries={"../../etc/passwd": b"x"}), CONTENT),
        ("a.odt", open_document(entries={"content.xml": b"\x00" * 50_000_000}), CONTENT),
        ("a.odt", open_document(entries={f"f{i}": b"" for i in range(2_001)}), CONTENT),
    ],
)
def test_kinds_that_are_refused(name: str, body: bytes, template: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_upload(name, body)
    assert [error.template for error in refused.value.errors] == [template]


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("報告.pdf", "報告.pdf"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\temp\\a.pdf", "a.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie_ x.pdf"),
        ('a"b.pdf', "a_b.pdf"),
        ("長" * 200 + ".pdf", "長" * 116 + ".pdf"),
        ("...", "file"),
        ("", "file"),
    ],
)
def test_names_are_cleaned(name: str, cleaned: str) -> None:
    assert clean_name(name) == cleaned
