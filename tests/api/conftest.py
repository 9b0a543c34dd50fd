"""The service over HTTP, on each database."""

from collections.abc import AsyncIterator

import pytest

from app.db.engine import Database
from tests.harness.api import Api, serving


@pytest.fixture
async def api(db: Database) -> AsyncIterator[Api]:
    async with serving(db) as served:
        yield served
