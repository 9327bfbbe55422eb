"""What is signed, as whoever signs it or is asked about it reads it: by the kind of its document."""

from typing import Any

from engine.activities.assessment import result_panels
from engine.activities.award_records import entry_panels
from engine.activities.results import delivery_reading
from engine.activities.reward_lists import list_panels
from engine.domain.document import Document
from engine.store.unit_of_work import Reader


def subject_panels(reader: Reader, document: Document) -> dict[str, Any]:
    """The words of a memo, an entry, a reward list, a report or a result; a plan has its own pages."""
    return {
        **list_panels(document),
        **entry_panels(document),
        **delivery_reading(reader, document),
        **result_panels(reader, document),
    }
