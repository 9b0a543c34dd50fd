"""Who would be told what, without names or addresses: to count messages that nobody sends."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from app.core.ids import new_id
from app.core.levels import Level
from app.db.tables import (
    ContactChannelRow,
    ContactRow,
    SubscriptionCargoRow,
    SubscriptionChannelRow,
    SubscriptionRow,
    SubscriptionTargetRow,
)
from app.subscribers.contact import AddressStatus, ContactChannel

_NOTHING = b""
_RANKS = {level.rank: level for level in Level}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One subscription: targets x cargoes x level x channels."""

    targets: frozenset[str]
    cargoes: frozenset[str]
    channels: frozenset[str]
    min_rank: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """What contacts alike have in common; `wishes` is all they subscribed to.

    Attributes:
        tariff: Of their numbers, see `subscribers.countries`; "" where they have none.
        channels: On which they can be written to now.
    """

    organisation_id: str
    tariff: str
    language: str
    channels: frozenset[str]
    wishes: frozenset[Wish]


def count_listeners(conn: Connection) -> Counter[Listener]:
    """Return how many contacts there are of each sort that subscribed to something."""
    wishes = _wishes(conn)
    channels: defaultdict[str, set[str]] = defaultdict(set)
    tariffs: dict[str, str] = {}
    active = select(
        ContactChannelRow.contact_id, ContactChannelRow.channel, ContactChannelRow.tariff
    )
    for contact_id, channel, tariff in conn.execute(
        active.where(ContactChannelRow.status == AddressStatus.ACTIVE)
    ):
        channels[contact_id].add(channel)
        tariffs.setdefault(contact_id, "")
        tariffs[contact_id] = tariff or tariffs[contact_id]
    rows = conn.execute(select(ContactRow.id, ContactRow.organisation_id, ContactRow.language))
    return Counter(
        Listener(
            organisation_id=row.organisation_id,
            tariff=tariffs[row.id],
            language=row.language,
            channels=frozenset(channels[row.id]),
            wishes=frozenset(wishes[row.id]),
        )
        for row in rows
        if row.id in wishes and channels[row.id]
    )


def add_listener(conn: Connection, listener: Listener, *, now: datetime) -> str:
    """Add one contact that stands for all of its sort, unnamed and unreachable; return its id.

    For a database that is thrown away: its organisation is not added.
    """
    contact_id = new_id(now)
    conn.execute(
        insert(ContactRow).values(
            id=contact_id,
            organisation_id=listener.organisation_id,
            name_sealed=_NOTHING,
            language=listener.language,
            created_at=now,
        )
    )
    conn.execute(
        insert(ContactChannelRow),
        [
            {
                "contact_id": contact_id,
                "channel": channel,
                "organisation_id": listener.organisation_id,
                "address_sealed": _NOTHING,
                "blind_index": f"{contact_id} {channel}",
                "masked": "",
                "status": AddressStatus.ACTIVE.value,
                "changed_at": now,
                "tariff": listener.tariff if channel == ContactChannel.SMS else None,
            }
            for channel in sorted(listener.channels)
        ],
    )
    for wish in sorted(listener.wishes, key=repr):
        _add_wish(conn, wish, listener.organisation_id, contact_id, now=now)
    return contact_id


def _wishes(conn: Connection) -> Mapping[str, set[Wish]]:
    indexes: tuple[tuple[Any, Any], ...] = (
        (SubscriptionTargetRow.subscription_id, SubscriptionTargetRow.target),
        (SubscriptionCargoRow.subscription_id, SubscriptionCargoRow.cargo),
        (SubscriptionChannelRow.subscription_id, SubscriptionChannelRow.channel),
    )
    parts: list[defaultdict[str, set[str]]] = []
    for key, value in indexes:
        found: defaultdict[str, set[str]] = defaultdict(set)
        for subscription_id, word in conn.execute(select(key, value)):
            found[subscription_id].add(word)
        parts.append(found)
    targets, cargoes, channels = parts
    wishes: defaultdict[str, set[Wish]] = defaultdict(set)
    for row in conn.execute(
        select(SubscriptionRow.id, SubscriptionRow.contact_id, SubscriptionRow.min_rank)
    ):
        wishes[row.contact_id].add(
            Wish(
                targets=frozenset(targets[row.id]),
                cargoes=frozenset(cargoes[row.id]),
                channels=frozenset(channels[row.id]),
                min_rank=row.min_rank,
            )
        )
    return wishes


def _add_wish(
    conn: Connection, wish: Wish, organisation_id: str, contact_id: str, *, now: datetime
) -> None:
    subscription_id = new_id(now)
    conn.execute(
        insert(SubscriptionRow).values(
            id=subscription_id,
            organisation_id=organisation_id,
            contact_id=contact_id,
            min_level=_RANKS[wish.min_rank].value,
            min_rank=wish.min_rank,
            wanted={},
            created_at=now,
        )
    )
    own = {"subscription_id": subscription_id}
    indexes: tuple[tuple[Any, str, frozenset[str]], ...] = (
        (SubscriptionTargetRow, "target", wish.targets),
        (SubscriptionCargoRow, "cargo", wish.cargoes),
        (SubscriptionChannelRow, "channel", wish.channels),
    )
    for table, column, words in indexes:
        if words:
            conn.execute(insert(table), [{**own, column: word} for word in sorted(words)])
