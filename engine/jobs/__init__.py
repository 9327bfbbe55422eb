"""Background work: due timers and outgoing mail. Rows are the truth; every effect happens once."""
