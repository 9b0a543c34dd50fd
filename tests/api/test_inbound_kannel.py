"""A message from the operator's line, through a real Kannel, and the answer back to it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI
from pydantic import SecretStr

from app.channels.http_gateway import inbound_token
from app.db.engine import Database
from app.settings import GatewaySettings
from tests.harness import kannel as real
from tests.harness.api import Api, serving
from tests.harness.texting import DRIVER, a_contact, signed_settings
from tests.harness.working import until

GATEWAY = GatewaySettings(
    url="http://127.0.0.1:1/cgi-bin/sendsms",
    username=real.USER,
    password=SecretStr(real.PASSWORD),
    from_="Sira",
)
SHORT_CODE = "36000"


@asynccontextmanager
async def listening(app: FastAPI) -> AsyncIterator[str]:
    """Serve on loopback; yield the address."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None))
    running = asyncio.ensure_future(server.serve())
    await until(lambda: server.started)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await running


@pytest.fixture
async def api(db: Database) -> AsyncIterator[Api]:
    async with serving(db, settings=signed_settings(gateway=GATEWAY)) as served:
        yield served


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)
async def test_a_driver_asks_through_kannel_and_gets_one_sms_back(api: Api, tmp_path: Path) -> None:
    await a_contact(api, DRIVER)

    async with listening(api.app) as url:
        token = inbound_token(real.PASSWORD)
        into = f"{url}/v1/gateway/inbound?token={token}&id=%I&from=%p&text=%a"
        asks = f"{DRIVER} {SHORT_CODE} text État+Kayés"
        async with real.kannel(tmp_path, inbound_url=into, writes=asks) as box:
            await until(lambda: bool(box.heard()))
            (heard,) = box.heard()

    (seen,) = (await api.moderator.get("/v1/inbound")).json()["items"]
    assert heard.startswith(f"{SHORT_CODE} {DRIVER} ")
    assert "aucune" in heard
    assert (seen["provider"], seen["action"], seen["places"]) == ("gateway", "ask_state", ["Kayes"])
    assert len(seen["id"]) == 36
