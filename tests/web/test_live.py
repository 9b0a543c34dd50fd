"""Streams that tell open pages to look again: to whom, of what, and until when."""

import re
from collections.abc import AsyncIterator

import pytest

from app.accounts.keys import Scope
from app.db.engine import Database
from tests.harness.api import Api, serving
from tests.harness.streaming import hearing
from tests.harness.visitor import Visitor, visitor
from tests.web.conftest import PUBLIC


@pytest.fixture
async def site(sqlite_url: str) -> AsyncIterator[Api]:
    db = Database(sqlite_url)
    async with serving(db, settings=PUBLIC) as served:
        yield served
    db.close()


def body_of(site: Api) -> dict[str, str]:
    return {
        "kind": "vehicle_attack",
        "place": "Lakamane",
        "occurred_at": site.clock.now().isoformat(),
        "summary": "x",
    }


def version_in(page: str) -> str:
    found = re.search(r'data-version="(\w+)"', page)
    assert found is not None
    return found[1]


def cookie_of(someone: Visitor) -> str:
    return f"session={someone.token}"


async def test_what_another_process_writes_is_told_as_a_version_and_nothing_else(
    site: Api, sqlite_url: str
) -> None:
    shown = version_in((await site.client().get("/fr")).text)
    other = Database(sqlite_url)
    async with serving(other) as elsewhere, hearing(site.app, "/live") as heard:
        assert await heard.begun() == 200
        assert await heard.data() == shown

        await elsewhere.moderator.post("/v1/reports", json=body_of(site))

        told = await heard.data()
        assert re.fullmatch("[0-9a-f]{16}", told)
        assert told != shown
    for path in ("/fr", "/en/map", "/fr/routes/ML-DKR-N"):
        assert version_in((await site.client().get(path)).text) == told
    assert heard.headers["content-type"] == "text/event-stream"
    assert "no-store" in heard.headers["cache-control"]
    other.close()


async def test_a_version_that_a_browser_sends_back_changes_nothing(site: Api) -> None:
    shown = version_in((await site.client().get("/fr")).text)

    async with hearing(site.app, "/live", Last_Event_ID="' OR 1=1; \u20ac") as heard:
        assert await heard.data() == shown


async def test_pages_that_are_not_published_are_told_of_to_who_may_read_them(
    sqlite_url: str,
) -> None:
    db = Database(sqlite_url)
    async with serving(db) as closed:
        async with hearing(closed.app, "/live") as heard:
            assert await heard.begun() == 401
        reader = visitor(closed)
        await reader.sign_in(closed.key(Scope.SUBSCRIBER, closed.organisation()))
        async with hearing(closed.app, "/live", Cookie=cookie_of(reader)) as heard:
            assert await heard.begun() == 200
            assert await heard.data()

            await reader.send(await reader.get("/fr/sign-out"))
            await closed.moderator.post("/v1/reports", json=body_of(closed))
            await heard.ended.wait()
    db.close()


@pytest.mark.parametrize(
    ("scope", "status"),
    [(None, 401), (Scope.REPORTER, 403), (Scope.SUBSCRIBER, 403), (Scope.MODERATOR, 200)],
)
async def test_only_the_desk_hears_of_its_inbox(
    site: Api, scope: Scope | None, status: int
) -> None:
    someone = visitor(site)
    cookie = ""
    if scope is not None:
        organisation = site.organisation() if scope is Scope.SUBSCRIBER else None
        await someone.sign_in(site.key(scope, organisation))
        cookie = cookie_of(someone)

    async with hearing(site.app, "/live/desk", Cookie=cookie) as heard:
        assert await heard.begun() == status


async def test_the_desk_hears_of_what_comes_and_of_who_works_on_it(site: Api) -> None:
    someone, colleague = visitor(site), visitor(site)
    for one in (someone, colleague):
        await one.sign_in(site.key(Scope.MODERATOR))
    shown = version_in((await someone.get("/fr/desk")).text)

    async with hearing(site.app, "/live/desk", Cookie=cookie_of(someone)) as heard:
        assert await heard.data() == shown
        report = await site.reporter.post("/v1/reports", json=body_of(site))
        came = await heard.data()
        page = await colleague.get(f"/fr/desk/incidents/{report.json()['incident']['id']}")
        await colleague.send(page, do="hold")
        held = await heard.data()

    assert len({shown, came, held}) == 3
    assert version_in((await someone.get("/fr/desk")).text) == held


async def test_who_leaves_makes_room_and_the_end_of_the_server_is_the_end_of_all(
    site: Api,
) -> None:
    streams = site.state.streams
    async with hearing(site.app, "/live") as heard:
        await heard.data()
        assert streams.open == 1
    assert streams.open == 0

    async with hearing(site.app, "/live") as heard:
        await heard.data()
        streams.stop()
        await heard.ended.wait()
    async with hearing(site.app, "/live") as heard:
        assert await heard.begun() == 429
        assert heard.headers["retry-after"]
