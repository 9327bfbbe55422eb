"""What the web door can be told: read once at the start, never from a request."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from engine.domain.identity import Agency


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyName:
    """An agency in the frame of a page: in full, and as its short name after that of the agency above."""

    full: str
    above: str
    short: str


AGENCY_NAMES: Mapping[Agency, AgencyName] = {
    Agency.BRANCH: AgencyName(full="經濟部標準檢驗局高雄分局", above="標準檢驗局", short="高雄分局"),
    Agency.BUREAU: AgencyName(full="經濟部標準檢驗局", above="經濟部", short="標準檢驗局（總局）"),
    Agency.MINISTRY: AgencyName(full="經濟部", above="", short="經濟部"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSettings:
    """Settings of the pages. Times are those of the machine, not of a demo clock."""

    secret_key: str
    demo: bool = False
    idle: timedelta = timedelta(minutes=15)
    longest_session: timedelta = timedelta(hours=10)
    secure_cookies: bool = False
    hsts: bool = False
    metrics_token: str = ""
    max_request_bytes: int = 32 * 1024 * 1024
    agencies: Mapping[Agency, AgencyName] = field(default_factory=lambda: AGENCY_NAMES)
    support: str = "秘書室 分機 605"
