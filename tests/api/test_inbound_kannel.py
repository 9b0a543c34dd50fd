"""A message from the operator's line, through a real Kannel, and the answer back to it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI
from httpx import Response
from pydantic import SecretStr

from app.channels.gateway_links import inbound_token, inbound_url
from app.db.engine import Database
from app.settings import GatewaySettings
from app.subscribers.wording import LONGEST
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
        into = inbound_url(url, real.PASSWORD)
        asks = f"{DRIVER} {SHORT_CODE} text État+Kayés"
        async with real.kannel(tmp_path, inbound_url=into, writes=asks) as box:
            await until(lambda: bool(box.heard()))
            (heard,) = box.heard()

    (seen,) = (await api.moderator.get("/v1/inbound")).json()["items"]
    assert heard.startswith(f"{SHORT_CODE} {DRIVER} ")
    assert "aucune" in heard
    assert (seen["provider"], seen["action"], seen["places"]) == ("gateway", "ask_state", ["Kayes"])
    assert len(seen["id"]) == 36


# ------------------------------------------------------- what no proxy on the way writes down


async def brought(
    api: Api, body: bytes, kind: str = 'text/plain; charset="UTF-8"', **changed: Any
) -> Response:
    """Bring a message as Kannel posts it: in its address there is its id and nothing else."""
    given = {"token": inbound_token(real.PASSWORD), "phone": DRIVER} | changed
    return await api.client().post(
        "/v1/gateway/inbound?id=9c1-7",
        content=body,
        headers={"Content-Type": kind, "X-Kannel-From": given["phone"]},
        auth=("gateway", given["token"]),
    )


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("kind", "codec"), [("UTF-8", "utf-8"), ("UTF-16BE", "utf-16-be"), ("latin1", "latin-1")]
)
async def test_number_text_and_token_come_beside_the_address(
    api: Api, kind: str, codec: str
) -> None:
    await a_contact(api, DRIVER)

    answer = await brought(api, "État Kayés".encode(codec), f'text/plain; charset="{kind}"')

    (seen,) = (await api.moderator.get("/v1/inbound")).json()["items"]
    assert (answer.status_code, "aucune" in answer.text) == (200, True)
    assert (seen["sender"], seen["text"], seen["places"]) == ("contact", "État Kayés", ["Kayes"])


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)
async def test_whoever_knows_the_address_alone_says_nothing(api: Api) -> None:
    await a_contact(api, DRIVER)

    for token in ("", "0" * 32, "é" * 32):
        assert (await brought(api, b"STOP", token=token)).status_code == 403
    bare = await api.client().post("/v1/gateway/inbound?id=9c1-7", content=b"STOP")

    assert bare.status_code == 403
    assert (await api.moderator.get("/v1/inbound")).json()["items"] == []


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("body", "kind", "text"),
    [
        (b"STOP\x00", "text/plain", "STOP"),
        (b"STOP \xff\xfe", 'text/plain; charset="UTF-8"', "STOP \ufffd\ufffd"),
        (b"\x00S\x00T\x00O\x00P\xd8", 'text/plain; charset="UTF-16BE"', "STOP\ufffd"),
        (b"STOP", 'text/plain; charset="of-nobody"', "STOP"),
        (b"STOP " + b"x" * 9_000, "text/plain", "STOP " + "x" * (LONGEST - 5)),
    ],
)
async def test_a_message_is_heard_however_badly_it_is_written(
    api: Api, body: bytes, kind: str, text: str
) -> None:
    await a_contact(api, DRIVER)

    assert (await brought(api, body, kind)).status_code == 200

    (seen,) = (await api.moderator.get("/v1/inbound")).json()["items"]
    assert (seen["sender"], seen["text"]) == ("contact", text)


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)
async def test_a_gateway_that_leaves_the_sender_out_hears_so_at_once(api: Api) -> None:
    """Taken for one phone, all its messages were a flood, and thrown away with 200."""
    token = inbound_token(real.PASSWORD)
    in_address = {"id": "9c1-7", "token": token, "text": "ALERTE FANA"}

    posted = await brought(api, b"from=%2B22376000001&text=ALERTE+FANA", phone=" ")
    got = await api.client().get("/v1/gateway/inbound", params=in_address)

    assert (posted.status_code, got.status_code) == (422, 422)
    named = [one.json()["errors"][0] for one in (posted, got)]
    assert [(one["parameter"], one["in"]) for one in named] == [
        ("X-Kannel-From", "header"),
        ("from", "query"),
    ]
    assert (await api.moderator.get("/v1/inbound")).json()["items"] == []
