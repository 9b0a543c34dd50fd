"""Everything a request may need, put together once at start-up."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

from app.accounts.limits import TokenBuckets
from app.core.clock import Clock
from app.db.engine import Database
from app.http.key_cache import KeyCache
from app.incidents.cargo import Cargoes
from app.roads.network import Network
from app.settings import Settings
from app.subscribers.policy import SubscriberPolicy
from app.subscribers.targets import RoadNames
from app.subscribers.vault import Vault


class Config(Protocol):
    """What the routes of this package read of `config/`."""

    @property
    def subscribers(self) -> SubscriberPolicy:
        """`policy/subscribers.toml`."""
        ...

    @property
    def cargoes(self) -> Cargoes:
        """`cargoes.toml`."""
        ...


def _nobody_waits() -> None:
    """Wake nobody: a process that only answers requests has no worker."""


@dataclass(frozen=True, kw_only=True)
class AppState:
    """What `create_app` is given.

    Attributes:
        config: Everything under `config/`, one frozen value.
        roads: The network.
        gazetteer: Finds places of the network and around it by name.
        wake: Tells the worker that something was committed; called after the commit, never inside.
        buckets: The rate limits of this process.
        keys: What this process remembers of keys, for a few seconds.
    """

    settings: Settings
    config: Config
    db: Database
    clock: Clock
    vault: Vault
    roads: Network
    gazetteer: Any = None
    buckets: TokenBuckets
    wake: Callable[[], None] = _nobody_waits
    keys: KeyCache = field(default_factory=KeyCache)

    @cached_property
    def road_names(self) -> RoadNames:
        """Every name that a subscription may use for a road."""
        return RoadNames(self.roads)
