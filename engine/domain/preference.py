"""What people choose for their own pages and mails: the keys it is kept under, and what may be chosen."""

from dataclasses import dataclass

LANGUAGE = "language"
LANGUAGES = ("zh_Hant_TW", "en")
MAIL = "mail"
INBOX_COLUMNS = "inbox_columns"
INBOX_COLUMN_NAMES = ("note", "work", "unit", "from", "since", "late")


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedView:
    """One view: `chosen` is what the address of the inbox says; `unit` is whose people see it as well."""

    owner: str
    owner_name: str
    name: str
    chosen: dict[str, str]
    unit: str | None
