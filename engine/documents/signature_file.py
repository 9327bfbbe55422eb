"""The signatures of a plan as a sheet to print (簽核紀錄): level, who and in whose place, opinion, time."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from itertools import groupby
from typing import Any

from engine.clock import TAIPEI
from engine.documents.odf import Block, text_file
from engine.domain.deputy import signed_for
from engine.plan.roc import format_roc

HEADINGS = ("層級", "職稱、姓名", "決定", "意見", "時間")


def signature_file(
    title: str, made_on: date, signatures: Iterable[Mapping[str, Any]], decisions: Mapping[str, str]
) -> bytes:
    """One table per round; a signature that a return or a recall voided stays, and says so (domain 7.24).

    `decisions` are the words of what a level decides.
    """
    return text_file(f"{title}簽核紀錄", made_on, _blocks(signatures, decisions))


def _blocks(signatures: Iterable[Mapping[str, Any]], decisions: Mapping[str, str]) -> Iterator[Block]:
    for number, signed in groupby(signatures, key=lambda body: int(body["round"])):
        yield Block(level=2, text=f"第{number}輪")
        yield Block(rows=(HEADINGS, *(_row(body, decisions) for body in signed)))


def _row(body: Mapping[str, Any], decisions: Mapping[str, str]) -> tuple[str, ...]:
    at = datetime.fromisoformat(body["signed_at"]).astimezone(TAIPEI)
    decision = decisions.get(body["decision"], body["decision"])
    return (
        str(body["label"]),
        _signer(body),
        f"{decision}（簽章已失效）" if body["void"] else decision,
        str(body["opinion"]),
        f"{format_roc(at.date())} {at:%H:%M}",
    )


def _signer(body: Mapping[str, Any]) -> str:
    name, title = str(body["name"]), str(body["title"])
    deputy = body.get("deputy")
    return signed_for(deputy, name, title) if deputy else f"{title} {name}".strip()
