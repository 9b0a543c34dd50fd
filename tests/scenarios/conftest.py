"""The whole service, on each database."""

from collections.abc import AsyncIterator

import pytest

from app.db.engine import Database
from tests.harness.world import World, a_world


@pytest.fixture
async def world(db: Database) -> AsyncIterator[World]:
    """Everything running; at the end nobody may have been told twice."""
    async with a_world(db) as running:
        yield running
        running.nobody_was_told_twice()
