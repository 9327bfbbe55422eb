"""Question 2: which exact text the director signed, the bureau acknowledged and the public read."""

from collections.abc import Iterator, Sequence

from engine.domain.history import EventType
from engine.queries.questions.answer import (
    Answer,
    Column,
    Digest,
    Mark,
    Part,
    PlanPlace,
    Question,
    Row,
    Value,
    Words,
    cell,
    strongest,
)
from engine.queries.questions.releases import KINDS, Release, releases_of
from engine.queries.questions.scope import Scene
from engine.queries.questions.trail import Recorded, Told, Trail
from engine.store.unit_of_work import Reader

REVIEW = "bureau_review"
UNSIGNED = Words(template="No signature over this text is recorded")
OTHER = Words(template="Not the text that the director signed")


def signed_texts(reader: Reader, scene: Scene) -> Answer:
    """Every version that was signed, with the digest at each step of its way to the public."""
    trail = Trail(reader, scene)
    releases = releases_of(trail.documents(*KINDS))
    reviewed = list(_reviewed(trail))
    rows = [
        row
        for release in releases
        for row in _rows(trail, release, reviewed)
        if row.place is not None and trail.is_asked(row.place.instance_id)
    ]
    different = sum(1 for row in rows if OTHER in row.why)
    return Answer(rows=tuple(rows), summary=tuple(_summary(rows, different)))


def _summary(rows: Sequence[Row], different: int) -> Iterator[Words]:
    if different:
        yield Words(
            template="Texts compared: {texts}. Not identical with what the director signed: {different}.",
            params={"texts": len(rows), "different": different},
        )
    elif rows:
        yield Words(
            template="Texts compared: {texts}. Each is identical with what the director signed.",
            params={"texts": len(rows)},
        )
    else:
        yield Words(template="No plan was signed, acknowledged or published.")


def _reviewed(trail: Trail) -> Iterator[tuple[Told, str, int, str]]:
    """What lay before the approver of the bureau: (event, owner, version, digest)."""
    for told in trail.events(EventType.TASK_COMPLETED, containing='"plan"'):
        opened = trail.opened.get(told.event.task_id or 0, {})
        if opened.get("process") == REVIEW and told.event.element_id == "decide":
            for owner, kind, _, no, digest in told.data.get("shown_documents", ()):
                if kind == "plan":
                    yield told, owner, no, digest


def _rows(trail: Trail, release: Release, reviewed: Sequence[tuple[Told, str, int, str]]) -> Iterator[Row]:
    signed = release.signed.body["document"]["digest"] if release.signed else None
    if release.signed is not None:
        document = release.signed.body["document"]
        yield _row(trail, release.signed.told, release, "Signed by the one who decides", document["no"],
                   document["digest"], None, _was_shown(release.signed))  # fmt: skip
    if release.reported is not None:
        yield _of_body(trail, release.reported, release, "Reported to the bureau", signed)
    begin = release.reported.at if release.reported else None
    for told, owner, no, digest in reviewed:
        is_after = begin is not None and told.at >= begin
        is_before = release.acknowledged is None or told.at <= release.acknowledged.at
        if owner == release.owner and is_after and is_before:
            yield _row(trail, told, release, "Before the approver of the bureau", no, digest, signed, ())
    if release.acknowledged is not None:
        unsigned = () if release.signed else ((Mark.REMARKABLE, UNSIGNED),)
        step = "Acknowledged and in effect" if release.awaits_reply else "Put into effect by the branch"
        yield _of_body(trail, release.acknowledged, release, step, signed, unsigned)
    for proofs in release.published.values():
        given = [proof for proof in proofs if _is_given(proof)]
        if not given:
            continue
        published = given[-1]
        where = Words(template="Published at {place}", params={"place": published.body["label"]})
        yield _of_body(trail, published, release, where, signed)


def _is_given(proof: Recorded) -> bool:
    """True for what tells of a publication: no delay, and not what somebody found about it afterwards."""
    return proof.body["verified"] is None and proof.body["proof"].get("outcome") != "postponed"


def _was_shown(signature: Recorded) -> tuple[tuple[Mark, Words], ...]:
    """A signature must be over what the page showed."""
    shown = [row[4] for row in signature.told.data.get("shown_documents", ()) if row[1] == "plan"]
    if shown and signature.body["document"]["digest"] not in shown:
        return ((Mark.BREACH, Words(template="Signed was another text than the one that was shown")),)
    return ()


def _of_body(
    trail: Trail, document: Recorded, release: Release, step: str | Words, signed: str | None,
    more: tuple[tuple[Mark, Words], ...] = (),
) -> Row:  # fmt: skip
    body = document.body
    return _row(trail, document.told, release, step, body["plan_no"], body["plan_digest"], signed, more)


def _row(
    trail: Trail, told: Told, release: Release, step: str | Words, no: int, digest: str, signed: str | None,
    more: tuple[tuple[Mark, Words], ...],
) -> Row:  # fmt: skip
    differs = signed is not None and digest != signed
    mark, why = strongest([*more, *([(Mark.BREACH, OTHER)] if differs else [])])
    place = PlanPlace(roc_year=int(release.owner.rpartition(":")[2]), no=no)
    version = Words(template="Plan of {year}, version {no}", params={"year": place.roc_year, "no": no})
    named: Value = Words(template=step) if isinstance(step, str) else step
    return Row(
        cells=(
            cell(version, place),
            cell(named),
            cell(Digest(digest)),
            cell(told.at, told.place),
            (Part(trail.person(told.event.actor)), *cell(trail.capacity(told.event))),
            _same(differs=differs, is_first=signed is None),
        ),
        place=told.place,
        mark=mark,
        why=why,
    )  # fmt: skip


def _same(*, differs: bool, is_first: bool) -> tuple[Part, ...]:
    if is_first:
        return ()
    return cell(Words(template="Another text") if differs else Words(template="The same text"))


QUESTION = Question(
    number=2,
    slug="signed-texts",
    title="What was signed, acknowledged and published",
    sentence="Which exact text did the director sign, did the bureau acknowledge, and was published: are the "
    "three identical?",
    columns=(
        Column(key="version", title="Version"),
        Column(key="step", title="Step"),
        Column(key="digest", title="Digest of the text"),
        Column(key="at", title="When it happened"),
        Column(key="by", title="By whom"),
        Column(key="same", title="As the director signed it"),
    ),
    ask=signed_texts,
)
