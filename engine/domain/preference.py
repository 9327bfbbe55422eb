"""What people choose for their own pages and mails: the keys it is kept under, and what may be chosen."""

LANGUAGE = "language"
LANGUAGES = ("zh_Hant_TW", "en")
MAIL = "mail"
INBOX_COLUMNS = "inbox_columns"
INBOX_COLUMN_NAMES = ("note", "work", "unit", "from", "since", "late")
