"""Subscribers by the thousand, sealed with keys that a server can be given."""

import random
from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert

from app.core.clock import SystemClock
from app.core.ids import new_id
from app.db.engine import Database
from app.db.tables import (
    ContactChannelRow,
    ContactRow,
    SubscriptionCargoRow,
    SubscriptionChannelRow,
    SubscriptionRow,
    SubscriptionTargetRow,
)
from app.subscribers.contact import OrganisationKind
from app.subscribers.store.contacts import NAME
from app.subscribers.store.organisations import add_organisation
from app.subscribers.vault import Vault

_BATCH = 5_000
_FIRST_NUMBER = 60_000_000


def phone_of(number: int) -> str:
    """Return the number of the contact that was added as so manieth, from 0."""
    return f"+223{_FIRST_NUMBER + number}"


def subscribe(
    db: Database, vault: Vault, count: int, *, routes: Sequence[str], cargo: str = "fuel"
) -> None:
    """Add so many contacts, each with a phone and a subscription to one of `routes`."""
    now = SystemClock().now()
    organisation = db.write_now(
        lambda conn: add_organisation(
            conn,
            vault=vault,
            name="Bench",
            kind=OrganisationKind.UNION,
            country="ML",
            language="fr",
            now=now,
        )
    )
    chance = random.Random(1)
    for start in range(0, count, _BATCH):
        rows: dict[Any, list[dict[str, Any]]] = {}
        for number in range(start, min(start + _BATCH, count)):
            for table, row in _person(vault, organisation, number):
                rows.setdefault(table, []).append(row)
            key = {"subscription_id": rows[SubscriptionRow][-1]["id"]}
            target = {"target": f"route:{chance.choice(routes)}"}
            rows.setdefault(SubscriptionTargetRow, []).append(key | target)
            rows.setdefault(SubscriptionCargoRow, []).append(key | {"cargo": cargo})
            rows.setdefault(SubscriptionChannelRow, []).append(key | {"channel": "sms"})
        for table, batch in rows.items():
            db.write_now(lambda conn, t=table, b=batch: conn.execute(insert(t), b))  # type: ignore[misc]


def _person(vault: Vault, organisation: str, number: int) -> list[tuple[Any, dict[str, Any]]]:
    now = SystemClock().now()
    contact, subscription = new_id(now), new_id(now)
    phone = phone_of(number)
    return [
        (
            ContactRow,
            {
                "id": contact,
                "organisation_id": organisation,
                "name_sealed": vault.seal(f"n{number}", row_id=contact, field=NAME),
                "language": "fr",
                "created_at": now,
            },
        ),
        (
            ContactChannelRow,
            {
                "contact_id": contact,
                "channel": "sms",
                "organisation_id": organisation,
                "address_sealed": vault.seal(phone, row_id=contact, field="sms"),
                "blind_index": vault.blind_index("sms", phone),
                "masked": "***",
                "status": "active",
                "changed_at": now,
            },
        ),
        (
            SubscriptionRow,
            {
                "id": subscription,
                "organisation_id": organisation,
                "contact_id": contact,
                "min_level": "high",
                "min_rank": 3,
                "wanted": {},
                "created_at": now,
            },
        ),
    ]
