"""The language of a page: Traditional Chinese of Taiwan unless the person asked for English."""

from flask import Flask, g, has_request_context, request, session
from flask_babel import Babel
from werkzeug.datastructures import LanguageAccept

CHINESE = "zh_Hant_TW"
ENGLISH = "en"
LOCALES = (CHINESE, ENGLISH)
LANGUAGE_NAMES = {CHINESE: "中文", ENGLISH: "English"}
HTML_LANG = {CHINESE: "zh-Hant-TW", ENGLISH: "en"}
COOKIE = "planflow_language"
THIS_SESSION = "language"

# Browsers name Chinese of Taiwan in many ways, and Babel's own negotiation falls back to English for most.
BY_BROWSER_LANGUAGE = {
    "zh": CHINESE,
    "zh-tw": CHINESE,
    "zh-hk": CHINESE,
    "zh-mo": CHINESE,
    "zh-hant": CHINESE,
    "zh-hant-tw": CHINESE,
    "zh-hant-hk": CHINESE,
    "en": ENGLISH,
    "en-us": ENGLISH,
    "en-gb": ENGLISH,
}


def from_browser(accepted: LanguageAccept) -> str:
    """The locale for what a browser accepts: the first language that we know, else Chinese."""
    return next(
        (
            BY_BROWSER_LANGUAGE[language.lower()]
            for language in accepted.values()
            if language.lower() in BY_BROWSER_LANGUAGE
        ),
        CHINESE,
    )


def current_locale() -> str:
    """The locale of this request.

    What was chosen for this session, else what the account keeps, else what was chosen in this browser by
    whoever had not signed in, else the browser's wish, else Chinese.
    """
    if not has_request_context():
        return CHINESE
    asked = (session.get(THIS_SESSION), g.get("own_language"), request.cookies.get(COOKIE))
    return next((code for code in asked if code in LOCALES), from_browser(request.accept_languages))


def install_locale(app: Flask) -> None:
    """Let Babel translate every page of the app in the language of its request."""
    app.config.update(BABEL_DEFAULT_LOCALE=CHINESE, BABEL_DEFAULT_TIMEZONE="Asia/Taipei")
    Babel(app, locale_selector=current_locale)
