"""Files on their way out: downloaded under their own name, never shown in the page."""

from urllib.parse import quote

from flask import Response

from engine.domain.document import FileRef

DIGEST_LENGTH = 64
HEX = frozenset("0123456789abcdef")


def download(file: FileRef, body: bytes) -> Response:
    """The file as an attachment that no browser runs or sniffs."""
    response = Response(body, mimetype=file.media_type)
    response.headers["Content-Disposition"] = content_disposition(file.name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def content_disposition(name: str) -> str:
    """An attachment and its name as RFC 6266 and RFC 5987 write it; no character can end the header."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "._- ") else "_" for c in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def is_digest(text: str) -> bool:
    """Whether a text can be the digest of a file."""
    return len(text) == DIGEST_LENGTH and HEX.issuperset(text)
