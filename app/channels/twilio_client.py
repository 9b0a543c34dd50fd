"""Twilio's official client on a lean transport: one pool, no retries, a real time-out.

Twilio's own transports cost 530 us of CPU a message, ignore the time-out they are given, or post
again by themselves, which sends an SMS twice. Sira retries from its outbox only.
"""

import base64
import json
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from string import ascii_letters, digits
from typing import Any
from urllib.parse import quote_plus

from pyreqwest.exceptions import RequestError
from twilio.http import AsyncHttpClient
from twilio.http.response import Response
from typing_extensions import override

from app.channels.base import seconds_asked
from app.channels.http_pool import failure, open_pool

_log = logging.getLogger(__name__)

#: Statuses from here on are no success; a redirect is none either, since it is not followed.
_NOT_DONE = 300


#: Called by the transport right before a request leaves. Twilio's client stands between those who
#: know when that is and those who know whether it may, and takes nothing along.
_LEAVE: ContextVar[Callable[[], None] | None] = ContextVar("leave", default=None)


@contextmanager
def asking(leave: Callable[[], None]) -> Iterator[None]:
    """Have `leave` called right before each request in this context; it may raise."""
    token = _LEAVE.set(leave)
    try:
        yield
    finally:
        _LEAVE.reset(token)


class RefusedError(Exception):
    """The provider answered, with an error.

    Attributes:
        code: Twilio's own code, when the body was what its API documents.
    """

    def __init__(
        self, *, status: int, code: int | None, message: str, retry_after_s: float | None
    ) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status
        self.code = code
        self.message = message
        self.retry_after_s = retry_after_s


class LeanTransport(AsyncHttpClient):  # type: ignore[misc]  # twilio is not typed
    """Twilio's documented `http_client` extension over a pooled asynchronous HTTP client.

    Args:
        timeout_s: For the whole of one request.
        connections: Open at once at most.
    """

    def __init__(self, *, timeout_s: float, connections: int) -> None:
        super().__init__(_log, is_async=True, timeout=timeout_s)
        self._pool = open_pool(timeout_s=timeout_s, connections=connections)
        self._authorizations: dict[tuple[str, str], str] = {}
        #: The provider's time when it answered the last question; None: it never said.
        self.answered_at: datetime | None = None

    @override
    async def request(
        self,
        method: str,
        uri: str,
        params: dict[str, object] | None = None,
        data: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        """Make one request, once.

        Raises:
            NotSentError: The provider cannot have it.
            NoAnswerError: The provider may have it.
            RefusedError: The provider answered with an error.
        """
        builder = self._pool.request(method, uri).headers(headers or {})
        if auth:
            builder = builder.header("Authorization", self._authorization(auth), is_sensitive=True)
        if params:
            builder = builder.query({key: str(value) for key, value in params.items()})
        if data:
            builder = builder.body_bytes(_encoded(data))
        try:
            request = builder.build()
            if leave := _LEAVE.get():
                leave()
            answer = await request.send()
            body = await answer.text()
        except RequestError as error:
            raise failure(error) from error
        if answer.status >= _NOT_DONE:
            raise _refusal(answer.status, answer.get_header("retry-after"), body)
        if method == "GET":
            self.answered_at = instant(answer.get_header("date"))
        return Response(answer.status, body)

    async def close(self) -> None:
        """Close every connection."""
        await self._pool.close()

    def _authorization(self, auth: tuple[str, str]) -> str:
        if auth not in self._authorizations:
            pair = base64.b64encode(":".join(auth).encode()).decode()
            self._authorizations[auth] = f"Basic {pair}"
        return self._authorizations[auth]


def _encoded(form: Mapping[str, Any]) -> bytes:
    """Return a form as urlencoded bytes; what many messages share is quoted once."""
    return "&".join([f"{key}={_quoted(str(value))}" for key, value in form.items()]).encode("ascii")


#: Quoted as they stand.
_PLAIN = frozenset(ascii_letters + digits + "-_")


def _quoted(value: str) -> str:
    """Return a form's value quoted, what is left of the last `+`, `=` or `/` as often as it comes.

    A number in E.164, a callback URL with our id and a text with a link differ only in what
    follows.
    """
    place = max(value.rfind("+"), value.rfind("="), value.rfind("/")) + 1
    own = value[place:]
    if place and _PLAIN.issuperset(own):
        return _shared(value[:place]) + own
    return _shared(value)


@lru_cache(maxsize=256)
def _shared(value: str) -> str:
    return quote_plus(value)


def instant(date: str | None) -> datetime | None:
    """Return the instant of a date as e-mails and HTTP write it; None where it cannot be read."""
    try:
        found = parsedate_to_datetime(date or "")
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _refusal(status: int, retry_after: str | None, body: str) -> RefusedError:
    told: Mapping[str, Any] = {}
    try:
        parsed = json.loads(body)
        if isinstance(parsed, dict):
            told = parsed
    except ValueError:
        pass  # a load balancer's page: the status has to do
    code = told.get("code")
    return RefusedError(
        status=status,
        code=code if isinstance(code, int) and not isinstance(code, bool) else None,
        message=str(told.get("message", "")),
        retry_after_s=seconds_asked(retry_after),
    )
