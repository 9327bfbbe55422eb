"""The administration of accounts, units, process definitions and office calendars."""
