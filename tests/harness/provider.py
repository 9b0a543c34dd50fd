"""A Twilio in a process of its own: it outlives every worker, and its log lags like a real one.

    python -m tests.harness.provider [--latency-ms 50] [--lag-s 0.5]

Prints its port. A message is taken somewhere within the latency, so that whoever is killed while
waiting leaves behind messages that were taken and messages that were not. `GET /taken` tells
what was taken, in order; `GET /came` when messages came; `GET /asked` how often the log was
asked, and how often it knew.
"""

import argparse
import asyncio
import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from aiohttp import web
from typing_extensions import override

from app.core.clock import SystemClock
from tests.harness.twilio import ACCOUNT, SENDER, TOKEN, FakeTwilio

ROOT = Path(__file__).parents[2]


class FarTwilio(FakeTwilio):
    """Takes time to answer, refuses strangers, and lists a message only after a while."""

    def __init__(self, *, latency_s: float, lag_s: float) -> None:
        super().__init__(SystemClock())
        self._latency_s, self._lag_s = latency_s, lag_s
        self._came_at: list[float] = []
        self._taken_at: list[float] = []
        self._places: dict[str, list[int]] = {}
        self._asked = {"asked": 0, "found": 0}

    @override
    async def post(self, request: web.Request) -> web.StreamResponse:
        form = {key: str(value) for key, value in (await request.post()).items()}
        self._came_at.append(time.monotonic())
        if self._is_strange(request):
            return web.json_response({"code": 20003, "message": "no", "status": 401}, status=401)
        before_s = random.uniform(0, self._latency_s)  # noqa: S311 - chance, not a secret
        await asyncio.sleep(before_s)
        self._places.setdefault(form["To"], []).append(len(self.messages))
        resource = self._take(form)
        self._taken_at.append(time.monotonic())
        await asyncio.sleep(self._latency_s - before_s)
        return web.json_response(resource, status=201)

    @override
    async def list(self, request: web.Request) -> web.Response:
        if self._is_strange(request):
            return web.json_response({"code": 20003, "message": "no", "status": 401}, status=401)
        await asyncio.sleep(self._latency_s)
        shown = time.monotonic() - self._lag_s
        found = [
            self._resource(self.messages[place])
            for place in self._places.get(request.query.get("To", ""), [])
            if self._taken_at[place] <= shown
        ]
        self._asked["asked"] += 1
        self._asked["found"] += bool(found)
        page = found[::-1][: int(request.query["PageSize"])]
        return web.json_response({"messages": page, "page": 0, "next_page_uri": None})

    async def taken(self, _: web.Request) -> web.Response:
        """Answer what was taken, in order: to whom, what, when on the machine's monotonic clock."""
        pairs = zip(self.messages, self._taken_at, strict=True)
        return web.json_response(
            [{"to": one["to"], "body": one["body"], "at": at} for one, at in pairs]
        )

    async def came(self, _: web.Request) -> web.Response:
        """Answer when messages came, which are taken a little later."""
        return web.json_response(self._came_at)

    async def asked(self, _: web.Request) -> web.Response:
        """Answer how the log was used."""
        return web.json_response(self._asked)

    def _is_strange(self, request: web.Request) -> bool:
        self._check(request)
        strange, self.bad_requests = bool(self.bad_requests), []
        return strange


async def serve(latency_s: float, lag_s: float) -> None:
    """Serve on loopback until killed."""
    fake = FarTwilio(latency_s=latency_s, lag_s=lag_s)
    app = web.Application()
    path = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    app.router.add_post(path, fake.post)
    app.router.add_get(path, fake.list)
    app.router.add_get("/taken", fake.taken)
    app.router.add_get("/came", fake.came)
    app.router.add_get("/asked", fake.asked)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)  # noqa: T201 - how its parent learns of it
    await asyncio.Event().wait()


@dataclass(frozen=True)
class Provider:
    """The process, as tests see it."""

    url: str

    def taken(self) -> list[dict[str, Any]]:
        """Return what it took, in order."""
        return self._get("/taken")  # type: ignore[no-any-return]

    def came(self) -> list[float]:
        """Return when messages came, on the machine's monotonic clock."""
        return self._get("/came")  # type: ignore[no-any-return]

    def asked(self) -> dict[str, int]:
        """Return how often its log was asked, and how often it knew the message."""
        return self._get("/asked")  # type: ignore[no-any-return]

    def environment(self, *, timeout_s: float, url: str | None = None) -> dict[str, str]:
        """Return the settings that make it Sira's provider; `url`: by another way."""
        return {
            "SIRA_TWILIO__ACCOUNT_SID": ACCOUNT,
            "SIRA_TWILIO__AUTH_TOKEN": TOKEN,
            "SIRA_TWILIO__FROM": SENDER,
            "SIRA_TWILIO__BASE_URL": url or self.url,
            "SIRA_TWILIO__TIMEOUT_S": str(timeout_s),
        }

    def _get(self, path: str) -> Any:
        with urlopen(f"{self.url}{path}") as answer:  # noqa: S310 - loopback
            return json.load(answer)


@contextmanager
def a_provider(*, latency_ms: float = 50, lag_s: float = 0.5) -> Iterator[Provider]:
    """Run a provider until the context closes."""
    command = [sys.executable, "-m", "tests.harness.provider"]
    command += ["--latency-ms", str(latency_ms), "--lag-s", str(lag_s)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield Provider(f"http://127.0.0.1:{process.stdout.readline().strip()}")
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--latency-ms", type=float, default=50)
    parser.add_argument("--lag-s", type=float, default=0.5)
    given = parser.parse_args()
    asyncio.run(serve(given.latency_ms / 1000, given.lag_s))
