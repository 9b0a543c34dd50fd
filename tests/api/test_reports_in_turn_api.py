"""Whoever sends many reports at once keeps nobody else's waiting for all of them."""

import asyncio
import time
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from app.accounts.keys import Scope
from app.db.tables import ReportRow
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


async def send(client: httpx.AsyncClient, path: str, body: Any) -> None:
    assert (await client.post(path, json=body)).is_success


def a_report(api: Api, summary: str) -> dict[str, Any]:
    at = api.clock.now().isoformat()
    return {"kind": "banditry", "place": "Lakamane", "occurred_at": at, "summary": summary}
