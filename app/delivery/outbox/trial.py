"""A message to one contact, to try whether it arrives: made by the same fan-out as all others."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, exists, func, insert, or_, select

from app.alerts.records import TRIAL
from app.core.ids import first_id, new_id
from app.db.tables import (
    AlertRow,
    ContactChannelRow,
    DeliveryRow,
    SubscriptionCargoRow,
    SubscriptionChannelRow,
    SubscriptionRow,
    SubscriptionTargetRow,
)
from app.delivery.outbox import fanning
from app.delivery.outbox.joins import ITS_ADDRESS
from app.subscribers.contact import AddressStatus, ContactChannel
from app.subscribers.countries import Countries

_CHUNK = 10


def target_of(contact_id: str) -> str:
    """Return what only this contact hears of."""
    return f"trial:{contact_id}"


def count_trials(
    conn: Connection, contact_id: str, *, organisation_id: str, since: datetime
) -> int:
    """Return how many such messages a contact was perhaps sent since then.

    Those of its organisation's count, too, whose address is gone or was given anew: it may be
    this contact's now, that was taken away and added again to write to one phone without end.
    """
    as_it_was = and_(
        ITS_ADDRESS,
        or_(
            ContactChannelRow.changed_at <= DeliveryRow.created_at,
            ContactChannelRow.status != AddressStatus.ACTIVE,
        ),
    )
    query = (
        select(func.count())
        .select_from(DeliveryRow)
        .join(AlertRow, AlertRow.id == DeliveryRow.alert_id)
        .where(
            DeliveryRow.organisation_id == organisation_id,
            DeliveryRow.created_at > since,
            AlertRow.route == TRIAL,
            or_(DeliveryRow.contact_id == contact_id, ~exists().where(as_it_was)),
        )
    )
    return conn.scalar(query) or 0


def count_to_people(conn: Connection, *, organisation_id: str, since: datetime) -> int:
    """Return how many such messages went to people of an organisation since then."""
    query = (
        select(func.count())
        .select_from(AlertRow)
        .join(DeliveryRow, DeliveryRow.alert_id == AlertRow.id)
        .where(
            AlertRow.route == TRIAL,
            AlertRow.cargo == TRIAL,
            AlertRow.id >= first_id(since),
            DeliveryRow.organisation_id == organisation_id,
            DeliveryRow.channel != ContactChannel.WEBHOOK,
        )
    )
    return conn.scalar(query) or 0


def fan_out_trial(
    conn: Connection,
    alert_id: str,
    texts: Sequence[Mapping[str, Any]],
    *,
    contact_id: str,
    organisation_id: str,
    channels: Sequence[str],
    languages: Sequence[str],
    countries: Countries,
    now: datetime,
) -> int:
    """Make the deliveries of an alert that one contact alone hears; return how many.

    He subscribes to it for as long as the transaction lasts. `countries`: what they cost.
    """
    own = {"subscription_id": new_id(now)}
    conn.execute(
        insert(SubscriptionRow).values(
            id=own["subscription_id"],
            organisation_id=organisation_id,
            contact_id=contact_id,
            min_level="moderate",
            min_rank=-1,
            wanted={},
            created_at=now,
        )
    )
    conn.execute(insert(SubscriptionTargetRow).values(**own, target=target_of(contact_id)))
    conn.execute(insert(SubscriptionCargoRow).values(**own, cargo=TRIAL))
    conn.execute(insert(SubscriptionChannelRow), [{**own, "channel": one} for one in channels])
    fanning.add_messages(conn, texts)
    step = fanning.fan_out_step(
        conn,
        alert_id,
        languages=languages,
        after=None,
        chunk=_CHUNK,
        now=now,
        countries=countries,
    )
    for table in (SubscriptionTargetRow, SubscriptionCargoRow, SubscriptionChannelRow):
        conn.execute(delete(table).where(table.subscription_id == own["subscription_id"]))
    conn.execute(delete(SubscriptionRow).where(SubscriptionRow.id == own["subscription_id"]))
    return step.inserted
