"""A request line and headers without an end are not taken in."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import uvicorn
from starlette.responses import PlainTextResponse

from app.http.heads import HEAD_LIMIT_BYTES
from app.running import server_config

_CHUNK = b"a" * 16_384


@pytest.fixture
async def port() -> AsyncIterator[int]:
    config = server_config(PlainTextResponse("ok"), "")
    config.port, config.lifespan = 0, "off"
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    yield server.servers[0].sockets[0].getsockname()[1]
    await server.shutdown()


async def answer_to(port: int, begin: bytes, *, chunks: int, end: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(begin)
        for _ in range(chunks):
            writer.write(_CHUNK)
            await writer.drain()
            await asyncio.sleep(0.001)
        writer.write(end)
        return await reader.readline()
    except ConnectionError:
        return b"closed"
    finally:
        writer.close()


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        (b"GET / HTTP/1.1\r\nHost: sira\r\nX-Long: ", b"\r\n\r\n"),
        (b"GET /", b" HTTP/1.1\r\nHost: sira\r\n\r\n"),
    ],
)
async def test_a_head_that_does_not_end_is_not_waited_for(
    port: int, begin: bytes, end: bytes
) -> None:
    few = HEAD_LIMIT_BYTES // len(_CHUNK) - 1

    assert (await answer_to(port, begin, chunks=few, end=end)).startswith(b"HTTP/1.1 200")
    refused = await answer_to(port, begin, chunks=40 * few, end=end)

    assert refused == b"closed" or refused.startswith(b"HTTP/1.1 431")


async def test_what_of_a_body_comes_with_the_end_of_a_head_is_no_head(port: int) -> None:
    length = 4 * HEAD_LIMIT_BYTES
    begin = b"POST / HTTP/1.1\r\nHost: sira\r\nX-Long: "
    end = b"\r\nContent-Length: " + str(length).encode() + b"\r\n\r\n" + b"x" * length

    assert (await answer_to(port, begin, chunks=1, end=end)).startswith(b"HTTP/1.1 200")


async def test_a_body_is_no_head(port: int) -> None:
    chunks = 2 * HEAD_LIMIT_BYTES // len(_CHUNK)
    length = str(chunks * len(_CHUNK)).encode()
    begin = b"POST / HTTP/1.1\r\nHost: sira\r\nContent-Length: " + length + b"\r\n\r\n"

    assert (await answer_to(port, begin, chunks=chunks, end=b"")).startswith(b"HTTP/1.1 200")
