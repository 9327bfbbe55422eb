"""Forms as pages: drawn from a schema, read back from what a browser posts, edited row by row."""

from webapp.forms.differences import Difference, compare
from webapp.forms.drawing import Drawn, as_read_only, draw
from webapp.forms.reading import Reading, posted_digests, posted_uploads, read_values
from webapp.forms.rows import edit_rows
from webapp.forms.stylesheet import conditions_css

__all__ = [
    "Difference",
    "Drawn",
    "Reading",
    "as_read_only",
    "compare",
    "conditions_css",
    "draw",
    "edit_rows",
    "posted_digests",
    "posted_uploads",
    "read_values",
]
