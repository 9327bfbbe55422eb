"""Taking several histories away at once, and the receipts of what was taken."""

from flask import Blueprint, Response, request

from engine.domain.permission import Action, require
from engine.errors import FieldError, Invalid
from engine.queries.export_receipts import export_desk
from engine.queries.exports import ExportScope
from webapp.audit.frame import audit_page
from webapp.characters import whole_number
from webapp.definition_words import in_language
from webapp.door import actor, ask, engine
from webapp.downloads import handed_out
from webapp.export_words import FORMAT_WORDS, plan_words
from webapp.exporting import DOSSIER, export_many
from webapp.wording import in_words

blueprint = Blueprint("audit_exports", __name__, url_prefix="/audit/exports")

UNPROCESSABLE = 422


@blueprint.get("")
def index() -> str:
    """What can be taken together, and what was taken last."""
    return _page()


@blueprint.get("/file")
def file() -> Response | tuple[str, int]:
    """The histories that were asked for, in one file."""
    require(actor(), Action.AUDIT)
    try:
        return handed_out(export_many(engine(), actor(), _scope(), request.args.get("format", "")))
    except Invalid as refusal:
        return _page(refusal.errors), UNPROCESSABLE


def _scope() -> ExportScope:
    return ExportScope(
        definition_key=request.args.get("definition") or None,
        plan_key=request.args.get("plan") or None,
        roc_year=request.args.get("year", type=whole_number) or None,
    )


def _page(errors: tuple[FieldError, ...] = ()) -> str:
    desk = ask(export_desk)
    return audit_page(
        "audit/exports.html",
        desk=desk,
        definitions=[(key, in_language(name)) for key, name in desk.definitions],
        plans=[(key, plan_words(key)) for key in desk.plan_keys],
        years=[(str(year), str(year)) for year in desk.years],
        formats={name: words for name, words in FORMAT_WORDS.items() if name != DOSSIER},
        words=FORMAT_WORDS,
        given=request.args,
        faults=[{"path": e.path or "definition", "message": in_words(e)} for e in errors],
    )
