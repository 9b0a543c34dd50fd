"""Everything a request may need, put together once at start-up."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from app.accounts.limits import TokenBuckets
from app.core.clock import Clock
from app.db.engine import Database
from app.http.key_cache import KeyCache
from app.subscribers.vault import Vault


def _nobody_waits() -> None:
    """Wake nobody: a process that only answers requests has no worker."""


def _answers(conn: Connection) -> None:
    """Ask the database for anything at all."""
    conn.exec_driver_sql("SELECT 1")


@dataclass(frozen=True, kw_only=True)
class AppState:
    """What `create_app` is given.

    Attributes:
        config: Everything under `config/`, one frozen value.
        roads: The network and its gazetteer.
        wake: Tells the worker that something was committed; called after the commit, never inside.
        check_ready: Raises unless the database answers and its tables are of this version.
        buckets: The rate limits of this process.
        keys: What this process remembers of keys, for a few seconds.
    """

    settings: Any
    config: Any
    db: Database
    clock: Clock
    vault: Vault
    roads: Any
    buckets: TokenBuckets
    wake: Callable[[], None] = _nobody_waits
    check_ready: Callable[[Connection], None] = _answers
    keys: KeyCache = field(default_factory=KeyCache)
