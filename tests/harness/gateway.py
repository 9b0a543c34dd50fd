"""A gateway on loopback that speaks Kannel's sendsms: takes, refuses and reports as it is told."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from tests.harness.twilio import Fault

USER, PASSWORD, SENDER = "sira", "secret-of-gateway", "Sira"


@dataclass
class FakeGateway:
    """What it was sent, and how it answers. `fault` looks at each query and may return a Fault."""

    url: str = ""
    messages: list[dict[str, str]] = field(default_factory=list)
    requests: int = 0
    fault: Callable[[dict[str, str]], Fault | None] = lambda _: None

    def to(self, phone: str) -> list[str]:
        """Return the texts that `phone` was sent."""
        return [message["text"] for message in self.messages if message["to"] == phone]

    def report_url(self, message: dict[str, str], kind: int, answer: str = "") -> str:
        """Return where it would report on `message`, as Kannel fills the URL in."""
        return message["dlr-url"].replace("%d", str(kind)).replace("%A", answer)

    async def get(self, request: web.Request) -> web.StreamResponse:
        self.requests += 1
        query = dict(request.query)
        if (query.get("username"), query.get("password")) != (USER, PASSWORD):
            return web.Response(status=403, text="Authorization failed for sendsms")
        fault = self.fault(query) or Fault(status=202, body="0: Accepted for delivery", accept=True)
        if fault.accept:
            self.messages.append(query)
        await fault.silence()
        if fault.drop and request.transport:
            request.transport.close()
        return web.Response(status=fault.status, text=fault.body or "", headers=fault.headers)


@asynccontextmanager
async def fake_gateway() -> AsyncIterator[FakeGateway]:
    """Serve a gateway on loopback for as long as the context is open."""
    fake = FakeGateway()
    app = web.Application()
    app.router.add_get("/cgi-bin/sendsms", fake.get)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    fake.url = f"http://127.0.0.1:{runner.addresses[0][1]}/cgi-bin/sendsms"
    try:
        yield fake
    finally:
        await runner.cleanup()
