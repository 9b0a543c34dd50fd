"""Signed webhooks: an event to a program of an organisation's, by HTTP POST.

Whoever names the URL decides where this machine connects to. So every address is looked at when
the connection is made (`public_http`), the very one that is connected to: a name that answered with
a public address when it was set, and with a private one now, gets no connection.
"""

import asyncio
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Container
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from importlib import import_module
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from app.channels.base import (
    Accepted,
    Found,
    NoAnswer,
    NotThere,
    Outgoing,
    Rejected,
    SendResult,
    seconds_asked,
)
from app.channels.host_names import look_up
from app.channels.public_addresses import NotPublicError, is_literal, is_public
from app.channels.webhook_endpoint import Endpoint, read_endpoint, signatures

if TYPE_CHECKING:
    from aiohttp.abc import AbstractResolver

    from app.channels.public_http import PublicHttp

_DONE = range(200, 300)
_MOVED = range(300, 400)
_GONE = 410
#: Whoever sets a webhook waits for it.
_LOOK_UP_S = 5.0
_HTTP = "app.channels.public_http"
_BAD_ADDRESS = "private_address"
#: Of what may be in the air, as much is one organisation's at most: whose programs do not answer
#: keeps nobody else's waiting.
_SHARE = 4
#: As long a message waits for those of its organisation before it.
_TURN_S = 0.25
#: Names of webhooks that are only being set are looked up apart from those that are called.
_NEW_NAMES = ThreadPoolExecutor(8, thread_name_prefix="webhook-new-name")


class _BusyError(Exception):
    """As many calls as an organisation may have in the air wait for an answer."""


class Webhooks:
    """Calls the programs of organisations.

    A receiver is whoever an organisation likes, so no answer says anything of another receiver:
    what goes wrong is always this recipient's. An event keeps its id however often it is sent, and
    receivers know one by it: what may have arrived is sent again, and is no doubt.

    Args:
        clock: Tells the time that is signed.
        timeout_s: For the whole of one request.
        development: Plain http, and receivers on this machine.
        turn_s: How long a call waits for others of its organisation.
    """

    name = "webhook"
    kind = "webhook"

    def __init__(
        self,
        *,
        clock: Callable[[], datetime],
        timeout_s: float = 10.0,
        development: bool = False,
        concurrency: int = 32,
        turn_s: float = _TURN_S,
        resolver: "AbstractResolver | None" = None,
    ) -> None:
        self.concurrency, self._turn_s = concurrency, turn_s
        self._clock, self._timeout_s = clock, timeout_s
        self._development = development
        self._resolver = resolver
        self._http: PublicHttp | None = None
        share = max(1, concurrency // _SHARE)
        self._turns: dict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(share))

    async def send(self, message: Outgoing) -> SendResult:
        """Post `message` once; its answer's status is all that is looked at."""
        try:
            endpoint = read_endpoint(message.address)
        except ValueError:
            return Rejected(permanent=True, code="bad-address", detail="no endpoint of a webhook")
        if fault := self._fault_of(endpoint.url):
            return Rejected(permanent=True, code=_BAD_ADDRESS, detail=fault)
        return await self._call(await self._opened(), endpoint, message)

    async def _call(self, http: "PublicHttp", endpoint: Endpoint, message: Outgoing) -> SendResult:
        try:
            async with self._turn(message.organisation_id):
                message.leave()
                return await self._post(http, endpoint, message)
        except _BusyError:
            return _failed("busy", "others of the organisation do not answer", self._timeout_s)
        except NotPublicError as error:
            return Rejected(permanent=True, code=_BAD_ADDRESS, detail=str(error))
        except TimeoutError:
            return _failed("timeout", f"no answer within {self._timeout_s:g} s")
        except ConnectionError as error:
            return _failed("unreachable", str(error))

    @asynccontextmanager
    async def _turn(self, organisation_id: str) -> AsyncIterator[None]:
        turns = self._turns[organisation_id]
        try:
            async with asyncio.timeout(self._turn_s):
                await turns.acquire()
        except TimeoutError:
            raise _BusyError from None
        try:
            yield
        finally:
            turns.release()

    async def find(
        self,
        message: Outgoing,  # noqa: ARG002 - nobody is asked
        *,
        within: timedelta,  # noqa: ARG002
        known: Container[str],  # noqa: ARG002
    ) -> Found | NotThere | NoAnswer:
        """Have it sent again: a receiver that has it knows it by its id."""
        return NotThere()

    async def close(self) -> None:
        """Close connections."""
        if self._http is not None:
            await self._http.close()
            self._http = None

    async def _post(self, http: "PublicHttp", endpoint: Endpoint, message: Outgoing) -> SendResult:
        now, body = self._clock(), message.text.encode()
        signed = signatures(endpoint.secrets(now), event_id=message.delivery_id, at=now, body=body)
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Sira-Webhooks/1",
            "webhook-id": message.delivery_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": signed,
        }
        status, retry_after = await http.post(endpoint.url, body, headers)
        return _meaning(status, retry_after, message.delivery_id, now=now)

    def _fault_of(self, url: str) -> str | None:
        """Return why a URL is not called, as far as it says so itself."""
        parts = urlsplit(url)
        if parts.scheme != "https" and not (self._development and parts.scheme == "http"):
            return "not https"
        host = parts.hostname or ""
        if is_literal(host) and not is_public(host, loopback=self._development):
            return "not a public address"
        return None

    async def _opened(self) -> "PublicHttp":
        """Return what calls programs: 8 MiB that nobody without a webhook needs."""
        if _HTTP not in sys.modules:
            await asyncio.to_thread(import_module, _HTTP)
        from app.channels.public_http import PublicHttp  # noqa: PLC0415 - read just before

        if self._http is None:
            self._http = PublicHttp(
                timeout_s=self._timeout_s,
                connections=self.concurrency,
                loopback=self._development,
                resolver=self._resolver,
            )
        return self._http


async def leads_inside(url: str, *, development: bool) -> bool:
    """Tell whether a URL's host has an address now that will not be called.

    A host that cannot be found says nothing: it is looked at whenever it is called.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if is_literal(host):
        return not is_public(host, loopback=development)
    if host.rstrip(".").rpartition(".")[2] == "localhost":  # whatever is before it: RFC 6761, 6.3
        return not development
    try:
        async with asyncio.timeout(_LOOK_UP_S):
            found = await look_up(host, parts.port or 443, _NEW_NAMES)
    except (OSError, UnicodeError):
        return False
    return not all(is_public(str(address[0]), loopback=development) for *_, address in found)


def _meaning(status: int, retry_after: str | None, event_id: str, *, now: datetime) -> SendResult:
    if status in _DONE:
        return Accepted(provider_id=event_id, final=True)
    if status == _GONE:  # the specification's way to say: never again
        return Rejected(permanent=True, code="410", detail="gone", opted_out=True)
    return Rejected(
        permanent=False,
        code=str(status),
        detail="redirects are not followed" if status in _MOVED else f"HTTP {status}",
        retry_after_s=_seconds(retry_after, now),
    )


def _seconds(retry_after: str | None, now: datetime) -> float | None:
    """Return a `Retry-After` in seconds: it has them, or a date. Source: RFC 9110, 10.2.3."""
    if (asked := seconds_asked(retry_after)) is not None:
        return asked
    try:
        return max((parsedate_to_datetime(retry_after or "") - now).total_seconds(), 0.0)
    except (ValueError, TypeError):
        return None


def _failed(code: str, detail: str, retry_after_s: float | None = None) -> Rejected:
    return Rejected(permanent=False, code=code, detail=detail, retry_after_s=retry_after_s)
