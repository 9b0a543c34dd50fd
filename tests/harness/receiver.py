"""A program of an organisation's, on loopback: takes events and checks them as receivers do."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from standardwebhooks import Webhook


@dataclass
class Receiver:
    """What it was sent.

    Attributes:
        answers: Statuses to answer with, in turn; then 204.
        silent_s: No answer for so long.
        until: No answer before this is set.
    """

    url: str = ""
    secret: str = ""
    answers: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    silent_s: float = 0.0
    until: asyncio.Event | None = None
    received: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)

    async def post(self, request: web.Request) -> web.StreamResponse:
        content = await request.read()
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.received.append((headers, content))
        status = self.answers.pop(0) if self.answers else 204
        if status == 204 and self.secret:
            self.events.append(self.verified(len(self.received) - 1, self.secret))
        await asyncio.sleep(self.silent_s)
        if self.until is not None:
            await self.until.wait()
        return web.Response(status=status, headers=self.headers, body=self.body)

    def verified(self, index: int, secret: str) -> dict[str, Any]:
        """Return the event of a request, checked by the library that receivers use.

        Raises:
            WebhookVerificationError: The signature does not fit the secret.
        """
        headers, content = self.received[index]
        Webhook(secret).verify(content, headers)
        found: dict[str, Any] = json.loads(content)
        return found


@asynccontextmanager
async def a_receiver() -> AsyncIterator[Receiver]:
    """Receive on loopback for as long as the context is open."""
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/{path:.*}", receiver.post)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/sira"
    try:
        yield receiver
    finally:
        await runner.cleanup()
