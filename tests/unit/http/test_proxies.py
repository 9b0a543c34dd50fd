"""Whom a request is taken to come from, behind a proxy and without one."""

import httpx
import pytest
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from app.running import server_config
from app.settings import Settings


async def who(scope: Scope, receive: Receive, send: Send) -> None:
    client = Request(scope).client
    await PlainTextResponse(client.host if client else "")(scope, receive, send)


@pytest.mark.parametrize(
    ("trusted", "peer", "told"),
    [
        ("", "127.0.0.1", "127.0.0.1"),
        ("10.0.0.2", "10.0.0.2", "41.73.96.10"),
        ("192.0.2.1, 10.0.0.0/8", "10.0.0.2", "41.73.96.10"),
        ("10.0.0.0/8", "102.16.0.66", "102.16.0.66"),
    ],
)
async def test_a_client_is_whom_a_trusted_proxy_says(trusted: str, peer: str, told: str) -> None:
    config = server_config(who, trusted)
    config.load()
    transport = httpx.ASGITransport(config.loaded_app, client=(peer, 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://sira.test") as client:
        answer = await client.get("/", headers={"X-Forwarded-For": "41.73.96.10"})

    assert answer.text == told


@pytest.mark.parametrize("wrong", ["nginx", "10.0.0.0/99", "*"])
def test_a_proxy_is_named_by_address(wrong: str) -> None:
    with pytest.raises(ValidationError, match="is no list of addresses"):
        Settings(_env_file=None, trusted_proxies=wrong)
