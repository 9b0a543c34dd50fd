"""Whoever sends or asks for much at once keeps nobody else waiting for all of it."""

import asyncio
import time
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from app.accounts.keys import Scope
from app.db.tables import ReportRow
from app.http.state import ASKED_AT_A_TIME
from tests.harness.api import Api
from tests.harness.visitor import visitor

MANY = 150


@pytest.mark.parametrize("batches", [True, False])
async def test_a_report_does_not_stand_behind_all_that_another_key_sent(
    api: Api, *, batches: bool
) -> None:
    flood = api.client(api.new_key(Scope.REPORTER)[1])
    many = [a_report(api, "many")] * MANY
    async with asyncio.TaskGroup() as sending:
        # all of them are there before the first is written
        sending.create_task(asyncio.to_thread(api.state.db.write_now, lambda _: time.sleep(0.8)))
        await asyncio.sleep(0.1)
        for half in (many[::2], many[1::2]):
            if batches:
                sending.create_task(send(flood, "/v1/reports/batch", half))
                continue
            for one in half:
                sending.create_task(send(flood, "/v1/reports", one))
        await asyncio.sleep(0.5)
        await send(api.reporter, "/v1/reports", a_report(api, "one"))

    said = api.state.db.read_now(
        lambda conn: conn.scalars(select(ReportRow.summary).order_by(ReportRow.id)).all()
    )
    assert len(said) == MANY + 1
    assert said.index("one") < MANY - 50


@pytest.mark.alike
@pytest.mark.parametrize(
    ("path", "scope"),
    [
        ("/v1/alerts", Scope.SUBSCRIBER),
        ("/v1/routes", Scope.REPORTER),
        ("/fr/my", Scope.SUBSCRIBER),
        ("/fr/report", Scope.REPORTER),
    ],
)
async def test_whoever_asks_for_much_waits_for_himself_alone(
    api: Api, path: str, scope: Scope
) -> None:
    owner = api.organisation() if scope is Scope.SUBSCRIBER else None
    (key_id, key), other = (api.new_key(scope, owner) for _ in range(2))
    askers = [await asker(api, one, path) for one in (key, other[1])]
    async with AsyncExitStack() as busy:
        for _ in range(ASKED_AT_A_TIME):
            await busy.enter_async_context(api.state.asking.place(key_id))
        one_more = asyncio.ensure_future(askers[0].get(path))

        answers = [await askers[1].get(path) for _ in range(ASKED_AT_A_TIME + 1)]
        done, _ = await asyncio.wait([one_more], timeout=0.2)

        assert ({one.status_code for one in answers}, done) == ({200}, set())
    assert (await one_more).status_code == 200


async def asker(api: Api, key: str, path: str) -> httpx.AsyncClient:
    """Return a client with a key, signed in with it where `path` is that of a page."""
    if path.startswith("/v1/"):
        return api.client(key)
    browser = visitor(api)
    await browser.sign_in(key)
    return browser.client


async def send(client: httpx.AsyncClient, path: str, body: Any) -> None:
    assert (await client.post(path, json=body)).is_success


def a_report(api: Api, summary: str) -> dict[str, Any]:
    at = api.clock.now().isoformat()
    return {"kind": "banditry", "place": "Lakamane", "occurred_at": at, "summary": summary}
