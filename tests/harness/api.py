"""The service over HTTP, in process, on a real database: a client per scope."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from sqlalchemy import Connection

from app.accounts import store as accounts_store
from app.accounts.keys import Scope
from app.accounts.limits import TokenBuckets
from app.config import Config, load_config
from app.core.clock import ManualClock
from app.db.engine import Database
from app.flows.context import Context
from app.http.state import AppState
from app.roads.gazetteer import Gazetteer
from app.settings import Settings
from app.subscribers.contact import OrganisationKind
from app.subscribers.store.organisations import add_organisation
from app.subscribers.vault import Vault, new_keys
from tests.harness.warm import seed, warm_app

CONFIG = Path(__file__).resolve().parents[2] / "config"
START = datetime(2025, 9, 8, 6, 0, tzinfo=UTC)


@cache
def shipped_config() -> Config:
    """`config/` as it is shipped, read once; a busy machine may take its time for a preview."""
    shipped = load_config(CONFIG)
    return replace(shipped, changing=replace(shipped.changing, time_limit=timedelta(minutes=10)))


@cache
def shipped_gazetteer() -> Gazetteer:
    """The places that are shipped."""
    return Gazetteer(shipped_config().network)


@cache
def plain_settings() -> Settings:
    """Settings as they are where nothing is set, put together once: 4 ms of CPU."""
    return Settings(_env_file=None)


def fresh_context() -> Context:
    """Return a context with new vault keys and nothing remembered."""
    return Context(
        config=shipped_config(), gazetteer=shipped_gazetteer(), vault=Vault.parse(new_keys())
    )


@dataclass
class Api:
    """The running service.

    Attributes:
        state: What `create_app` was given; `state.clock` is a ManualClock.
        keys: The keys made by `key`, by scope and organisation.
    """

    app: FastAPI
    state: AppState
    clock: ManualClock
    keys: dict[tuple[Scope, str | None], str] = field(default_factory=dict)
    _clients: list[httpx.AsyncClient] = field(default_factory=list)

    def key(self, scope: Scope, organisation_id: str | None = None) -> str:
        """Return a live key of that scope, always the same one."""
        if (scope, organisation_id) not in self.keys:
            self.keys[scope, organisation_id] = self.new_key(scope, organisation_id)[1]
        return self.keys[scope, organisation_id]

    def new_key(
        self,
        scope: Scope,
        organisation_id: str | None = None,
        *,
        expires_at: datetime | None = None,
    ) -> tuple[str, str]:
        """Make a key; return (its id, the key)."""

        def work(conn: Connection) -> tuple[str, str]:
            return accounts_store.create_key(
                conn,
                scope=scope,
                organisation_id=organisation_id,
                name=f"test {scope}",
                expires_at=expires_at,
                now=self.clock.now(),
            )

        return self.state.db.write_now(work)

    def client(self, key: str | None = None, *, host: str = "127.0.0.1") -> httpx.AsyncClient:
        """Return a client that sends `key` with every request; closed with the harness."""
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app, client=(host, 123)),
            base_url="http://sira.test",
            headers=headers,
        )
        self._clients.append(client)
        return client

    @property
    def admin(self) -> httpx.AsyncClient:
        """A client with an admin's key."""
        return self.client(self.key(Scope.ADMIN))

    @property
    def moderator(self) -> httpx.AsyncClient:
        """A client with a moderator's key."""
        return self.client(self.key(Scope.MODERATOR))

    @property
    def reporter(self) -> httpx.AsyncClient:
        """A client with a reporter's key."""
        return self.client(self.key(Scope.REPORTER))

    def subscriber(self, organisation_id: str) -> httpx.AsyncClient:
        """A client with a key of that organisation."""
        return self.client(self.key(Scope.SUBSCRIBER, organisation_id))

    def organisation(self, name: str = "Union des routiers", country: str = "ML") -> str:
        """Add an organisation; return its id."""

        def work(conn: Connection) -> str:
            return add_organisation(
                conn,
                vault=self.state.vault,
                name=name,
                kind=OrganisationKind.UNION,
                country=country,
                language="fr",
                now=self.clock.now(),
            )

        return self.state.db.write_now(work)

    async def close(self) -> None:
        """Close every client."""
        for client in self._clients:
            await client.aclose()


@asynccontextmanager
async def serving(
    db: Database,
    *,
    per_minute: float = 1_000_000,
    wake: Callable[[], None] = lambda: None,
    **state: Any,
) -> AsyncIterator[Api]:
    """Serve on `db`; further `AppState` members by name."""
    clock = ManualClock(START)
    members: dict[str, Any] = {
        "settings": plain_settings(),
        "context": fresh_context(),
        **state,
    }
    seed(db, shipped_config(), now=clock.now())
    whole = AppState(
        db=db, clock=clock, buckets=TokenBuckets(per_minute, per_minute / 6), wake=wake, **members
    )
    api = Api(warm_app(whole), whole, clock)
    try:
        yield api
    finally:
        await api.close()
