"""Files of a plan: a version as an ODT, the deliveries, and what its letters carried."""

from engine.activities.signatures import SIGNATURE
from engine.activities.signoff import DECISIONS
from engine.clock import TAIPEI
from engine.documents.odf import TEXT
from engine.documents.plan_file import plan_file, plan_file_name
from engine.documents.signature_file import signature_file
from engine.domain.document import FileRef
from engine.domain.identity import Agency
from engine.domain.permission import may_see_agency, sight_of
from engine.errors import NotFound
from engine.forms import files_within
from engine.plan.document import from_json
from engine.queries.amendments import released_nos
from engine.queries.plans import OWNER
from engine.store.unit_of_work import Reader

DELIVERIES = ("d1", "d2")


def plan_version_file(reader: Reader, roc_year: int, no: int | None) -> tuple[FileRef, bytes]:
    """A version of the plan (the latest without `no`) as an ODT: the same bytes whoever asks.

    They change once, when an amendment takes the place of the version: from then on the file says so.
    NotFound when there is no such version, or when the reader may not see the plan.
    """
    plan_key = _seen(reader, roc_year)
    found = reader.documents.find(plan_key, "plan", no=no)
    if found is None:
        raise NotFound(kind="plan", id=f"{roc_year}/{no}")
    plan = from_json(found.body)
    made_on = found.made_at.astimezone(TAIPEI).date()
    replaced_by = _replaced_by(reader, plan_key, found.no)
    body = plan_file(plan, no=found.no, digest=found.digest, made_on=made_on, replaced_by=replaced_by)
    name = plan_file_name(plan, found.no, is_replaced=replaced_by is not None)
    return FileRef(digest=found.digest, name=name, size=len(body), media_type=TEXT), body


def is_signed(reader: Reader, roc_year: int) -> bool:
    """True if anybody has signed anything of the plan."""
    return bool(reader.documents.keys(_seen(reader, roc_year), SIGNATURE))


def plan_signature_file(reader: Reader, roc_year: int) -> tuple[FileRef, bytes]:
    """The latest signature of every level and round over the plan, as an ODT to print.

    NotFound when nobody has signed it, or when the reader may not see the plan.
    """
    plan_key = _seen(reader, roc_year)
    signed = [d for d in reader.documents.list(plan_key, SIGNATURE) if d.body["document"]["kind"] == "plan"]
    if not signed:
        raise NotFound(kind="signature", id=roc_year)
    in_order = sorted(signed, key=lambda d: (int(d.body["round"]), int(d.body["no"])))
    latest = max(signed, key=lambda d: d.made_at)
    title = from_json(reader.documents.get(plan_key, "plan").body).title
    made_on = latest.made_at.astimezone(TAIPEI).date()
    body = signature_file(title, made_on, [d.body for d in in_order], DECISIONS)
    name = f"{title}簽核紀錄.odt"
    return FileRef(digest=latest.digest, name=name, size=len(body), media_type=TEXT), body


def plan_files(reader: Reader, roc_year: int) -> tuple[FileRef, ...]:
    """The files of the deliveries as they stand now, D1 before D2."""
    plan_key = _seen(reader, roc_year)
    deliveries = (reader.documents.find(plan_key, kind) for kind in DELIVERIES)
    return tuple(FileRef(**found.body["file"]) for found in deliveries if found and "file" in found.body)


def plan_attachment(reader: Reader, roc_year: int, digest: str) -> tuple[FileRef, bytes]:
    """A file that belongs to the plan: of a letter, or of any version of a delivery; else NotFound."""
    plan_key = _seen(reader, roc_year)
    held = [letter.attachments for letter in reader.letters.for_plan(plan_key, sight_of(reader.actor))]
    for kind in DELIVERIES:
        held += [(version.body["file"],) for version in reader.documents.versions(plan_key, kind)
                 if "file" in version.body]  # fmt: skip
    file = files_within([list(files) for files in held]).get(digest)
    if file is None:
        raise NotFound(kind="file", id=digest)
    tell_letters_with(reader, plan_key, digest)
    return FileRef(**file), reader.content.get(digest)


def _replaced_by(reader: Reader, plan_key: str, no: int) -> int | None:
    """The version in effect, for one that was in effect before it."""
    in_effect, amended = released_nos(reader, plan_key)
    return in_effect if no in amended else None


def tell_letters_with(reader: Reader, plan_key: str, digest: str) -> None:
    """To take a file from the letter of a restricted instance is a look at that instance."""
    for stream in reader.letters.streams_holding(plan_key, digest):
        instance = reader.instances.find(stream)
        if instance is not None:
            reader.looks_at(instance)


def _seen(reader: Reader, roc_year: int) -> str:
    """The key of the plan, for those who may see it; NotFound for anybody else."""
    if not may_see_agency(reader.actor, Agency.BRANCH):
        raise NotFound(kind="plan", id=roc_year)
    return f"{OWNER}:{roc_year}"
