"""Files on their way out: downloaded under their own name, or shown where nothing in them can act."""

from base64 import b64encode
from collections.abc import Iterator
from urllib.parse import quote

from flask import Response

from engine.domain.document import FileRef
from webapp.exporting import Export

DIGEST_LENGTH = 64
MOST_OF_A_TEXT = 200_000
# What can be looked at without taking it away; an upload is of the kind that its content says.
PREVIEWED = frozenset({"application/pdf", "image/png", "image/jpeg", "text/plain", "text/csv"})
HEX = frozenset("0123456789abcdef")


def handed_out(made: Export) -> Response:
    """A file that leaves the house, piece by piece, with its SHA-256 beside it (RFC 9530)."""
    response = download(made.file, made.parts())
    response.content_length = made.file.size
    response.call_on_close(made.body.close)
    digest = b64encode(bytes.fromhex(made.file.digest)).decode()
    response.headers["Repr-Digest"] = f"sha-256=:{digest}:"
    return response


def download(file: FileRef, body: bytes | Iterator[bytes]) -> Response:
    """The file as an attachment that no browser runs or sniffs."""
    response = Response(body, mimetype=file.media_type)
    response.headers["Content-Disposition"] = content_disposition(file.name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def shown_in_browser(file: FileRef, body: bytes) -> Response:
    """A PDF in the browser's own reader: it stands alone, loads nothing and is in nobody's frame."""
    response = Response(body, mimetype=file.media_type)
    response.headers["Content-Disposition"] = "inline"
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"
    )
    return response


def preview_text(body: bytes) -> str:
    """The beginning of a text file, as far as anybody reads it on a page."""
    text = body[:MOST_OF_A_TEXT].decode("utf-8", errors="replace").removeprefix("\ufeff")
    return text if len(body) <= MOST_OF_A_TEXT else f"{text}…"


def content_disposition(name: str) -> str:
    """An attachment and its name as RFC 6266 and RFC 5987 write it; no character can end the header."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "._- ") else "_" for c in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def is_digest(text: str) -> bool:
    """Whether a text can be the digest of a file."""
    return len(text) == DIGEST_LENGTH and HEX.issuperset(text)
