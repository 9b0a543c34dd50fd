"""The application, put together: routers, errors, edge."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

from fastapi import APIRouter, FastAPI

from app.accounts.keys import Scope
from app.api import (
    acknowledging,
    alert_why,
    alerts,
    answers,
    audit,
    calls,
    contacts,
    costs,
    docs,
    escalation,
    event_bodies,
    forced,
    gateway,
    health,
    hours,
    inbound,
    inbound_aside,
    incidents,
    invitations,
    join,
    journeys,
    keys,
    metrics,
    mutes,
    organisations,
    places,
    reporters,
    reports,
    reports_aside,
    reports_by,
    routes,
    rules,
    rules_preview,
    rules_schema,
    rulesets,
    sign_ins,
    subscriptions,
    twilio,
    unsubscribe,
    vocabulary,
    webhooks,
)
from app.http import openapi, problems
from app.http.edge import Edge, LargeBody
from app.http.state import AppState
from app.web import endpoints

#: Every router of the service, those asked most first: they are tried in this order.
ROUTERS: tuple[APIRouter, ...] = (
    reports.router,
    reports_aside.router,
    incidents.router,
    places.router,
    vocabulary.router,
    routes.router,
    journeys.router,
    rules_schema.router,
    rules_preview.router,
    rules.router,
    rulesets.router,
    alerts.router,
    alert_why.router,
    organisations.router,
    escalation.router,
    escalation.of_alerts,
    contacts.router,
    invitations.router,
    sign_ins.router,
    hours.router,
    webhooks.router,
    subscriptions.router,
    inbound.router,
    inbound_aside.router,
    answers.router,
    forced.router,
    reporters.router,
    reports_by.router,
    mutes.router,
    costs.router,
    keys.router,
    audit.router,
    health.router,
    metrics.router,
    twilio.router,
    calls.router,
    gateway.router,
    unsubscribe.router,
    join.router,
    acknowledging.router,
    docs.router,
)

_MIB = 1024 * 1024
#: Paths that take more than an ordinary body, and whose keys may send one.
LARGE_BODIES = {
    "/v1/reports/batch": LargeBody(2 * _MIB, Scope.REPORTER),
    "/v1/contacts/batch": LargeBody(2 * _MIB, Scope.SUBSCRIBER),
    "/v1/subscriptions/batch": LargeBody(2 * _MIB, Scope.SUBSCRIBER),
    "/v1/rules/check": LargeBody(_MIB, Scope.MODERATOR),
    "/v1/rules/preview": LargeBody(_MIB, Scope.ADMIN),
    "/v1/rulesets": LargeBody(_MIB, Scope.ADMIN),
}

#: Something that runs beside the API as long as it serves: the worker, the clock.
Companion = Callable[[AppState], AbstractAsyncContextManager[None]]


#: What a process that serves nothing else tells of itself.
OPS_ROUTERS: tuple[APIRouter, ...] = (health.router, metrics.router)


def create_app(state: AppState, *, companions: tuple[Companion, ...] = ()) -> FastAPI:
    """Return the application that serves `state`.

    The caller opened the database and closes it: the application may end and start again on it.

    Args:
        state: What routes work on.
        companions: Entered in order before the first request, left in reverse after the last.
    """
    app = _assemble(state, companions, ROUTERS)
    endpoints.install(app, state)
    return app


def create_ops_app(state: AppState, *, companions: tuple[Companion, ...]) -> FastAPI:
    """Return the application of a worker: its health and its metrics."""
    return _assemble(state, companions, OPS_ROUTERS)


def _assemble(
    state: AppState, companions: tuple[Companion, ...], routers: tuple[APIRouter, ...]
) -> FastAPI:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for companion in companions:
                await stack.enter_async_context(companion(state))
            yield

    app = FastAPI(
        title="Sira",
        version="0.1.0",
        description="Early warning for the roads of the Sahel.",
        lifespan=lifespan,
        redirect_slashes=False,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
    )
    app.state.sira = state
    for router in routers:
        app.include_router(router)
    app.webhooks.include_router(event_bodies.router)
    problems.install(app)
    openapi.install(app)
    app.add_middleware(Edge, large_bodies=LARGE_BODIES)
    return app
