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
from app.http.state import LOOKS_AT_A_TIME
from tests.harness.api import Api

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
@pytest.mark.parametrize("path", ["routes/ML-DKR-N/rating?", "journeys?from=Dakar&to=Bamako&"])
async def test_whoever_asks_for_much_waits_for_himself_alone(api: Api, path: str) -> None:
    asks = f"/v1/{path}cargo=fuel&at={api.clock.now():%Y-%m-%dT%H:%M:%SZ}"
    key_id, key = api.new_key(Scope.SUBSCRIBER, api.organisation())
    other = api.subscriber(api.organisation())
    async with AsyncExitStack() as busy:
        for _ in range(LOOKS_AT_A_TIME):
            await busy.enter_async_context(api.state.looks.place(key_id))
        one_more = asyncio.ensure_future(api.client(key).get(asks))

        answered = await other.get(asks)
        done, _ = await asyncio.wait([one_more], timeout=0.3)

        assert (answered.status_code, done) == (200, set())
    assert (await one_more).status_code == 200


async def send(client: httpx.AsyncClient, path: str, body: Any) -> None:
    assert (await client.post(path, json=body)).is_success


def a_report(api: Api, summary: str) -> dict[str, Any]:
    at = api.clock.now().isoformat()
    return {"kind": "banditry", "place": "Lakamane", "occurred_at": at, "summary": summary}
