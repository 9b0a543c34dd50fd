"""Who asks and does not read keeps no connection for ever; who reads slowly gets everything."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest
import uvicorn
from starlette.responses import PlainTextResponse

from app.http import heads, unread
from app.running import server_config

_BYTES = 20_000_000
_ASKS = b"GET / HTTP/1.1\r\nHost: sira\r\nConnection: close\r\n\r\n"


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[uvicorn.Server]:
    monkeypatch.setattr(unread, "READ_WITHIN_S", 0.4)
    config = server_config(PlainTextResponse("x" * _BYTES), "")
    config.port, config.lifespan = 0, "off"
    config.load()
    found = uvicorn.Server(config)
    found.lifespan = config.lifespan_class(config)
    await found.startup()
    yield found
    await found.shutdown()


async def test_an_answer_that_nobody_takes_is_given_up(server: uvicorn.Server) -> None:
    with socket.socket() as asks:
        asks.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        asks.connect(server.servers[0].sockets[0].getsockname())
        asks.send(_ASKS)
        await asyncio.sleep(0.2)
        assert len(server.server_state.connections) == 1

        await asyncio.sleep(1)

        assert not server.server_state.connections


async def test_who_reads_slowly_gets_all_of_it(server: uvicorn.Server) -> None:
    reader, writer = await asyncio.open_connection(*server.servers[0].sockets[0].getsockname())
    writer.write(_ASKS)
    got = 0
    while part := await reader.read(65_536):
        got += len(part)
        await asyncio.sleep(0.005)
    writer.close()

    assert got > _BYTES


async def test_an_answer_that_nobody_takes_makes_room_for_who_asks(
    server: uvicorn.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unread, "READ_WITHIN_S", 60)
    monkeypatch.setattr(heads, "MOST_OPEN", 1)
    address = server.servers[0].sockets[0].getsockname()
    with socket.socket() as asks:
        asks.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        asks.connect(address)
        asks.send(_ASKS)
        await asyncio.sleep(0.2)

        reader, writer = await asyncio.open_connection(*address)
        writer.write(_ASKS)
        answer = await asyncio.wait_for(reader.readline(), 2)
        writer.transport.abort()

    assert answer.startswith(b"HTTP/1.1 200")
