"""The service over HTTP, on each database."""

from collections.abc import AsyncIterator

import pytest

from app.db.engine import Database
from tests.harness.api import Api, serving
from tests.harness.texting import Texting, answering


@pytest.fixture
async def api(db: Database) -> AsyncIterator[Api]:
    async with serving(db) as served:
        yield served


@pytest.fixture
async def texting(db: Database) -> AsyncIterator[Texting]:
    async with answering(db) as phones:
        yield phones
