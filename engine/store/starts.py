"""Linked starts: an activity asks for instances, and the command starts them in the same transaction."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class StartRequest:
    """An instance that shall start before the unit of work ends."""

    definition_key: str
    business_key: str
    variables: dict[str, Any]


class Starts:
    """The requests of one unit of work."""

    def __init__(self) -> None:
        self._requests: list[StartRequest] = []

    def request(self, process_key: str, business_key: str, variables: dict[str, Any]) -> None:
        """Ask the running command to start an instance."""
        self._requests.append(
            StartRequest(definition_key=process_key, business_key=business_key, variables=variables)
        )

    def take(self) -> tuple[StartRequest, ...]:
        """Hand the requests over, once."""
        taken, self._requests = tuple(self._requests), []
        return taken
