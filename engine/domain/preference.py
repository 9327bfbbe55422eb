"""What people choose for their own pages and mails: the keys it is kept under, and what may be chosen."""

LANGUAGE = "language"
LANGUAGES = ("zh_Hant_TW", "en")
MAIL = "mail"
