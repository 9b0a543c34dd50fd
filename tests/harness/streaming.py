"""Reads an answer that stays open, straight from the application."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp, Message


@dataclass
class Heard:
    """What came so far."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    _begun: asyncio.Event = field(default_factory=asyncio.Event)
    _events: "asyncio.Queue[str]" = field(default_factory=asyncio.Queue)

    async def begun(self) -> int:
        """Wait for the status."""
        await self._begun.wait()
        return self.status

    async def data(self) -> str:
        """Return the data of the next event."""
        while True:
            event = await self._events.get()
            for line in event.splitlines():
                if line.startswith("data: "):
                    return line.removeprefix("data: ")

    async def take(self, message: Message) -> None:
        """Take what the application sends."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {k.decode(): v.decode() for k, v in message["headers"]}
            self._begun.set()
            return
        self._events.put_nowait(message.get("body", b"").decode())
        if not message.get("more_body"):
            self.ended.set()


@asynccontextmanager
async def hearing(app: ASGIApp, path: str, **headers: str) -> AsyncIterator[Heard]:
    """Open `path` as a browser's EventSource does; leave when the context ends."""
    heard, leave = Heard(), asyncio.Event()
    sent = [(k.replace("_", "-").lower().encode(), v.encode()) for k, v in headers.items()]
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(b"host", b"sira.test"), (b"accept", b"text/event-stream"), *sent],
        "client": ("127.0.0.1", 1),
        "server": ("sira.test", 80),
    }
    asked = False

    async def receive() -> Message:
        nonlocal asked
        if not asked:
            asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await leave.wait()
        return {"type": "http.disconnect"}

    async def run() -> None:
        await app(scope, receive, heard.take)

    async with asyncio.TaskGroup() as group:
        group.create_task(run())
        yield heard
        leave.set()
