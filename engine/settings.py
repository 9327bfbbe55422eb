"""What the doors are told from outside: environment variables PLANFLOW_*, read once at the start."""

from enum import StrEnum
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

_PACKAGE = Path(__file__).parent
# In a wheel the definitions lie inside the package; in a checkout they lie beside it.
WORKFLOWS = next(
    folder for folder in (_PACKAGE / "_workflows", _PACKAGE.parent / "workflows") if folder.is_dir()
)  # fmt: skip


class LogFormat(StrEnum):
    """How logs are written."""

    TEXT = "text"
    JSON = "json"


class Settings(BaseSettings):
    """One installation of planflow. Every field is the environment variable PLANFLOW_<FIELD>."""

    model_config = SettingsConfigDict(env_prefix="PLANFLOW_", extra="ignore")

    database_url: str = Field("sqlite:///planflow.db", description="sqlite:///FILE or postgresql+psycopg://…")
    secret_key: SecretStr | None = Field(
        None, description="Signs sessions; on SQLite one is made beside the database if it is not given"
    )
    host: str = Field("127.0.0.1", description="The address on which `serve` and `demo` listen")
    port: int = Field(8000, ge=0, le=65535, description="The port on which `serve` and `demo` listen")
    threads: int = Field(8, ge=1, description="Requests that `serve` answers at the same time")
    public_url: str = Field(
        "", description="The address that mails link to, such as https://planflow.example"
    )
    secure_cookies: bool = Field(False, description="Send cookies over HTTPS only")
    hsts: bool = Field(False, description="Tell browsers to come over HTTPS only")
    idle_minutes: int = Field(15, ge=1, description="Minutes without a request after which a session ends")
    session_hours: int = Field(10, ge=1, description="Hours after which a session ends in any event")
    snapshot_every: int = Field(64, ge=1, description="Causes of an instance between two snapshots")
    cache_size: int = Field(500, ge=1, description="Live instances that one process keeps in memory")
    poll_seconds: float = Field(5.0, gt=0, description="Seconds between two looks for due timers and mails")
    smtp_host: str = Field("", description="Mail server; without one, mails stay in the outbox")
    smtp_port: int = Field(25, ge=1, le=65535, description="Port of the mail server")
    smtp_starttls: bool = Field(False, description="Encrypt the connection to the mail server")
    smtp_user: str = Field("", description="Account at the mail server")
    smtp_password: SecretStr = Field(SecretStr(""), description="Password at the mail server")
    mail_first_hour: int = Field(
        8, ge=0, le=23, description="Hour of a working day (Taiwan) before which no mail leaves"
    )
    mail_last_hour: int = Field(
        18, ge=1, le=24, description="Hour of a working day from which mails wait for the next one"
    )
    mail_window_minutes: int = Field(
        15, ge=0, le=1440, description="Minutes in which notices to one person become one mail"
    )
    mail_from: str = Field("planflow@localhost", description="Sender of mails")
    log_format: LogFormat = Field(LogFormat.TEXT, description="`text`, or `json`: one object a line")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "warning", description="What is logged; `info` tells every request"
    )
    metrics_token: SecretStr = Field(
        SecretStr(""), description="What a scraper shows to read /metrics; without it there is no such page"
    )
    workers: int = Field(2, ge=1, description="Processes of gunicorn on one machine")
