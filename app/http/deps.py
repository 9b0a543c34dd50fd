"""What routes ask for: the state, the instant, and who is calling with which rights."""

from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.types import Scope as AsgiScope

from app.accounts import store as accounts_store
from app.accounts.keys import ApiKey, Scope, hash_key, looks_like_key
from app.core.errors import ForbiddenError, LimitError, NotFoundError, UnauthorizedError
from app.http.members import refuse_twice_named
from app.http.problems import EdgeError
from app.http.state import AppState

_bearer = HTTPBearer(
    scheme_name="key",
    description="A key of Sira: `Authorization: Bearer sira_...`. An admin makes them.",
    auto_error=False,
)


def get_state(request: Request) -> AppState:
    """Return what `create_app` was given."""
    return request.app.state.sira  # type: ignore[no-any-return]


async def state_of(request: Request) -> AppState:
    """Return what `create_app` was given; a coroutine, for FastAPI runs others in a thread."""
    return get_state(request)


StateDep = Annotated[AppState, Depends(state_of)]


async def now_of(request: Request) -> datetime:
    """Return the instant at which the route was reached."""
    return get_state(request).clock.now()


NowDep = Annotated[datetime, Depends(now_of)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who is calling, as far as the key tells.

    Attributes:
        organisation_id: Set for every subscriber key; None: not bound to one organisation.
    """

    key_id: str
    scope: Scope
    organisation_id: str | None

    def sees(self, organisation_id: str) -> bool:
        """Tell whether what belongs to `organisation_id` exists for this caller."""
        if self.organisation_id is not None:
            return self.organisation_id == organisation_id
        return self.scope in {Scope.ADMIN, Scope.MODERATOR}

    def must_see(self, organisation_id: str, *, what: str) -> None:
        """Refuse another organisation's things as if they were not there.

        Raises:
            NotFoundError: `what` belongs to an organisation that the caller does not see.
        """
        if not self.sees(organisation_id):
            raise NotFoundError(f"There is no {what} with this id.")


#: What a scope may do besides what names it.
_IMPLIES: dict[Scope, frozenset[Scope]] = {
    Scope.ADMIN: frozenset(Scope),
    Scope.MODERATOR: frozenset({Scope.MODERATOR, Scope.REPORTER}),
    Scope.SUBSCRIBER: frozenset({Scope.SUBSCRIBER}),
    Scope.REPORTER: frozenset({Scope.REPORTER}),
}


def allows(scope: Scope, wanted: Scope) -> bool:
    """Tell whether a key of `scope` may do what is for `wanted`."""
    return wanted in _IMPLIES[scope]


#: In the state of a request: what is left when its answer has gone.
UNTIL_ANSWERED = "until_answered"

#: Who relies on Sira to tell others, and must hear when it does not.
_DESK = frozenset({Scope.ADMIN, Scope.MODERATOR})

#: What a request of each scope costs. Admins load whole organisations, by script.
_WEIGHTS: dict[Scope, float] = {
    Scope.ADMIN: 0.1,
    Scope.MODERATOR: 0.5,
    Scope.SUBSCRIBER: 1,
    Scope.REPORTER: 1,
}


def require(*scopes: Scope) -> Callable[..., Coroutine[Any, Any, Caller]]:
    """Return the dependency that lets in keys of `scopes` (admin always, moderator as reporter).

    It answers 401 without a live key, 403 with one of another scope, 429 beyond its rate, 415 to a
    body that does not say it is JSON (FastAPI would take it for a wrong value), and 422 to one in
    which a member stands twice.
    """
    wanted = frozenset(scopes) | {Scope.ADMIN}

    async def admit(
        request: Request,
        credentials: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
    ) -> Caller:
        # Taken from the request: each dependency of a dependency costs every request 20 us.
        state = get_state(request)
        caller: Caller | None = getattr(request.state, "caller", None)
        if caller is None:
            caller = await _let_in(request, credentials, wanted)
            if request.method == "GET":  # reports have turns of their own, for they share commits
                await wait_for_turn(state, request.scope, caller.key_id)
        await _refuse_bad_json(request)
        if caller.scope in _DESK:
            request.state.warnings = await state.watch.warnings()
        return caller

    return admit


async def admit_early(request: Request, scope: Scope) -> None:
    """Let a caller in before a large body is read: who may not send it has nothing of it taken in.

    What `require` would do once the body is there is done by then, and not done again.

    Raises:
        UnauthorizedError: No live key came.
        LimitError: The key has used its rate up.
        ForbiddenError: It is of another scope.
    """
    wanted = frozenset({scope, Scope.ADMIN})
    request.state.caller = await _let_in(request, await _bearer(request), wanted)


async def _let_in(
    request: Request, credentials: HTTPAuthorizationCredentials | None, wanted: frozenset[Scope]
) -> Caller:
    state = get_state(request)
    now = state.clock.now()
    key = await authenticate(state, credentials, now)
    caller = Caller(key_id=key.id, scope=key.scope, organisation_id=key.organisation_id)
    charge(state, caller, 1, now=now)
    if not wanted & _IMPLIES[key.scope]:
        allowed = ", ".join(scope for scope in Scope if scope in wanted)
        raise ForbiddenError(f"This takes a key of scope {allowed}; yours is {key.scope}.")
    return caller


async def wait_for_turn(state: AppState, scope: AsgiScope, key_id: str) -> None:
    """Wait until few enough requests of a key are being answered; this one is until it has been."""
    stack: AsyncExitStack | None = scope["state"].pop(UNTIL_ANSWERED, None)
    if stack is not None:
        await stack.enter_async_context(state.asking.place(key_id))


def charge(state: AppState, caller: Caller, cost: float, *, now: datetime) -> None:
    """Count `cost` requests against the caller's rate; a batch of n costs 1 + n / 100.

    Raises:
        LimitError: the key has used its rate up.
    """
    wait_s = state.buckets.take(caller.key_id, cost * _WEIGHTS[caller.scope], now=now)
    if wait_s:
        detail = f"This key is beyond its rate; come back in {wait_s} s."
        raise LimitError(detail, retry_after_s=wait_s)


async def authenticate(
    state: AppState, credentials: HTTPAuthorizationCredentials | None, now: datetime
) -> ApiKey:
    """Return the live key that came with a request.

    Raises:
        UnauthorizedError: None came, or one that is not known or not live any more.
    """
    if credentials is None:
        raise UnauthorizedError("Send your key: `Authorization: Bearer sira_...`.")
    if not looks_like_key(credentials.credentials):
        raise UnauthorizedError("This is not a key of Sira.")
    # The look-up is by hash: how long it takes tells nothing of any key that exists.
    key_hash = hash_key(credentials.credentials)
    key = state.keys.find(key_hash, now=now)
    if key is None:
        generation = state.keys.generation
        key = await state.db.read(lambda conn: accounts_store.find_key_by_hash(conn, key_hash))
        if key is None:
            raise UnauthorizedError("This key is not known.")
        state.keys.remember(key_hash, key, generation=generation, now=now)
    if not key.is_live(now):
        raise UnauthorizedError("This key has been revoked or has expired.")
    return key


async def _refuse_bad_json(request: Request) -> None:
    if request.method not in {"POST", "PUT", "PATCH"} or not (body := await request.body()):
        return
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" and not (
        kind.startswith("application/") and kind.endswith("+json")
    ):
        raise EdgeError(
            "unsupported-media-type", f"The body says it is {kind or 'of no type'}; send JSON."
        )
    refuse_twice_named(body)


AdminDep = Annotated[Caller, Depends(require(Scope.ADMIN))]
ModeratorDep = Annotated[Caller, Depends(require(Scope.MODERATOR))]
ReporterDep = Annotated[Caller, Depends(require(Scope.REPORTER))]
#: Organisations' own affairs: their subscriber keys and admins.
SubscriberDep = Annotated[Caller, Depends(require(Scope.SUBSCRIBER))]
#: Routes, ratings, alerts: those who read them and those who write them.
ReaderDep = Annotated[Caller, Depends(require(Scope.SUBSCRIBER, Scope.MODERATOR))]
#: Whoever has a key: what is public among those who have one.
AnyoneDep = Annotated[Caller, Depends(require(*Scope))]
