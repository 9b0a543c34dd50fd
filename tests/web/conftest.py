"""The pages, public, on each database."""

from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Playwright, async_playwright

from app.accounts.keys import Scope
from app.db.engine import Database
from app.settings import Settings
from tests.harness.api import Api, serving
from tests.harness.browser import FLAGS
from tests.harness.phone import Phones, phone_of
from tests.harness.visitor import Visitor, visitor
from tests.harness.world import World, a_world

PUBLIC = Settings(_env_file=None, public_pages=True)


@pytest.fixture
def pictures(pytestconfig: pytest.Config) -> Path | None:
    """Where pictures of the pages are kept; None: nobody wants to see them."""
    folder: Path | None = pytestconfig.getoption("--pictures")
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def playwright() -> AsyncIterator[Playwright]:
    """What drives browsers: a process of its own, that takes a second to start."""
    async with async_playwright() as started:
        yield started


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(playwright: Playwright, chromium: str) -> AsyncIterator[Browser]:
    """A Chromium, for tests marked `SHARED`: each opens a context that knows of no other."""
    launched = await playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
    yield launched
    await launched.close()


@pytest.fixture
def a_phone(playwright: Playwright, chromium: str, tmp_path: Path) -> Phones:
    """A phone of its own, for tests marked `SHARED`."""
    return partial(phone_of, playwright, chromium, tmp_path / "phone")


@pytest.fixture
async def site(db: Database) -> AsyncIterator[Api]:
    async with serving(db, settings=PUBLIC) as served:
        yield served


@pytest.fixture
async def closed_site(db: Database) -> AsyncIterator[Api]:
    async with serving(db) as served:
        yield served


@pytest_asyncio.fixture(loop_scope="session")
async def quiet(sqlite_url: str) -> AsyncIterator[Api]:
    """A site closed to who is not signed in, for a `SHARED` browser: on one database."""
    db = Database(sqlite_url)
    async with serving(db) as served:
        yield served
    db.close()


@pytest.fixture
async def world(db: Database) -> AsyncIterator[World]:
    async with a_world(db) as running:
        yield running


@pytest.fixture
async def plain_world(db: Database) -> AsyncIterator[World]:
    """The whole service, reached without a proxy: cookies need no https."""
    async with a_world(db, public_url=None) as running:
        yield running


async def report(site: Api, **more: Any) -> str:
    """Let the desk report tankers stopped at Lakamané two hours ago; return the incident's id."""
    body = {
        "kind": "fuel_interception",
        "place": "Lakamane",
        "cargo": "fuel",
        "occurred_at": (site.clock.now() - timedelta(hours=2)).isoformat(),
        "summary": "x",
    } | more
    answer = await site.moderator.post("/v1/reports", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["incident"]["id"])


async def signed_in(site: Api, organisation_id: str) -> Visitor:
    """Return somebody at a browser with a key of an organisation."""
    someone = visitor(site)
    await someone.sign_in(site.key(Scope.SUBSCRIBER, organisation_id))
    return someone
