"""Metrics of this process, for Prometheus."""

import hmac
import ipaddress

from fastapi import APIRouter, Request, Response
from sqlalchemy.exc import SQLAlchemyError

from app.core import metrics
from app.core.errors import ForbiddenError, UnauthorizedError
from app.flows.watch import show
from app.http.deps import StateDep
from app.http.openapi import problem
from app.http.state import AppState

router = APIRouter(tags=["service"])

#: What a proxy adds: who comes through one is not on this machine, whatever the address says.
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


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
        if not _is_local(request):
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
