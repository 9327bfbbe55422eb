"""The text of mails: one sentence per notice with the way to its task, in the language of the reader."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from hashlib import sha256
from typing import Any

from engine.clock import TAIPEI

LONGEST_SUBJECT = 120
URGING = "Please complete “{label}”. {note}"
CONFIDENTIAL = "A confidential matter waits for you. Sign in to read it."
SEVERAL = "Notices of planflow: {count}"
Translate = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One notice as it stands in a mail: a sentence over its values, and the path of the page behind it."""

    template: str
    params: Mapping[str, Any]
    path: str
    made_at: datetime


def compose(
    key: str, notices: Sequence[Notice], address: str, sender: str, public_url: str, translate: Translate
) -> EmailMessage:
    """The mail of one notice, or of several together.

    Its Message-ID follows from the key alone, so that a mail that left twice is known as one; nothing answers
    it by itself (RFC 3834).
    """
    sentences = [_sentence(notice, translate) for notice in notices]
    message = EmailMessage()
    message["From"] = sender
    message["To"] = address
    message["Subject"] = _subject(notices, sentences, translate)
    message["Date"] = format_datetime(notices[-1].made_at.astimezone(TAIPEI))
    message["Message-ID"] = message_id(key, sender)
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    ways = [f"\n\n{public_url}{notice.path}" if public_url else "" for notice in notices]
    message.set_content("\n\n".join(f"{told}{way}" for told, way in zip(sentences, ways, strict=True)) + "\n")
    return message


def message_id(key: str, sender: str) -> str:
    """The Message-ID of the mail of a key."""
    domain = sender.partition("@")[2] or "localhost"
    return f"<{sha256(key.encode()).hexdigest()[:32]}@{domain}>"


def _subject(notices: Sequence[Notice], sentences: Sequence[str], translate: Translate) -> str:
    if len(notices) > 1:
        return translate(SEVERAL).format(count=len(notices))
    return " ".join((notices[0].params.get("subject") or sentences[0]).split())[:LONGEST_SUBJECT]


def _sentence(notice: Notice, translate: Translate) -> str:
    """The sentence with its values; the name of a step is a text of its diagram and has a translation too."""
    params = dict(notice.params)
    if "label" in params:
        params["label"] = translate(str(params["label"]))
    return translate(notice.template).format(**params).strip()
