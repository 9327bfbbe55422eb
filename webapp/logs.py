"""Logs on standard error: as text for people, or one JSON object a line for programs."""

import logging

from pythonjsonlogger.json import JsonFormatter

from engine.settings import LogFormat, Settings

TEXT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def install_logs(settings: Settings) -> None:
    """Let the loggers of this process write as the settings say; a second call changes nothing."""
    root = logging.getLogger()
    if root.handlers:
        return
    handler = logging.StreamHandler()
    is_json = settings.log_format is LogFormat.JSON
    handler.setFormatter(JsonFormatter(TEXT) if is_json else logging.Formatter(TEXT))
    root.addHandler(handler)
    root.setLevel(settings.log_level.upper())
