"""The outermost layer: request ids, size and text of bodies, headers of every answer."""

import asyncio
import json
import re
import time
import uuid
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.accounts.keys import Scope as KeyScope
from app.core import metrics
from app.core.errors import DomainError, NotFoundError
from app.core.logging import bound, get_logger
from app.db.illness import Illness, illness_of
from app.http.deps import UNTIL_ANSWERED, admit_early
from app.http.parts import Place, path_to
from app.http.problems import (
    BadTextError,
    EdgeError,
    Problem,
    from_domain,
    from_illness,
    pointer,
    refusal,
)

log = get_logger(__name__)

#: A body of an ordinary path; batches have limits of their own.
BODY_LIMIT_BYTES = 64 * 1024
#: What takes longer than a path's largest body does at this rate is not waited for.
_LEAST_BYTES_PER_S = 1024

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")

#: What makes a JSON text worth a second look. Searching costs microseconds, parsing twice does not.
_SUSPECT = re.compile(r"\\u0000|\\u[dD][89a-fA-F]|NaN|Infinity")
_UNUSABLE = re.compile("[\x00\ud800-\udfff]")
#: Whoever sends more of them sends no text.
_MOST_FAULTS = 20

#: Labels of requests that no route took, and of callers who went away before an answer.
_NO_ROUTE = "none"
_GONE, _OK = 499, 200
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cache-control", b"no-store"),
)


@dataclass(frozen=True, slots=True)
class LargeBody:
    """What a path takes that takes more than an ordinary body, and from keys of which scope."""

    bytes: int
    scope: KeyScope


class Edge:
    """ASGI middleware around the whole application.

    1. Every request has an id: the caller's `X-Request-Id` if it is plain, else a new one.
    2. A path or query with a NUL, a body too large, not UTF-8, or with a character that no
       database takes, is answered before any route sees it.
    3. Where a path takes a large body, nothing of one is read before its sender is let in.
    4. HEAD with a key is GET, of which the server sends no body (RFC 9110, 9.3.2). Without one it
       is not: gateways bring messages by GET.
    5. Whatever breaks below is logged once, with the id, and answered without its insides.

    No `X-Forwarded-*` header is read anywhere: links are made from `SIRA_PUBLIC_URL` alone, so
    that no caller can bend them.

    Args:
        large_bodies: The paths that take them; others take `BODY_LIMIT_BYTES`.
    """

    def __init__(self, app: ASGIApp, *, large_bodies: Mapping[str, LargeBody]) -> None:
        self._app = app
        self._large_bodies = large_bodies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        if _is_head_of_api(scope):
            scope = {**scope, "method": "GET"}
        answer = _Answer(send, request_id, scope)
        started = time.perf_counter()
        try:
            with bound(request_id=request_id):
                async with AsyncExitStack() as scope["state"][UNTIL_ANSWERED]:
                    await self._answer(scope, receive, answer)
        finally:
            # a stream that stays open for hours says nothing of how fast we answer
            if answer.status != _OK or not scope["state"].get("lasting"):
                _measure(scope, answer.status, time.perf_counter() - started)

    async def _answer(self, scope: Scope, receive: Receive, answer: "_Answer") -> None:
        try:
            _check_target(scope)
            receive = await self._checked_body(scope, receive)
            await self._app(scope, receive, answer.send)
        except EdgeError as error:
            await answer.refuse(error.problem, scope, receive)
        except DomainError as error:
            problem = from_domain(error)
            closing = {**problem.headers, "Connection": "close"}  # the body may be unread
            await answer.refuse(replace(problem, headers=closing), scope, receive)
        except Exception as error:
            illness = illness_of(error)
            if illness is None:
                log.exception("request.failed", method=scope["method"])
            else:
                log.warning("request.database_ill", method=scope["method"], illness=illness.words)
            if answer.started:
                raise
            await answer.refuse(_problem_of(illness), scope, receive)

    async def _checked_body(self, scope: Scope, receive: Receive) -> Receive:
        if scope["method"] not in {"POST", "PUT", "PATCH"}:
            return receive
        large = self._large_bodies.get(scope["path"])
        if large is not None:
            await admit_early(Request(scope), large.scope)
        limit = large.bytes if large is not None else BODY_LIMIT_BYTES
        try:
            async with asyncio.timeout(limit / _LEAST_BYTES_PER_S):
                body = await _read(scope, receive, limit)
        except TimeoutError:
            raise _too_late() from None
        if body is None:
            return receive
        if body:
            _refuse_encoded(_header(scope, b"content-encoding"))
        _check_text(body, _header(scope, b"content-type"))
        return _replay(body, receive)


class _Answer:
    """Sends the answer, with the headers that every answer has."""

    def __init__(self, send: Send, request_id: str, scope: Scope) -> None:
        self._send = send
        self._request_id = request_id
        self._scope = scope
        self.status = 0

    @property
    def started(self) -> bool:
        return self.status > 0

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = list(message.get("headers", ()))
            present = {name.lower() for name, _ in headers}
            headers += [header for header in _HEADERS if header[0] not in present]
            headers.append((b"x-request-id", self._request_id.encode()))
            for warning in self._scope["state"].get("warnings", ()):
                headers.append((b"sira-warning", warning.encode("ascii", "replace")))
            message = {**message, "headers": headers}
        await self._send(message)

    async def refuse(self, problem: Problem, scope: Scope, receive: Receive) -> None:
        request = Request(scope)
        path = request.url.path if "\x00" not in scope["path"] else "/"
        response = refusal(request, problem, path=path)
        await response(scope, receive, self.send)


def _problem_of(illness: Illness | None) -> Problem:
    """Return what broke without its insides."""
    if illness is None:
        return EdgeError("internal", "The request could not be completed.").problem
    return from_illness(illness)


def _measure(scope: Scope, status: int, seconds: float) -> None:
    """Count the answer under the template of its route, never under its path: paths hold ids."""
    route = getattr(scope.get("route"), "path", _NO_ROUTE)
    method = scope["method"] if scope["method"] in _METHODS else "other"
    metrics.REQUESTS.labels(method, route, str(status or _GONE)).observe(seconds)


def _is_head_of_api(scope: Scope) -> bool:
    keyed = scope["path"].startswith("/v1/") and bool(_header(scope, b"authorization"))
    return keyed and scope["method"] == "HEAD"


def _request_id(scope: Scope) -> str:
    given = _header(scope, b"x-request-id")
    return given.decode() if _REQUEST_ID.fullmatch(given) else str(uuid.uuid4())


def _header(scope: Scope, name: bytes) -> bytes:
    return next((value for key, value in scope["headers"] if key == name), b"")


def _check_target(scope: Scope) -> None:
    if "\x00" in scope["path"]:
        raise NotFoundError("There is nothing at a path with a NUL character.")
    query: bytes = scope.get("query_string", b"")
    if b"%00" in query or b"\x00" in query:
        name = next(part for part in query.split(b"&") if b"%00" in part or b"\x00" in part)
        parameter = unquote(name.partition(b"=")[0].decode("latin-1")).replace("\x00", "")
        fault = {"parameter": parameter, "in": "query", "detail": "NUL characters are not text."}
        raise BadTextError("A parameter holds a NUL character.", errors=[fault])


async def _read(scope: Scope, receive: Receive, limit: int) -> bytes | None:
    """Return the whole body; None when the caller went away.

    Raises:
        EdgeError: it is larger than `limit`; the connection is closed, the rest is not read.
    """
    declared = _header(scope, b"content-length")
    if declared.isdigit() and int(declared[:12]) > limit:
        raise _too_large(limit)
    chunks: list[bytes] = []
    size = 0
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
        chunks.append(chunk)
        more = message.get("more_body", False)
    return b"".join(chunks)


def _too_large(limit: int) -> EdgeError:
    detail = f"This path takes at most {limit // 1024} KiB."
    return EdgeError("too-large", detail, headers={"Connection": "close"})


def _too_late() -> EdgeError:
    detail = "The body did not come in time; send it again."
    return EdgeError("too-slow", detail, headers={"Connection": "close"})


def _refuse_encoded(encoding: bytes) -> None:
    """Say of a compressed body that it is one, not that its bytes are no text."""
    how = encoding.strip().lower().decode("latin-1")
    if how not in {"", "identity"}:
        detail = f"The body says that it is encoded ({how[:20]}); send it as it is."
        headers = {"Accept-Encoding": "identity"}
        raise EdgeError("unsupported-media-type", detail, headers=headers)


def _replay(body: bytes, receive: Receive) -> Receive:
    sent = False

    async def replay() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


def _check_text(body: bytes, content_type: bytes) -> None:
    """Refuse what is not text, or no text that a database takes.

    Raises:
        EdgeError: not UTF-8, or not JSON though it says so.
        BadTextError: a text in it holds NUL or a lone surrogate; `errors` says which.
    """
    if content_type.startswith(b"application/x-www-form-urlencoded"):
        if b"%00" in body or b"\x00" in body:
            raise BadTextError("A field holds a NUL character.")
        return
    if content_type.startswith(b"text/plain"):
        return  # in whatever character set it says: whoever takes such a body reads it
    try:
        text = body.decode("utf-8").removeprefix("\ufeff")  # as it is read later
    except UnicodeDecodeError as error:
        reason = f"The body is not UTF-8, at byte {error.start}."
        raise EdgeError("malformed-json", reason) from error
    if "\x00" in text:
        raise EdgeError("malformed-json", "The body holds a NUL byte.")
    if _SUSPECT.search(text):
        _check_values(text)


def _check_values(text: str) -> None:
    try:
        value = json.loads(text, parse_constant=_no_constant)
    except RecursionError as error:
        raise EdgeError("malformed-json", "The body is nested too deeply.") from error
    except _ConstantError as error:
        raise EdgeError("malformed-json", f"{error} is not JSON.") from error
    except ValueError:
        return  # the route will say so, with the position
    faults = _unusable_texts(value)
    if faults:
        raise BadTextError("NUL and unpaired surrogates are not text.", errors=faults)


class _ConstantError(ValueError):
    """NaN, Infinity or -Infinity, which Python's parser takes and JSON does not have."""


def _no_constant(name: str) -> Any:
    raise _ConstantError(name)


def _unusable_texts(value: Any) -> list[dict[str, str]]:
    """Return a fault for each text of `value`, name or value, that cannot be kept: the first few.

    Nobody has shown a key yet: each part is looked at once, and what is answered has a bound.
    """
    faults: list[dict[str, str]] = []
    rest: list[tuple[Place, Any]] = [(None, value)]
    while rest and len(faults) < _MOST_FAULTS:
        place, found = rest.pop()
        if isinstance(found, str) and _UNUSABLE.search(found):
            detail = "It holds an unusable character."
            faults.append({"pointer": pointer(path_to(place)), "detail": detail})
        elif isinstance(found, dict):
            usable = [name for name in found if not _UNUSABLE.search(name)]
            rest += [((place, name), found[name]) for name in usable]
            if len(usable) < len(found):
                detail = "A member's name holds an unusable character."
                faults.append({"pointer": pointer(path_to(place)), "detail": detail})
        elif isinstance(found, list):
            rest += [((place, index), child) for index, child in enumerate(found)]
    return faults
