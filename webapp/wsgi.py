"""The web application for a server: `gunicorn -k gthread -w 2 --threads 4 'webapp.wsgi:application()'`."""

import os
import secrets
from datetime import timedelta

from flask import Flask

from engine.backup import SQLITE, sqlite_path
from engine.engine import Engine
from engine.errors import Invalid
from engine.settings import Settings
from webapp.app import create_app
from webapp.logs import install_logs
from webapp.opening import open_engine
from webapp.settings import WebSettings


class SecretKeyMissing(Invalid):
    """Set PLANFLOW_SECRET_KEY to a long random text, the same on every machine that serves this database."""


def application() -> Flask:
    """The application as the environment wants it."""
    settings = Settings()
    install_logs(settings)
    return application_over(open_engine(settings), settings)


def application_over(engine: Engine, settings: Settings, *, demo: bool = False) -> Flask:
    """The application over an engine that is open already."""
    return create_app(engine, web_settings(settings, demo=demo))


def web_settings(settings: Settings, *, demo: bool) -> WebSettings:
    """What the pages are told."""
    return WebSettings(
        secret_key=secret_key(settings),
        demo=demo,
        idle=timedelta(minutes=settings.idle_minutes),
        longest_session=timedelta(hours=settings.session_hours),
        secure_cookies=settings.secure_cookies,
        hsts=settings.hsts,
        metrics_token=settings.metrics_token.get_secret_value(),
    )


def secret_key(settings: Settings) -> str:
    """The key that signs sessions; a machine with an SQLite file keeps one of its own beside the database.

    Raises SecretKeyMissing on PostgreSQL, where several machines must share one.
    """
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value()
    if not settings.database_url.startswith(SQLITE):
        raise SecretKeyMissing
    database = sqlite_path(settings.database_url)
    kept = database.with_name(database.name + ".secret")
    try:
        with open(os.open(kept, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:  # noqa: PTH123
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    return kept.read_text()
