"""Forms as pages: drawn from a schema, read back from what a browser posts, edited row by row."""

from webapp.forms.drawing import Drawn, draw
from webapp.forms.reading import Reading, posted_digests, posted_uploads, read_values
from webapp.forms.rows import edit_rows
from webapp.forms.stylesheet import conditions_css

__all__ = [
    "Drawn",
    "Reading",
    "conditions_css",
    "draw",
    "edit_rows",
    "posted_digests",
    "posted_uploads",
    "read_values",
]
