"""Whether the ways that a gateway took are those that its recorded conditions lead to."""

from collections.abc import Mapping, Sequence
from typing import Any

from engine.mining.net import Net, NetElement


def follows(
    net: Net, gateway: NetElement, taken: Sequence[str], conditions: Sequence[Mapping[str, Any]]
) -> bool:
    """True if a choice follows from its conditions, and these stand in the diagram as they were recorded."""
    if not taken or any(flow not in gateway.outgoing for flow in taken):
        return False
    if gateway.kind == "eventBasedGateway":
        return len(taken) == 1
    if any(net.flows[c["flow"]].condition != c["expression"] for c in conditions if c["flow"] in net.flows):
        return False
    held = [c["flow"] for c in conditions if c["result"]]
    free = [f for f in gateway.outgoing if f == gateway.default or net.flows[f].condition is None]
    if gateway.kind == "exclusiveGateway":
        return list(taken) == (held or free)[:1]
    return list(taken) == (held or free)
