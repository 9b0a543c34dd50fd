"""Parts that not every machine has: tests that need them are skipped, or fail where CI asks."""

import os
from typing import NoReturn

import pytest


def missing(part: str, reason: str) -> NoReturn:
    """Skip the test, or fail it when `SIRA_REQUIRE` (comma-separated) names `part`."""
    required = os.environ.get("SIRA_REQUIRE", "").replace(" ", "").split(",")
    if part in required:
        pytest.fail(f"{part} is required (SIRA_REQUIRE) and missing: {reason}", pytrace=False)
    pytest.skip(f"{part} is missing: {reason}")
