"""What runs: the server, the worker, and the firing of timers by hand."""

import gettext
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from engine.backup import SQLITE
from engine.clock import TAIPEI, Clock, FixedClock
from engine.domain.preference import LANGUAGES
from engine.engine import Engine
from engine.jobs.mail import Mailer
from engine.jobs.poller import Poller
from engine.jobs.timers import fire_due_timers
from engine.plan.mail_hours import MailHours
from engine.settings import Settings
from webapp.logs import install_logs
from webapp.opening import opened

if TYPE_CHECKING:
    from flask import Flask

TRANSLATIONS = Path(__file__).parent.parent / "translations"


@click.command()
@click.option("--host", help="The address to listen on (PLANFLOW_HOST).")
@click.option("--port", type=int, help="The port to listen on (PLANFLOW_PORT).")
@click.option(
    "--poller/--no-poller", default=True, help="Fire timers and send mails in this process as well."
)
def serve(host: str | None, port: int | None, poller: bool) -> None:
    """Serve the pages and the HTTP API until Ctrl-C.

    An SQLite database is made and upgraded at the start; PostgreSQL is upgraded with `planflow db upgrade`.
    """
    from webapp.wsgi import application_over

    settings = Settings()
    install_logs(settings)
    with opened(settings) as engine:
        if settings.database_url.startswith(SQLITE):
            engine.upgrade()
        app = application_over(engine, settings)
        with polling(engine, settings) if poller else _alone():
            listen(app, host or settings.host, settings.port if port is None else port, settings.threads)


@click.command()
def worker() -> None:
    """Fire timers and send mails until Ctrl-C.

    Any number of workers may share one PostgreSQL database.
    """
    settings = Settings()
    install_logs(settings)
    with opened(settings) as engine:
        stop_on_sigterm()
        poller = Poller(engine, mailer_of(settings), settings.poll_seconds)
        click.echo(f"Looking for work every {settings.poll_seconds:g} seconds. Ctrl-C stops.")
        try:
            poller.run()
        except (KeyboardInterrupt, SystemExit):
            poller.stop()
            click.echo("Stopped.")


@click.group()
def timers() -> None:
    """Look after timers."""


@timers.command()
@click.option(
    "--at", type=click.DateTime(), help="Fire what is due at this instant of Taiwan instead of now."
)
def fire(at: datetime | None) -> None:
    """Fire every timer that is due; the exit code is 1 when an instance could not go on."""
    clock: Clock | None = FixedClock(at.replace(tzinfo=TAIPEI)) if at else None
    with opened(clock=clock) as engine:
        report = fire_due_timers(engine)
    click.echo(f"{len(report.fired)} instances moved.")
    if report.failed:
        numbers = ", ".join(map(str, report.failed))
        raise click.ClickException(f"These instances could not go on: {numbers}.")


@contextmanager
def polling(engine: Engine, settings: Settings) -> Iterator[None]:
    """A poller in a thread of this process for as long as the block runs."""
    poller = Poller(engine, mailer_of(settings), settings.poll_seconds)
    poller.start()
    try:
        yield
    finally:
        poller.stop()


@contextmanager
def _alone() -> Iterator[None]:
    yield


def mailer_of(settings: Settings) -> Mailer | None:
    """The mail server of the settings; None while there is none, and mails wait in the outbox."""
    if not settings.smtp_host:
        return None
    catalogues = {language: _catalogue(language) for language in LANGUAGES}
    return Mailer(
        host=settings.smtp_host,
        port=settings.smtp_port,
        sender=settings.mail_from,
        starttls=settings.smtp_starttls,
        user=settings.smtp_user,
        password=settings.smtp_password.get_secret_value(),
        public_url=settings.public_url,
        hours=MailHours(
            first=settings.mail_first_hour,
            last=settings.mail_last_hour,
            window=timedelta(minutes=settings.mail_window_minutes),
        ),
        translate=lambda language, text: catalogues[language].gettext(text),
    )


def _catalogue(language: str) -> gettext.NullTranslations:
    """The texts of the program in a language, and behind them those of diagrams and forms."""
    found = gettext.translation("messages", TRANSLATIONS, [language], fallback=True)
    found.add_fallback(gettext.translation("definitions", TRANSLATIONS, [language], fallback=True))
    return found


def listen(app: "Flask", host: str, port: int, threads: int) -> None:
    """Serve with waitress until Ctrl-C or SIGTERM; prints the address that browsers open."""
    import waitress

    stop_on_sigterm()
    try:
        server: Any = waitress.create_server(app, host=host, port=port, threads=threads, ident="planflow")
    except OSError as error:
        raise click.ClickException(
            f"Cannot listen on {host} port {port}: {error.strerror or error}."
        ) from error
    click.echo(f"planflow is ready: http://{host}:{server.effective_port}  (Ctrl-C stops)")
    try:
        server.run()
    finally:
        server.close()
    click.echo("Stopped.")


def stop_on_sigterm() -> None:
    """Let SIGTERM end the process as Ctrl-C does, so that files and connections are closed."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _leave)


def _leave(_signal: int, _frame: object) -> NoReturn:
    raise SystemExit(0)
