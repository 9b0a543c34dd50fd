"""The pages in a real browser: the application behind uvicorn on loopback, Chromium before it."""

import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
import uvicorn
from playwright.async_api import Browser, BrowserContext, Page, Request, Route, expect
from starlette.types import ASGIApp

#: Of its own accord it waits 5 s, or 30: a busy machine is no page that lacks something.
PATIENCE_MS = 90_000
expect.set_options(timeout=PATIENCE_MS)

#: For the tests that share a browser, which belongs to one event loop; so do their fixtures.
SHARED = pytest.mark.asyncio(loop_scope="session")

#: Quiet, and not asking anybody for anything by itself.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextmanager
def listening(app: ASGIApp) -> Iterator[str]:
    """Serve `app` on loopback, in a thread of its own; yields its address."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        if not thread.is_alive():
            raise RuntimeError("the server did not start")
        threading.Event().wait(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


@dataclass
class Tab:
    """A tab, and what it should not have done.

    Attributes:
        complaints: Errors and warnings of the console, and of scripts.
        asked: Every address that was asked for.
        strays: Those off the origin; they were not let through.
    """

    page: Page
    origin: str
    complaints: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    strays: list[str] = field(default_factory=list)

    async def open(self, path: str) -> None:
        """Go to a page and wait until all of it is there."""
        await self.page.goto(f"{self.origin}{path}", wait_until="load")

    def was_quiet(self) -> None:
        """Check that nothing was complained of, and nobody else asked for anything."""
        assert self.complaints == [], "\n".join(self.complaints)
        assert self.strays == []


@asynccontextmanager
async def chromium_at(
    browser: Browser, origin: str, *, scripts: bool = True, width: int = 390, **more: Any
) -> AsyncIterator[Tab]:
    """Open a tab that knows of no other; whatever leaves `origin` is stopped and listed."""
    context: BrowserContext = await browser.new_context(
        java_script_enabled=scripts, viewport={"width": width, "height": 640}, **more
    )
    context.set_default_timeout(PATIENCE_MS)
    tab = Tab(page=await context.new_page(), origin=origin)

    async def guard(route: Route, request: Request) -> None:
        tab.asked.append(request.url)
        if urlsplit(request.url)[:2] == urlsplit(origin)[:2]:
            await route.continue_()
        else:
            tab.strays.append(request.url)
            await route.abort()

    await context.route("**/*", guard)
    tab.page.on(
        "console",
        lambda said: (
            tab.complaints.append(said.text) if said.type in {"error", "warning"} else None
        ),
    )
    tab.page.on("pageerror", lambda error: tab.complaints.append(str(error)))
    try:
        yield tab
    finally:
        await context.close()
