"""What flows are tried with: a clock that stands still until it is moved."""

import pytest

from app.core.clock import ManualClock
from tests.harness.outbox import NOW


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)
