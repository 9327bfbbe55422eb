"""The SpiffWorkflow room: parse, lint, advance one step, expressions, state. No I/O."""

from engine.runtime.deployment import ParsedDeployment, lint, parse_deployment
from engine.runtime.live import LiveInstance

__all__ = ["LiveInstance", "ParsedDeployment", "lint", "parse_deployment"]
