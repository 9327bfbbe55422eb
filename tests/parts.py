"""What a machine must have beside Python for some tests: named with its command, never silently left out."""

import os
from typing import NoReturn

import pytest


def lacking(what: str, install: str) -> NoReturn:
    """Skip a test for want of a part of the system; under CI=true a missing part is a failure."""
    reason = f"{what} is missing: {install}"
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
