"""What the people of the demo write in their forms, by form and stage."""

from collections.abc import Mapping

from engine.demo.entries import (
    amendment,
    assessment,
    award,
    commendation,
    drafting,
    execution,
    reporting,
    results,
)
from engine.demo.scene import Entry

ENTRIES: Mapping[str, Entry] = {
    **drafting.ENTRIES,
    **reporting.ENTRIES,
    **execution.ENTRIES,
    **assessment.ENTRIES,
    **results.ENTRIES,
    **amendment.ENTRIES,
    **award.ENTRIES,
    **commendation.ENTRIES,
}
