"""The reason that an act asks for."""

from engine.errors import FieldError, Invalid

SHORTEST_REASON = 5
LONGEST_REASON = 500


def check_reason(reason: str, shortest: int = SHORTEST_REASON) -> None:
    """Invalid for a reason that is too short to tell anything, or longer than people read."""
    length = len(reason.strip())
    if length < shortest:
        template, limit = "Give the reason in at least {limit} characters", shortest
    elif length > LONGEST_REASON:
        template, limit = "Use at most {limit} characters", LONGEST_REASON
    else:
        return
    raise Invalid((FieldError(path="reason", template=template, params={"limit": limit}),))
