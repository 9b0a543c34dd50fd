"""A Twilio on loopback: accepts, refuses, stalls and calls back as it is told."""

import asyncio
import base64
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.utils import format_datetime
from typing import Any

import smsutil
from aiohttp import web
from twilio.request_validator import RequestValidator

from app.core.clock import Clock, SystemClock

ACCOUNT = "AC" + "0" * 32
TOKEN = "f" * 32
SENDER = "+15005550006"


@dataclass(kw_only=True)
class Fault:
    """How one request goes wrong.

    Attributes:
        accept: The message is taken all the same, before the answer goes wrong.
        silent_s: No answer for so long.
        until: No answer before this is set: a test says when it has seen what it waits for.
        drop: The connection is cut instead of an answer.
    """

    status: int = 201
    body: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    accept: bool = False
    silent_s: float = 0.0
    until: asyncio.Event | None = None
    drop: bool = False

    @classmethod
    def error(cls, status: int, code: int, **headers: str) -> "Fault":
        """Return a refusal as Twilio documents it."""
        body = f'{{"code": {code}, "message": "refused for +22370000001", "status": {status}}}'
        return cls(status=status, body=body, headers=headers)

    async def silence(self) -> None:
        """Wait for as long as there is no answer."""
        if self.silent_s:
            await asyncio.sleep(self.silent_s)
        if self.until is not None:
            await self.until.wait()


@dataclass
class FakeTwilio:
    """What it was sent, and how it answers. `fault` looks at each form and may return a Fault."""

    clock: Clock
    url: str = ""
    messages: list[dict[str, str]] = field(default_factory=list)
    calls: list[dict[str, str]] = field(default_factory=list)
    requests: int = 0
    in_the_air: int = 0
    most_in_the_air: int = 0
    bad_requests: list[str] = field(default_factory=list)
    fault: Callable[[dict[str, str]], Fault | None] = lambda _: None
    log_down: bool = False
    log_page: dict[str, Any] | None = None
    log_silence: asyncio.Event | None = None  # no answer about the log before it is set
    questions: int = 0

    def to(self, phone: str) -> list[str]:
        """Return the texts that `phone` was sent."""
        return [message["body"] for message in self.messages if message["to"] == phone]

    def callback(
        self, message: dict[str, str], status: str, **more: str
    ) -> tuple[str, dict[str, str], str]:
        """Return (url, form, signature) of a status callback for `message`."""
        form = {
            "MessageSid": message["sid"],
            "MessageStatus": status,
            "AccountSid": ACCOUNT,
            "ApiVersion": "2010-04-01",
        } | more
        url = message["callback"]
        return url, form, RequestValidator(TOKEN).compute_signature(url, form)

    async def post(self, request: web.Request) -> web.StreamResponse:
        self.requests += 1
        self.in_the_air += 1
        self.most_in_the_air = max(self.most_in_the_air, self.in_the_air)
        try:
            return await self._answer(request)
        finally:
            self.in_the_air -= 1

    async def call(self, request: web.Request) -> web.Response:
        """Take a call, as Twilio's API documents it: it is answered by `tests.harness.calling`."""
        self._check(request)
        form = {key: str(value) for key, value in (await request.post()).items()}
        fault = self.fault(form)
        if fault is not None:
            return web.Response(status=fault.status, text=fault.body, headers=fault.headers)
        if not {"To", "From", "Url"} <= form.keys() or not form["Url"].startswith("https://"):
            self.bad_requests.append(f"call {sorted(form)}")
        if form.get("MachineDetection") not in {None, "Enable", "DetectMessageEnd"}:
            self.bad_requests.append(form["MachineDetection"])
        sid = f"CA{len(self.calls):032x}"
        self.calls.append({**form, "CallSid": sid})
        return web.json_response({"sid": sid, "status": "queued", "to": form["To"]}, status=201)

    async def list(self, request: web.Request) -> web.Response:
        self._check(request)
        self.questions += 1
        if self.log_silence is not None:
            await self.log_silence.wait()
        if self.log_down:
            return web.Response(status=503)
        if self.log_page is not None:
            return web.json_response(self.log_page)
        wanted = request.query.get("To")
        found = [m for m in reversed(self.messages) if m["to"] == wanted]
        page = [self._resource(message) for message in found][: int(request.query["PageSize"])]
        date = {"Date": format_datetime(self.clock.now(), usegmt=True)}
        return web.json_response({"messages": page, "page": 0, "next_page_uri": None}, headers=date)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self._check(request)
        form = {key: str(value) for key, value in (await request.post()).items()}
        fault = self.fault(form) or Fault(accept=True)
        resource = self._take(form) if fault.accept else {}
        await fault.silence()
        if fault.drop and request.transport:
            request.transport.close()
        if fault.body is not None:
            return web.Response(status=fault.status, text=fault.body, headers=fault.headers)
        return web.json_response(resource, status=fault.status, headers=fault.headers)

    def _take(self, form: dict[str, str]) -> dict[str, object]:
        message = {
            "sid": f"SM{len(self.messages):032x}",
            "to": form["To"],
            "body": form["ContentVariables"] if "ContentSid" in form else form["Body"],
            "template": form.get("ContentSid", ""),
            "sender": form.get("From") or form["MessagingServiceSid"],
            "callback": form.get("StatusCallback", ""),
            "created": format_datetime(self.clock.now()),
        }
        self.messages.append(message)
        return self._resource(message)

    def _resource(self, message: dict[str, str]) -> dict[str, object]:
        return {
            "sid": message["sid"],
            "to": message["to"],
            "body": message["body"],
            "status": "queued",
            # of a messaging service only once it has chosen the sender
            "num_segments": "0" if message["sender"].startswith("MG") else _segments(message),
            "error_code": None,
            "error_message": None,
            "date_created": message["created"],
            "date_sent": None,
            "date_updated": message["created"],
            "account_sid": ACCOUNT,
        }

    def _check(self, request: web.Request) -> None:
        pair = base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
        if request.headers.get("Authorization") != f"Basic {pair}":
            self.bad_requests.append("authorization")
        kind = request.headers.get("Content-Type", "")
        if request.method == "POST" and kind != "application/x-www-form-urlencoded":
            self.bad_requests.append(kind)


def _segments(message: dict[str, str]) -> str:
    return str(len(smsutil.split(message["body"]).parts))


@asynccontextmanager
async def fake_twilio(clock: Clock | None = None) -> AsyncIterator[FakeTwilio]:
    """Serve a Twilio on loopback for as long as the context is open."""
    fake = FakeTwilio(clock or SystemClock())
    app = web.Application()
    path = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    app.router.add_post(path, fake.post)
    app.router.add_get(path, fake.list)
    app.router.add_post(path.replace("Messages", "Calls"), fake.call)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    fake.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield fake
    finally:
        await runner.cleanup()
