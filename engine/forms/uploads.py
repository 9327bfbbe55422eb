"""What may be attached: the kinds of files that the house accepts, recognised by their content."""

import io
import re
import unicodedata
import zipfile
from dataclasses import dataclass

import filetype

from engine.errors import FieldError, Invalid

MAX_FILE_SIZE = 20 * 1024 * 1024
MAX_NAME_LENGTH = 120
MAX_ENTRIES = 2_000
MAX_UNPACKED = 200 * 1024 * 1024
MAX_RATIO = 200

MEDIA_TYPES = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "txt": "text/plain",
    "csv": "text/csv",
}
# Characters that turn the direction of text: an "invoice" and "fdp.exe" around one would read as a PDF.
_DIRECTION_MARKS = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_FORBIDDEN_IN_NAMES = re.compile(r'[<>:"|?*]')
_MARKUP = re.compile(r"<\s*(!doctype|html|svg|script|\?xml|iframe|body|head|math)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedUpload:
    """A file that may be attached: its cleaned name and the media type of its content."""

    name: str
    media_type: str


def check_upload(name: str, body: bytes) -> CheckedUpload:
    """Recognise an upload by its content; Invalid when it is empty, too large or of no accepted kind."""
    cleaned = clean_name(name)
    if not body:
        raise _refused("The file {name} is empty", cleaned)
    if len(body) > MAX_FILE_SIZE:
        raise _refused("The file {name} is larger than 20 MB", cleaned)
    ending = cleaned.rpartition(".")[2].lower() if "." in cleaned else ""
    wanted = MEDIA_TYPES.get(ending)
    if wanted is None:
        raise _refused(
            "Files like {name} cannot be attached; use PDF, ODT, ODS, PNG, JPG, TXT or CSV", cleaned
        )
    if not _is_of_type(body, wanted):
        raise _refused("The content of {name} is not what its ending says", cleaned)
    return CheckedUpload(name=cleaned, media_type=wanted)


def clean_name(name: str) -> str:
    """The last part of a file name without control, direction and path characters, cut to a length."""
    last = re.split(r"[/\\]", _DIRECTION_MARKS.sub("", name))[-1]
    visible = "".join(c for c in last if unicodedata.category(c) not in ("Cc", "Cs", "Co"))
    stem, dot, ending = _FORBIDDEN_IN_NAMES.sub("_", visible).strip(" .").rpartition(".")
    kept = stem[: MAX_NAME_LENGTH - len(ending) - 1] if dot else ending[:MAX_NAME_LENGTH]
    return f"{kept}.{ending[:10]}" if dot and kept else kept or "file"


def _is_of_type(body: bytes, wanted: str) -> bool:
    if wanted.startswith("text/"):
        return _is_plain_text(body)
    if wanted.startswith("application/vnd.oasis"):
        return _open_document_type(body) == wanted
    return bool(filetype.guess_mime(body[:8192]) == wanted)


def _is_plain_text(body: bytes) -> bool:
    """UTF-8 or Big5 without control characters, and no markup that a browser would run."""
    text = _decoded(body)
    if text is None or any(unicodedata.category(c) == "Cc" and c not in "\t\n\r\f" for c in text):
        return False
    return _MARKUP.search(text[:4096]) is None


def _decoded(body: bytes) -> str | None:
    for encoding in ("utf-8-sig", "cp950"):
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _open_document_type(body: bytes) -> str | None:
    """The `mimetype` of an OpenDocument archive; None for anything odd: macros, bombs, paths, encryption."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            entries = archive.infolist()
            if not entries or entries[0].filename != "mimetype" or entries[0].file_size > 100:
                return None
            if len(entries) > MAX_ENTRIES or any(_is_odd(entry) for entry in entries):
                return None
            unpacked = sum(entry.file_size for entry in entries)
            if unpacked > MAX_UNPACKED or unpacked > MAX_RATIO * len(body):
                return None
            return archive.read("mimetype").decode("ascii", "replace")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, EOFError):
        return None


def _is_odd(entry: zipfile.ZipInfo) -> bool:
    name = entry.filename
    is_encrypted = bool(entry.flag_bits & 0x1)
    climbs = name.startswith(("/", "\\")) or ".." in name.split("/")
    return is_encrypted or climbs or name.startswith(("Basic/", "Scripts/"))


def _refused(template: str, name: str) -> Invalid:
    return Invalid(errors=(FieldError(path="", template=template, params={"name": name}),))
