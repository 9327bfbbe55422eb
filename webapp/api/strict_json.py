"""Reading JSON strictly: no NaN, no infinities, no nesting beyond what can be read."""

import math
from typing import Any

from flask.json.provider import DefaultJSONProvider


class StrictJson(DefaultJSONProvider):
    """JSON as RFC 8259 has it; what Python alone would take besides is malformed (ValueError)."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        try:
            return super().loads(s, parse_constant=_refuse, parse_float=_finite, **kwargs)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error


def _refuse(word: str) -> float:
    raise ValueError(f"{word} is not JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("a number beyond all bounds")
    return number
