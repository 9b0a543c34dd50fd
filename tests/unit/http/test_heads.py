"""A request line, headers and trailers without an end are not taken in."""

import asyncio
import resource
from collections.abc import AsyncIterator

import pytest
import uvicorn
from starlette.responses import PlainTextResponse

from app.http import heads
from app.http.heads import HEAD_LIMIT_BYTES, HEAD_WITHIN_S
from app.running import server_config

_CHUNK = b"a" * 16_384
_ASKS = b"GET / HTTP/1.1\r\nHost: sira\r\n\r\n"
_CHUNKED = b"POST / HTTP/1.1\r\nHost: sira\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.fixture
async def port() -> AsyncIterator[int]:
    config = server_config(PlainTextResponse("ok"), "")
    config.port, config.lifespan = 0, "off"
    config.timeout_keep_alive = 600
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    yield server.servers[0].sockets[0].getsockname()[1]
    await server.shutdown()


async def send(port: int, begin: bytes, *, chunks: int, end: bytes, whole: bool) -> bytes:
    """Send a request; return the first line of the answer, or all there is up to the end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(begin)
        for _ in range(chunks):
            writer.write(_CHUNK)
            await writer.drain()
            await asyncio.sleep(0.001)
        writer.write(end)
        return await asyncio.wait_for(reader.read() if whole else reader.readline(), 30)
    except ConnectionError:
        return b""
    finally:
        writer.close()


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        (b"GET / HTTP/1.1\r\nHost: sira\r\nX-Long: ", b"\r\n\r\n"),
        (b"GET /", b" HTTP/1.1\r\nHost: sira\r\n\r\n"),
        (_CHUNKED + b"0\r\nX-Long: ", b"\r\n\r\n"),
    ],
)
async def test_what_does_not_end_is_not_waited_for(port: int, begin: bytes, end: bytes) -> None:
    few = HEAD_LIMIT_BYTES // len(_CHUNK) - 1

    short = await send(port, begin, chunks=few, end=end, whole=False)
    endless = await send(port, begin, chunks=100 * few, end=b"", whole=True)

    assert short.startswith(b"HTTP/1.1 200")
    assert endless == b"" or endless.endswith(
        b"431 Request Header Fields Too Large\r\nconnection: close\r\n\r\n"
    )


async def test_what_of_a_body_comes_with_the_end_of_a_head_is_no_head(port: int) -> None:
    length = 4 * HEAD_LIMIT_BYTES
    begin = b"POST / HTTP/1.1\r\nHost: sira\r\nX-Long: "
    end = b"\r\nContent-Length: %d\r\n\r\n" % length + b"x" * length

    answer = await send(port, begin, chunks=1, end=end, whole=False)

    assert answer.startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_is_no_head(port: int, *, chunked: bool) -> None:
    chunks = 20 * HEAD_LIMIT_BYTES // len(_CHUNK)
    size = chunks * len(_CHUNK)
    begin = b"POST / HTTP/1.1\r\nHost: sira\r\nContent-Length: %d\r\n\r\n" % size
    end = b""
    if chunked:
        begin, end = _CHUNKED + b"%x\r\n" % size, b"\r\n0\r\n\r\n"

    answer = await send(port, begin, chunks=chunks, end=end, whole=False)

    assert answer.startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("begin", [b"", b"GET / HTTP/1.1\r\nHost: sira\r\n", _CHUNKED + b"0\r\n"])
async def test_who_opens_a_connection_and_says_no_more_is_not_waited_for(
    port: int, monkeypatch: pytest.MonkeyPatch, begin: bytes
) -> None:
    monkeypatch.setattr(heads, "HEAD_WITHIN_S", 0.2)

    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(begin)
    async with asyncio.timeout(15):
        rest = await reader.read()
    writer.close()

    assert rest == b"" or begin.startswith(_CHUNKED)


async def test_a_head_that_comes_in_time_is_answered(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop, passed_s = asyncio.get_running_loop(), 0.0
    clock = loop.time
    monkeypatch.setattr(loop, "time", lambda: clock() + passed_s)  # it jumps, and nobody waits

    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = []
    for _ in range(2):
        for part in (b"GET / HTTP/1.1\r\n", b"Host: sira\r\n", b"\r\n"):
            writer.write(part)
            await asyncio.sleep(0.01)
            passed_s += HEAD_WITHIN_S / 5
        lines.append(await asyncio.wait_for(reader.readuntil(b"ok"), 60))
        passed_s += HEAD_WITHIN_S + 5
        await asyncio.sleep(0.01)
    writer.close()

    assert all(line.startswith(b"HTTP/1.1 200") for line in lines)


async def test_whoever_opens_connections_and_says_nothing_gives_way_to_who_asks(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heads, "MOST_OPEN", 5)
    silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(5)]

    answer = await send(port, _ASKS, chunks=0, end=b"", whole=False)

    assert answer.startswith(b"HTTP/1.1 200")
    async with asyncio.timeout(2):
        assert await silent[0][0].read() == b""  # the first that came, and no other
    for reader, writer in silent[1:]:
        writer.write(_ASKS)
        assert (await asyncio.wait_for(reader.readline(), 2)).startswith(b"HTTP/1.1 200")
    for _, writer in silent:
        writer.close()


async def test_while_all_are_being_answered_no_more_are_let_in(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heads, "MOST_OPEN", 3)
    asked = b"POST / HTTP/1.1\r\nHost: sira\r\nContent-Length: 10\r\n\r\n"
    busy = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
    for _, writer in busy:
        writer.write(asked)
    await asyncio.sleep(0.1)

    answer = await send(port, _ASKS, chunks=0, end=b"", whole=True)

    assert answer == b""
    for reader, writer in busy:
        writer.write(b"0123456789")
        assert (await asyncio.wait_for(reader.readline(), 2)).startswith(b"HTTP/1.1 200")
        writer.close()


@pytest.mark.parametrize(
    ("descriptors", "most"),
    [(256, 128), (1_024, 512), (4_096, 3_496), (1_048_576, 5_000), (-1, 5_000)],
)
def test_of_few_descriptors_others_have_their_share(
    monkeypatch: pytest.MonkeyPatch, descriptors: int, most: int
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (descriptors, -1))

    assert heads.most_open() == most
