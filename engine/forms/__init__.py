"""Checks what was entered in a form: schema, formats, choices, and the entries that nobody may change.

The schema is checked by a library whose regular expressions take linear time: no entry can stall the engine.
"""

from engine.forms.acceptance import accept_values, file_entries, files_within, shown_values
from engine.forms.faults import compile_schema, validate_values

__all__ = [
    "accept_values",
    "compile_schema",
    "file_entries",
    "files_within",
    "shown_values",
    "validate_values",
]
