"""Signed webhooks: an event to a program of an organisation's, by HTTP POST.

Whoever names the URL decides where this machine connects to. So every address is looked at when
the connection is made, the very one that is connected to: a name that answered with a public
address when it was set, and with a private one now, gets no connection.
"""

import asyncio
import socket
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Container
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from typing_extensions import override

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
from app.channels.public_addresses import is_literal, is_public
from app.channels.webhook_endpoint import Endpoint, read_endpoint, signatures

_DONE = range(200, 300)
_MOVED = range(300, 400)
_GONE = 410
#: Whoever sets a webhook waits for it.
_LOOK_UP_S = 5.0
_BAD_ADDRESS = "private_address"
#: Of what may be in the air, as much is one organisation's at most: whose programs do not answer
#: keeps nobody else's waiting.
_SHARE = 4
#: As long a message waits for those of its organisation before it.
_TURN_S = 0.25
#: Names are looked up apart from those of mail servers: a slow answer is whoever's name it is. A
#: look-up outlives its call, by half a minute where no name server answers: there are more threads
#: than calls, and names of webhooks that are only being set have few of their own.
_NAMES = ThreadPoolExecutor(128, thread_name_prefix="webhook-name")
_NEW_NAMES = ThreadPoolExecutor(8, thread_name_prefix="webhook-new-name")


class NotPublicError(OSError):
    """The address that was about to be connected to is not one of the public Internet."""


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
        resolver: AbstractResolver | None = None,
    ) -> None:
        self.concurrency = concurrency
        self._clock, self._timeout_s = clock, timeout_s
        self._development = development
        self._resolver = resolver
        self._session: aiohttp.ClientSession | None = None
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
        try:
            async with self._turn(message.organisation_id):
                message.leave()
                return await self._post(endpoint, message)
        except _BusyError:
            return _failed("busy", "others of the organisation do not answer", self._timeout_s)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return self._failure(error)

    @asynccontextmanager
    async def _turn(self, organisation_id: str) -> AsyncIterator[None]:
        turns = self._turns[organisation_id]
        try:
            async with asyncio.timeout(_TURN_S):
                await turns.acquire()
        except TimeoutError:
            raise _BusyError from None
        try:
            yield
        finally:
            turns.release()

    def _failure(self, error: Exception) -> Rejected:
        inner = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
        if isinstance(inner, NotPublicError):
            return Rejected(permanent=True, code=_BAD_ADDRESS, detail=str(inner))
        if isinstance(error, TimeoutError):
            return _failed("timeout", f"no answer within {self._timeout_s:g} s")
        return _failed("unreachable", type(error).__name__)

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
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _post(self, endpoint: Endpoint, message: Outgoing) -> SendResult:
        now, body = self._clock(), message.text.encode()
        signed = signatures(endpoint.secrets(now), event_id=message.delivery_id, at=now, body=body)
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Sira-Webhooks/1",
            "webhook-id": message.delivery_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": signed,
        }
        answer = await self._opened().post(
            endpoint.url, data=body, headers=headers, allow_redirects=False
        )
        answer.close()  # whatever else it would say is not read
        return _meaning(
            answer.status, answer.headers.get("Retry-After"), message.delivery_id, now=now
        )

    def _fault_of(self, url: str) -> str | None:
        """Return why a URL is not called, as far as it says so itself."""
        parts = urlsplit(url)
        if parts.scheme != "https" and not (self._development and parts.scheme == "http"):
            return "not https"
        host = parts.hostname or ""
        if is_literal(host) and not is_public(host, loopback=self._development):
            return "not a public address"
        return None

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(
                limit=self.concurrency,
                resolver=_PublicResolver(
                    self._resolver or _Names(_NAMES), loopback=self._development
                ),
                use_dns_cache=False,  # a name is asked for at each connection
                force_close=True,  # no connection outlives the look at its address
                socket_factory=self._socket,
            )
            self._session = aiohttp.ClientSession(
                connector=connector,
                timeout=aiohttp.ClientTimeout(total=self._timeout_s),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                trust_env=False,
            )
        return self._session

    def _socket(self, info: aiohttp.AddrInfoType) -> socket.socket:
        """Return a socket for the address that is connected to next, if it may be: the last look.

        Raises:
            NotPublicError: It may not.
        """
        family, kind, protocol, _, address = info
        if not is_public(str(address[0]), loopback=self._development):
            raise NotPublicError("not a public address")
        return socket.socket(family, kind, protocol)


class _Names(AbstractResolver):
    """Looks names up in threads of its own."""

    def __init__(self, threads: ThreadPoolExecutor) -> None:
        self._threads = threads

    @override
    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await asyncio.get_running_loop().run_in_executor(
            self._threads,
            lambda: socket.getaddrinfo(
                host, port, family, socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG
            ),
        )
        return [
            ResolveResult(
                hostname=host,
                host=str(address[0]),
                port=int(address[1]),
                family=kind,
                proto=protocol,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for kind, _, protocol, _, address in found
        ]

    @override
    async def close(self) -> None:
        """Leave the threads to whoever looks up next."""


class _PublicResolver(AbstractResolver):
    """Names to addresses, every one of which is public; a name with any other has none at all.

    A name that answers with both a public and a private address is set up for nothing good.
    """

    def __init__(self, inner: AbstractResolver, *, loopback: bool) -> None:
        self._inner, self._loopback = inner, loopback

    @override
    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        if not all(is_public(one["host"], loopback=self._loopback) for one in found):
            raise NotPublicError("the host has an address that is not public")
        return found

    @override
    async def close(self) -> None:
        await self._inner.close()


async def leads_inside(url: str, *, development: bool) -> bool:
    """Tell whether a URL's host has an address now that will not be called.

    A host that cannot be found says nothing: it is looked at whenever it is called.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if is_literal(host):
        return not is_public(host, loopback=development)
    try:
        async with asyncio.timeout(_LOOK_UP_S):
            await _PublicResolver(_Names(_NEW_NAMES), loopback=development).resolve(
                host, parts.port or 443, socket.AF_UNSPEC
            )
    except NotPublicError:
        return True
    except (OSError, UnicodeError):
        return False
    return False


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
