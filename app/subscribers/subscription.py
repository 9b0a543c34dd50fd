"""What a contact wants to hear of: AND across the parts, OR within each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.core.levels import Level
from app.subscribers.contact import ContactChannel

#: How often a subscription may want to hear; by place as `delivery.moment.Tell` numbers them.
TELL = ("immediately", "daily", "weekly")


@dataclass(frozen=True, slots=True, kw_only=True)
class TownPair:
    """The road(s) between two towns."""

    start: str
    end: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionDraft:
    """A checked subscription, not yet kept.

    Attributes:
        routes: Codes of the network. With `regions` and `towns` empty too: every route.
        regions, towns: As asked for.
        targets: Index words, see `subscribers.targets`.
        tell: When what is below `severe` is told; one of TELL.
        cargoes: As asked for; empty: every cargo. `cargo_index` has them all then.
        channels: As asked for; empty: every channel of the contact.
    """

    contact_id: str
    routes: tuple[str, ...]
    regions: tuple[str, ...]
    towns: tuple[TownPair, ...]
    cargoes: tuple[str, ...]
    min_level: Level
    channels: tuple[ContactChannel, ...]
    targets: frozenset[str]
    cargo_index: tuple[str, ...]
    tell: str = "immediately"

    def wanted(self) -> dict[str, Any]:
        """Return what was asked for, as it is kept and answered."""
        return {
            "routes": list(self.routes),
            "regions": list(self.regions),
            "towns": [{"from": pair.start, "to": pair.end} for pair in self.towns],
            "cargoes": list(self.cargoes),
            "channels": list(self.channels),
            "tell": self.tell,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A subscription as it is kept."""

    id: str
    organisation_id: str
    contact_id: str
    min_level: Level
    wanted: Mapping[str, Any]
    created_at: datetime


def channels_of(
    asked: Sequence[ContactChannel], taken: Sequence[ContactChannel]
) -> tuple[tuple[ContactChannel, ...], tuple[ContactChannel, ...]]:
    """Return (channels to write on, channels asked for that the contact does not take)."""
    if not asked:
        return tuple(taken), ()
    return (
        tuple(channel for channel in asked if channel in taken),
        tuple(channel for channel in asked if channel not in taken),
    )
