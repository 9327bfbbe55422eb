"""Signing in and out, one's own password, and the language of the pages."""

from flask import Blueprint, flash, g, redirect, render_template, request, session, url_for
from flask_babel import gettext, lazy_gettext, refresh
from flask_babel.speaklater import LazyString
from flask_login import current_user
from werkzeug.wrappers import Response

from engine.commands.organisation import change_password
from engine.commands.preferences import HOURS, choose_language, choose_mail
from engine.commands.sessions import sign_in, sign_out
from engine.domain.identity import SYSTEM
from engine.errors import Invalid
from engine.plan.mail_hours import MailMode
from engine.queries.mail_choices import own_mail_choice
from engine.queries.organisation import own_account
from engine.queries.rewards import own_orders
from webapp.door import actor, ask, engine, execute
from webapp.errors import faults_of
from webapp.locale import COOKIE, LANGUAGE_NAMES, LOCALES, THIS_SESSION
from webapp.sessions import SESSION_ID, begin_session, end_session, local_address, session_clock

blueprint = Blueprint("account", __name__)

ONE_YEAR = 31_536_000
UNPROCESSABLE = 422
MAIL_WORDS: dict[MailMode, LazyString] = {
    MailMode.GATHERED: lazy_gettext("Gathered: what comes together is one mail"),
    MailMode.IMMEDIATE: lazy_gettext("Each notice at once"),
    MailMode.DAILY: lazy_gettext("One mail a day"),
    MailMode.OFF: lazy_gettext("No mails"),
}


@blueprint.route("/login", methods=["GET", "POST"])
def login() -> str | Response | tuple[str, int]:
    """The sign-in page; what was wrong is never told apart, so that nobody learns which accounts exist."""
    wanted = local_address(request.values.get("next"))
    if request.method != "POST":
        return render_template("account/login.html", wanted=wanted, ended="ended" in request.args)
    user_id = request.form.get("user_id", "").strip()
    signed_in = engine().execute(
        SYSTEM,
        sign_in,
        user_id=user_id,
        password=request.form.get("password", ""),
        address=request.remote_addr or "",
    )
    if signed_in is None:
        page = render_template("account/login.html", wanted=wanted, refused=True, user_id=user_id)
        return page, UNPROCESSABLE
    begin_session(engine().actor(signed_in.user_id), signed_in.password_changed_at, session_clock().now())
    return redirect(wanted or url_for("home"))


@blueprint.post("/logout")
def logout() -> Response:
    """Sign out: the session ends for every copy of its cookie."""
    execute(sign_out, session_id=session[SESSION_ID])
    end_session()
    return redirect(url_for("account.login"))


@blueprint.route("/account/password", methods=["GET", "POST"])
def password() -> str | Response | tuple[str, int]:
    """Change one's own password; the first one, which somebody else chose, has to be changed."""
    must = bool(g.must_change_password)
    if request.method != "POST":
        return render_template("account/password.html", must=must, too_old=g.password_is_too_old, faults=[])
    try:
        execute(
            change_password,
            actor().user_id,
            old=request.form.get("old", ""),
            new=request.form.get("new", ""),
            again=request.form.get("again", ""),
        )
    except Invalid as error:
        faults = list(faults_of(error))
        page = render_template(
            "account/password.html", must=must, too_old=g.password_is_too_old, faults=faults
        )
        return page, UNPROCESSABLE
    begin_session(actor(), ask(own_account).password_changed_at, session_clock().now())
    flash(gettext("Your password was changed. Other browsers have to sign in again."))
    return redirect(url_for("home"))


@blueprint.post("/account/stay")
def stay() -> tuple[str, int]:
    """Tell that somebody is still there; asking for any page does the same."""
    return "", 204


@blueprint.get("/account")
def settings() -> str:
    """What a person chooses for the own pages."""
    return render_template(
        "account/settings.html",
        language=g.own_language,
        languages=list(LANGUAGE_NAMES.items()),
        mail=ask(own_mail_choice),
        orders=ask(own_orders),
        modes=list(MAIL_WORDS.items()),
        hours=[(hour, f"{hour:02d}:00") for hour in HOURS],
    )


@blueprint.post("/account/language")
def keep_language() -> Response:
    """Keep the language of one's pages and mails with the account."""
    execute(choose_language, language=request.form.get("language", ""))
    session.pop(THIS_SESSION, None)
    g.own_language = request.form["language"]
    refresh()
    flash(gettext("Your language was saved."))
    return redirect(url_for("account.settings"))


@blueprint.post("/account/mail")
def keep_mail() -> Response:
    """Keep how one wants to be told by mail."""
    execute(choose_mail, mode=request.form.get("mode", ""), hour=request.form.get("hour", ""))
    flash(gettext("Your choice for mails was saved."))
    return redirect(url_for("account.settings"))


@blueprint.get("/language/<code>")
def language(code: str) -> Response:
    """Show pages in a language for this session, or to a stranger in this browser; then go back."""
    response = redirect(local_address(request.args.get("next")) or url_for("home"))
    if code in LOCALES and current_user.is_authenticated:
        session[THIS_SESSION] = code
    elif code in LOCALES:
        response.set_cookie(
            COOKIE, code, max_age=ONE_YEAR, httponly=True, samesite="Lax", secure=request.is_secure
        )
    return response
