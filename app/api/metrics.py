"""Metrics of this process, for Prometheus."""

import hmac
import ipaddress
from urllib.parse import urlsplit

from fastapi import APIRouter, Request, Response
from sqlalchemy.exc import SQLAlchemyError

from app.core import metrics
from app.core.errors import ForbiddenError, UnauthorizedError
from app.flows.duty.watch import show
from app.http.deps import StateDep
from app.http.openapi import problem
from app.http.state import AppState

router = APIRouter(tags=["service"])

#: What a proxy adds: who comes through one is not on this machine, whatever the address says.
_FORWARDED = (
    *("forwarded", "via", "x-real-ip"),
    *("x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-server"),
)

_OWN_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


@router.get(
    "/metrics",
    response_class=Response,
    responses={
        200: {"content": {"text/plain": {}}, "description": "The text format of Prometheus."},
        401: problem(401),
        403: problem(403),
    },
)
async def read_metrics(request: Request, state: StateDep) -> Response:
    """Return the metrics; for `SIRA_METRICS_TOKEN`, or, where none is set, for this machine."""
    _admit(request, state)
    try:
        show(await state.watch.vitals(), state.watch.limits)
        metrics.DATABASE_UP.set(await state.watch.no_writes() is None)
    except SQLAlchemyError:
        metrics.DATABASE_UP.set(0)
    return Response(metrics.exposition(), media_type=metrics.CONTENT_TYPE)


def _admit(request: Request, state: AppState) -> None:
    token = state.settings.metrics_token
    if token is None:
        if not _is_local(request) or _is_by_public_name(request, state):
            detail = "Without SIRA_METRICS_TOKEN, /metrics answers callers on its own machine only."
            raise ForbiddenError(detail)
        return
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    if not hmac.compare_digest(given.encode(), token.get_secret_value().encode()):
        raise UnauthorizedError(
            "Send the token of SIRA_METRICS_TOKEN: `Authorization: Bearer ...`."
        )


def _is_local(request: Request) -> bool:
    if request.client is None or any(name in request.headers for name in _FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def _is_by_public_name(request: Request, state: AppState) -> bool:
    """Tell whether the caller asked for the public address: a proxy may add nothing else (HAProxy).

    Who scrapes on this machine names a port of ours, and where that is the public one itself, as
    when things are tried out, a name of this machine.
    """
    public = urlsplit(state.settings.public_url or "")
    return public.hostname not in {None, *_OWN_NAMES} and _without_usual_port(
        request.headers.get("host", "")
    ) == _without_usual_port(public.netloc)


def _without_usual_port(netloc: str) -> str:
    return netloc.lower().removesuffix(":443").removesuffix(":80").removesuffix(".")
