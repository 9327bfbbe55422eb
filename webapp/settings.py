"""What the web door can be told: read once at the start, never from a request."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSettings:
    """Settings of the pages. Times are those of the machine, not of a demo clock."""

    secret_key: str
    demo: bool = False
    idle: timedelta = timedelta(minutes=15)
    longest_session: timedelta = timedelta(hours=10)
    secure_cookies: bool = False
    hsts: bool = False
    max_request_bytes: int = 32 * 1024 * 1024
    agency: str = "經濟部標準檢驗局高雄分局"
    agency_short: tuple[str, str] = ("標準檢驗局", "高雄分局")
    support: str = "秘書室 分機 605"
    version: str = "0.1.0"
