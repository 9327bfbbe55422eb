"""Background work: due timers, the anchor of the day, outgoing mail.

Rows are the truth, and every effect happens once.
"""
