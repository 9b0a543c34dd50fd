"""Every error as a problem document (RFC 9457), whoever raised it."""

import inspect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, ClassVar

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match

from app.core.errors import (
    ConflictError,
    DomainError,
    ForbiddenError,
    InvalidError,
    LimitError,
    NotFoundError,
    UnauthorizedError,
)
from app.db.illness import Illness
from app.http.fault_words import in_words, of_another_shape

MEDIA_TYPE = "application/problem+json"

#: Status of each family of domain errors; a subclass has the status of its family.
FAMILIES: Mapping[type[DomainError], int] = {
    NotFoundError: 404,
    ConflictError: 409,
    InvalidError: 422,
    UnauthorizedError: 401,
    ForbiddenError: 403,
    LimitError: 429,
}

#: So many of a body's faults are answered: a batch may have one in each entry.
_MOST_FAULTS = 1_000

#: When to come back while the database is ill: it may be back by then, and a queue is not hit hard.
_RETRY_AFTER_S = 10

CHALLENGE = 'Bearer realm="sira"'

#: Errors that only HTTP has: code -> (status, title, what it means).
EDGE_CODES: Mapping[str, tuple[int, str, str]] = {
    "malformed-json": (400, "The body is not JSON", "Send one JSON document, encoded as UTF-8."),
    "bad-request": (400, "The request cannot be read", "The request does not follow HTTP."),
    "method-not-allowed": (
        405,
        "The path does not take this method",
        "The `Allow` header of the answer lists the methods that the path takes.",
    ),
    "too-large": (413, "The body is too large", "Send less at once, or use the batch path."),
    "too-slow": (
        408,
        "The body came too slowly",
        "Nothing was changed. Send it again, over a better line or in smaller parts.",
    ),
    "unsupported-media-type": (
        415,
        "The body must be JSON",
        "Send the header `Content-Type: application/json`.",
    ),
    "internal": (
        500,
        "Something broke on our side",
        "Nothing was changed. Quote the `request_id` of the answer when you report it.",
    ),
    "unavailable": (
        503,
        "Not ready",
        "The service is starting, or its database is down, full or read-only: see `Retry-After`.",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One occurrence of an error, ready to be sent."""

    status: int
    code: str
    title: str
    detail: str
    errors: Sequence[Mapping[str, str]] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


class EdgeError(Exception):
    """An error that only HTTP has, by its code in `EDGE_CODES`."""

    def __init__(self, code: str, detail: str, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        status, title, _ = EDGE_CODES[code]
        self.problem = Problem(
            status=status, code=code, title=title, detail=detail, headers=headers or {}
        )


class BadTextError(InvalidError):
    """A text holds a character that no database or telephone takes: NUL, or half a character."""

    code: ClassVar[str] = "bad-text"
    title: ClassVar[str] = "A text holds an unusable character"


def status_of(error: DomainError) -> int:
    """Return the status of the family that `error` belongs to."""
    return next(status for family, status in FAMILIES.items() if isinstance(error, family))


def from_domain(error: DomainError) -> Problem:
    """Return the problem that `error` is to its caller."""
    status = status_of(error)
    headers: dict[str, str] = {}
    if isinstance(error, UnauthorizedError):
        headers["WWW-Authenticate"] = CHALLENGE
    if isinstance(error, LimitError):
        headers["Retry-After"] = str(error.retry_after_s)
    return Problem(
        status=status,
        code=error.code,
        title=error.title,
        detail=error.detail,
        errors=error.errors,
        extra=error.extra,
        headers=headers,
    )


def from_illness(illness: Illness) -> Problem:
    """Return the problem that an ill database is to a caller, with when to come back."""
    words = f"{illness.words} Nothing was changed; send it again later."
    if illness.unclear:
        words = (
            f"{illness.words} Whether your request was taken is not known: send it again with the"
            " same Idempotency-Key, and it counts once."
        )
    headers = {"Retry-After": str(_RETRY_AFTER_S)}
    return EdgeError("unavailable", words, headers=headers).problem


def document(problem: Problem, *, path: str, request_id: str | None = None) -> dict[str, Any]:
    """Return the problem document (RFC 9457, 3) of `problem`."""
    body: dict[str, Any] = {
        **problem.extra,
        "type": f"/problems/{problem.code}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "instance": path,
    }
    if request_id is not None:
        body["request_id"] = request_id
    if problem.errors:
        body["errors"] = [dict(error) for error in problem.errors]
    return body


def respond(problem: Problem, *, path: str, request_id: str | None) -> Response:
    """Return the response that carries `problem`."""
    body = document(problem, path=path, request_id=request_id)
    return JSONResponse(
        body, status_code=problem.status, headers=dict(problem.headers), media_type=MEDIA_TYPE
    )


def install(app: FastAPI) -> None:
    """Make every error that `app` raises a problem document."""
    app.add_exception_handler(DomainError, _on_domain_error)
    app.add_exception_handler(EdgeError, _on_edge_error)
    app.add_exception_handler(RequestValidationError, _on_validation_error)
    app.add_exception_handler(HTTPException, _on_http_exception)


def explanations() -> Mapping[str, tuple[int, str, str]]:
    """Return what each code means: status, title, a sentence or two. One page serves each."""
    known = dict(EDGE_CODES)
    for kind in _subclasses(DomainError):
        family = next((status for base, status in FAMILIES.items() if issubclass(kind, base)), None)
        if family is not None:
            known.setdefault(kind.code, (family, kind.title, inspect.getdoc(kind) or ""))
    return known


def _subclasses(kind: type[DomainError]) -> Iterator[type[DomainError]]:
    for child in kind.__subclasses__():
        yield child
        yield from _subclasses(child)


def refusal(request: Request, problem: Problem, *, path: str | None = None) -> Response:
    """Return `problem` as its reader takes it: a page for browsers where there are pages."""
    request_id = getattr(request.state, "request_id", None)
    show = getattr(request.app.state, "error_page", None)
    page: Response | None = show(request, problem) if show is not None else None
    if page is not None:
        return page
    return respond(problem, path=path or request.url.path, request_id=request_id)


async def _on_domain_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, DomainError)  # noqa: S101 - registered for this class only
    return refusal(request, from_domain(error))


async def _on_edge_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, EdgeError)  # noqa: S101 - registered for this class only
    return refusal(request, error.problem)


async def _on_validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class only
    faults = error.errors()
    if any(fault["type"] == "json_invalid" for fault in faults):
        where = next(fault for fault in faults if fault["type"] == "json_invalid")
        reason = where.get("ctx", {}).get("error", "invalid JSON")
        return refusal(
            request, EdgeError("malformed-json", f"{reason}, at byte {where['loc'][-1]}").problem
        )
    return refusal(request, _from_faults(faults, error.body))


def _from_faults(faults: Sequence[Mapping[str, Any]], body: Any) -> Problem:
    """Return the problem of fields and parameters that cannot be accepted.

    A megabyte of members that nobody knows is answered with the first of them.
    """
    errors, more = _faults(faults[:_MOST_FAULTS], body), max(0, len(faults) - _MOST_FAULTS)
    count = len(errors) + more
    which = f"the first {len(errors)} are in `errors`" if more else "see `errors`"
    detail = f"{count} field{'s' if count > 1 else ''} cannot be accepted; {which}."
    return from_domain(InvalidError(detail, errors=errors))


def from_validation(error: ValidationError, body: Any) -> Problem:
    """Return the problem of a body that was validated by hand: one entry of a batch."""
    faults = error.errors(include_url=False)
    return _from_faults([{**fault, "loc": ("body", *fault["loc"])} for fault in faults], body)


def _faults(faults: Sequence[Mapping[str, Any]], body: Any) -> list[dict[str, str]]:
    """Return the faults as they are answered, each of the shape in which its value was sent."""
    said = [(str(fault["type"]), _fault(fault, body)) for fault in faults]
    beside = of_another_shape({(kind, one["pointer"]) for kind, one in said if "pointer" in one})
    return [one for kind, one in said if (kind, one.get("pointer")) not in beside]


def _fault(fault: Mapping[str, Any], body: Any) -> dict[str, str]:
    """Return one validation fault: a JSON Pointer into the body, or the parameter's name."""
    where, *path = fault["loc"]
    detail = in_words(fault)
    if where == "body":
        steps = _steps_of(path, body, missing=fault["type"] == "missing")
        return {"pointer": pointer(steps), "detail": detail}
    return {"parameter": str(path[0]) if path else str(where), "in": str(where), "detail": detail}


def _steps_of(path: Sequence[str | int], body: Any, *, missing: bool) -> list[str | int]:
    """Return the steps of `path` that lead through `body`; the others name members of unions.

    The last step of a `missing` member is the member that should be there.
    """
    steps: list[str | int] = []
    for index, step in enumerate(path):
        known = range(len(body)) if isinstance(body, list) else body
        if isinstance(body, dict | list) and step in known:
            body = body[step]  # type: ignore[index] # a step into a list that is in its range
        elif not (missing and index == len(path) - 1):
            continue
        steps.append(step)
    return steps


def pointer(path: Sequence[str | int]) -> str:
    """Return the JSON Pointer of `path`.

    Source: RFC 6901, 3: `~` is written `~0`, `/` is written `~1`.
    """
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in path)


async def _on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class only
    headers = dict(error.headers or {})
    detail = str(error.detail)
    if isinstance(error.__cause__, RecursionError | ValueError):  # in the parser of JSON
        return refusal(request, EdgeError("malformed-json", _unread_json(error.__cause__)).problem)
    code, title = "bad-request", HTTPStatus(error.status_code).phrase
    if error.status_code == HTTPStatus.NOT_FOUND:
        code, title = NotFoundError.code, NotFoundError.title
        detail = f"There is nothing at {request.url.path}."
    elif error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        code, title = "method-not-allowed", EDGE_CODES["method-not-allowed"][1]
        allowed = _allowed_methods(request)
        headers["Allow"] = ", ".join(allowed)
        detail = f"{request.url.path} takes {' and '.join(allowed)}, not {request.method}."
    problem = Problem(
        status=error.status_code, code=code, title=title, detail=detail, headers=headers
    )
    return refusal(request, problem)


def _unread_json(cause: BaseException) -> str:
    """Return why JSON, which may be well formed, is more than Python reads."""
    if isinstance(cause, RecursionError):
        return "The body is nested too deeply."
    return "A number in the body has too many digits."


def _allowed_methods(request: Request) -> list[str]:
    """Return every method of the path: Starlette names only those of the first route it met.

    A path that is described as it stands (`/v1/contacts/batch`) is no id of its neighbours.
    """
    app: FastAPI = request.app
    described = app.openapi()["paths"].get(request.url.path)
    if described is not None:
        return [method.upper() for method in described]
    allowed = []
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        scope: dict[str, Any] = {
            "type": "http",
            "method": method,
            "path": request.url.path,
            "root_path": "",
            "headers": [],
            "app": app,
        }
        if any(route.matches(scope)[0] is Match.FULL for route in app.router.routes):
            allowed.append(method)
    return allowed
