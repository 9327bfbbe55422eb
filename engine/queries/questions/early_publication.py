"""Question 3: whether a plan was published before the bureau's reply, at which places, with which proof."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from engine.clock import TAIPEI
from engine.queries.questions.answer import (
    EMPTY,
    Answer,
    Cell,
    Column,
    Digest,
    Mark,
    Part,
    PlanPlace,
    Question,
    Row,
    Words,
    cell,
    strongest,
)
from engine.queries.questions.releases import KINDS, Release, releases_of
from engine.queries.questions.scope import Scene
from engine.queries.questions.trail import Recorded, Trail
from engine.store.unit_of_work import Reader

FILES = ("screenshot", "photo")
EARLY = Words(template="Published before the reply of the bureau")
VERDICTS = {
    "fits": Words(template="Found in order"),
    "differs": Words(template="Found not in order"),
}


def early_publication(reader: Reader, scene: Scene) -> Answer:
    """Every proof of publication, each time that one was given, beside the reply that it had to wait for."""
    trail = Trail(reader, scene)
    rows = [
        _row(trail, release, proof, verified)
        for release in releases_of(trail.documents(*KINDS))
        for versions in release.published.values()
        for proof, verified in _proofs(versions)
        if trail.is_asked(proof.told.event.stream)
    ]
    return Answer(rows=tuple(rows), summary=_summary(rows))


def _summary(rows: Sequence[Row]) -> tuple[Words, ...]:
    early = sum(1 for row in rows if EARLY in row.why)
    return (
        Words(
            template="Publications with proof: {rows}. Before the reply of the bureau: {early}.",
            params={"rows": len(rows), "early": early},
        ),
    )


def _proofs(versions: Sequence[Recorded]) -> Iterator[tuple[Recorded, Recorded | None]]:
    """Each proof that was given, and what the secretariat found; a delay proves nothing."""
    given: Recorded | None = None
    for version in versions:
        if version.body["proof"].get("outcome") == "postponed":
            continue
        if version.body["verified"] is None:
            if given is not None:
                yield given, None
            given = version
        elif given is not None:
            yield given, version
            given = None
    if given is not None:
        yield given, None


def _row(trail: Trail, release: Release, proof: Recorded, verified: Recorded | None) -> Row:
    body = proof.body
    published = _published_on(body["proof"])
    reply = _reply(release)
    mark, why = strongest(_why(release, published, reply, verified))
    roc_year = int(release.owner.rpartition(":")[2])
    return Row(
        cells=(
            cell(body["label"]),
            cell(published),
            _answered(trail, release, reply),
            (*cell(proof.at, proof.place), *cell(trail.person(proof.by))),
            (
                *cell(body["plan_no"], PlanPlace(roc_year=roc_year, no=body["plan_no"])),
                Part(Digest(body["plan_digest"])),
            ),
            tuple(_proof(body["proof"])),
            _verdict(trail, verified),
        ),
        place=proof.place,
        mark=mark,
        why=why,
    )


def _reply(release: Release) -> Recorded | None:
    """The bureau's reply by which a report was released."""
    return release.replied if release.awaits_reply and release.acknowledged is not None else None


def _published_on(proof: dict[str, Any]) -> datetime | date | None:
    if proof.get("published_at"):
        return datetime.fromisoformat(proof["published_at"])
    return date.fromisoformat(proof["posted_on"]) if proof.get("posted_on") else None


def _why(
    release: Release, published: datetime | date | None, reply: Recorded | None, verified: Recorded | None
) -> Iterator[tuple[Mark, Words]]:
    if release.awaits_reply and (reply is None or _is_before(published, reply.at)):
        yield Mark.BREACH, EARLY
    if verified is None:
        yield Mark.REMARKABLE, Words(template="Nobody has looked whether it was published so")
    elif verified.body["verified"]["result"] != "fits":
        yield Mark.REMARKABLE, Words(template="Found not in order")


def _is_before(published: datetime | date | None, replied: datetime) -> bool:
    """A day without an hour is before only when it is an earlier day."""
    if isinstance(published, datetime):
        return published < replied
    return published is not None and published < replied.astimezone(TAIPEI).date()


def _answered(trail: Trail, release: Release, reply: Recorded | None) -> Cell:
    if reply is not None:
        return (*cell(reply.at, reply.place), *trail.letter(reply.body.get("letter_id")))
    if release.awaits_reply:
        return cell(Words(template="No reply yet"))
    return cell(Words(template="No reply was needed"))


def _proof(proof: dict[str, Any]) -> Iterator[Part]:
    if proof.get("url"):
        yield Part(proof["url"])
    for file in (file for name in FILES for file in proof.get(name) or ()):
        yield Part(file["name"])
        yield Part(Digest(file["digest"]))


def _verdict(trail: Trail, verified: Recorded | None) -> Cell:
    if verified is None:
        return EMPTY
    told = verified.body["verified"]
    return (
        Part(VERDICTS.get(told["result"], told["result"]), verified.place),
        *cell(told["reason"]),
        *cell(verified.at),
        *cell(trail.person(verified.by)),
    )


QUESTION = Question(
    number=3,
    slug="early-publication",
    title="Publication and the reply of the bureau",
    sentence="Was the plan published before the reply of the bureau? At which places, with which proof?",
    columns=(
        Column(key="place", title="Published where"),
        Column(key="published", title="Published when"),
        Column(key="reply", title="Reply of the bureau"),
        Column(key="told", title="Told when and by whom"),
        Column(key="version", title="Version"),
        Column(key="proof", title="Proof of publication"),
        Column(key="verified", title="Found by the secretariat"),
    ),
    ask=early_publication,
)
