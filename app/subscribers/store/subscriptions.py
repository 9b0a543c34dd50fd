"""Subscriptions and the index rows by which an alert finds them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from app.core.errors import ConflictError, InvalidError, NotFoundError
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
from app.subscribers.contact import ContactChannel
from app.subscribers.store.contacts import CHUNK
from app.subscribers.subscription import TELL, Subscription, SubscriptionDraft, channels_of

_Rows = list[dict[str, Any]]


def add_subscriptions(
    conn: Connection, drafts: Sequence[SubscriptionDraft], *, now: datetime
) -> list[str]:
    """Add subscriptions, all or none, and return their ids in order.

    Raises:
        NotFoundError: a contact does not exist.
        InvalidError: one asks for a channel that its contact does not take.
    """
    contacts = _contacts(conn, {draft.contact_id for draft in drafts})
    ids = [new_id(now) for _ in drafts]
    rows: _Rows = []
    index: dict[Any, _Rows] = {table: [] for table in _INDEXES}
    for subscription_id, draft in zip(ids, drafts, strict=True):
        organisation_id, taken = contacts[draft.contact_id]
        rows.append(
            {
                "id": subscription_id,
                "organisation_id": organisation_id,
                "contact_id": draft.contact_id,
                "created_at": now,
                **_wants(draft),
            }
        )
        _fill(index, subscription_id, draft, taken)
    if rows:
        conn.execute(insert(SubscriptionRow), rows)
        _insert(conn, index)
    return ids


def replace_subscription(conn: Connection, subscription_id: str, draft: SubscriptionDraft) -> None:
    """Make the subscription what `draft` says; its id and age stay.

    Raises:
        NotFoundError: the subscription or the contact does not exist.
        InvalidError: it asks for a channel that its contact does not take.
    """
    organisation_id, taken = _contacts(conn, {draft.contact_id})[draft.contact_id]
    result = conn.execute(
        update(SubscriptionRow)
        .where(SubscriptionRow.id == subscription_id)
        .values(organisation_id=organisation_id, contact_id=draft.contact_id, **_wants(draft))
    )
    if result.rowcount == 0:
        raise NotFoundError("There is no subscription with this id.")
    index: dict[Any, _Rows] = {table: [] for table in _INDEXES}
    _fill(index, subscription_id, draft, taken)
    for table in _INDEXES:
        conn.execute(delete(table).where(table.subscription_id == subscription_id))
    _insert(conn, index)


def get_subscription(conn: Connection, subscription_id: str) -> Subscription:
    """Return the subscription with that id.

    Raises:
        NotFoundError: there is none.
    """
    row = conn.execute(
        select(SubscriptionRow.__table__).where(SubscriptionRow.id == subscription_id)
    ).one_or_none()
    if row is None:
        raise NotFoundError("There is no subscription with this id.")
    return _subscription(row)


def list_subscriptions(
    conn: Connection,
    *,
    organisation_id: str | None,
    contact_id: str | None,
    after: str | None,
    limit: int,
) -> Sequence[Subscription]:
    """Return the subscriptions of an organisation or contact, or all, in the order of adding."""
    query = select(SubscriptionRow.__table__).order_by(SubscriptionRow.id).limit(limit)
    if after is not None:
        query = query.where(SubscriptionRow.id > after)
    if organisation_id is not None:
        query = query.where(SubscriptionRow.organisation_id == organisation_id)
    if contact_id is not None:
        query = query.where(SubscriptionRow.contact_id == contact_id)
    return [_subscription(row) for row in conn.execute(query)]


def subscribed_among(conn: Connection, contact_ids: Sequence[str]) -> set[str]:
    """Return those of some contacts who have a subscription."""
    found: set[str] = set()
    for start in range(0, len(contact_ids), CHUNK):
        among = SubscriptionRow.contact_id.in_(contact_ids[start : start + CHUNK])
        found.update(conn.scalars(select(SubscriptionRow.contact_id).where(among)))
    return found


def delete_subscription(conn: Connection, subscription_id: str) -> None:
    """Remove a subscription.

    Raises:
        NotFoundError: there is none with that id.
    """
    result = conn.execute(delete(SubscriptionRow).where(SubscriptionRow.id == subscription_id))
    if result.rowcount == 0:
        raise NotFoundError("There is no subscription with this id.")


def follow_channels(conn: Connection, contact_id: str) -> None:
    """Bring the channels of a contact's subscriptions in line with what it takes now.

    Raises:
        ConflictError: a subscription asks for a channel that the contact no longer takes; it
            would fall silent unnoticed.
    """
    _, taken = _contacts(conn, {contact_id})[contact_id]
    rows: _Rows = []
    ids: list[str] = []
    for subscription in list_subscriptions(
        conn, organisation_id=None, contact_id=contact_id, after=None, limit=10_000
    ):
        asked = [ContactChannel(channel) for channel in subscription.wanted["channels"]]
        channels, missing = channels_of(asked, taken)
        if missing:
            raise ConflictError(
                f"The subscription {subscription.id} asks for {missing[0]}: change it first.",
                errors=[{"pointer": "/channels", "detail": "A subscription still asks for it."}],
            )
        ids.append(subscription.id)
        rows += [{"subscription_id": subscription.id, "channel": c} for c in channels]
    for start in range(0, len(ids), CHUNK):
        conn.execute(
            delete(SubscriptionChannelRow).where(
                SubscriptionChannelRow.subscription_id.in_(ids[start : start + CHUNK])
            )
        )
    if rows:
        conn.execute(insert(SubscriptionChannelRow), rows)


_INDEXES = (SubscriptionTargetRow, SubscriptionCargoRow, SubscriptionChannelRow)


def _wants(draft: SubscriptionDraft) -> dict[str, Any]:
    return {
        "min_level": draft.min_level,
        "min_rank": draft.min_level.rank,
        "wanted": draft.wanted(),
        "tell": TELL.index(draft.tell),
    }


def _fill(
    index: Mapping[Any, _Rows],
    subscription_id: str,
    draft: SubscriptionDraft,
    taken: Sequence[ContactChannel],
) -> None:
    channels, missing = channels_of(draft.channels, taken)
    if missing:
        detail = f"The contact does not take {missing[0]}; it takes {', '.join(taken)}."
        raise InvalidError(detail, errors=[{"pointer": "/channels", "detail": detail}])
    own = {"subscription_id": subscription_id}
    index[SubscriptionTargetRow] += [{**own, "target": target} for target in sorted(draft.targets)]
    index[SubscriptionCargoRow] += [{**own, "cargo": cargo} for cargo in draft.cargo_index]
    index[SubscriptionChannelRow] += [{**own, "channel": channel} for channel in channels]


def _insert(conn: Connection, index: Mapping[Any, _Rows]) -> None:
    for table, rows in index.items():
        if rows:
            conn.execute(insert(table), rows)


def _contacts(
    conn: Connection, contact_ids: set[str]
) -> Mapping[str, tuple[str, tuple[ContactChannel, ...]]]:
    """Return (organisation, channels taken) of each contact.

    Raises:
        NotFoundError: one does not exist.
    """
    ids = sorted(contact_ids)
    organisations: dict[str, str] = {}
    channels: dict[str, list[ContactChannel]] = {}
    for start in range(0, len(ids), CHUNK):
        rows = conn.execute(
            select(ContactRow.id, ContactRow.organisation_id, ContactChannelRow.channel)
            .outerjoin(ContactChannelRow, ContactChannelRow.contact_id == ContactRow.id)
            .where(ContactRow.id.in_(ids[start : start + CHUNK]))
            .order_by(ContactRow.id)
        )
        for contact_id, organisation_id, channel in rows:
            organisations[contact_id] = organisation_id
            if channel is not None:
                channels.setdefault(contact_id, []).append(ContactChannel(channel))
    if len(organisations) < len(ids):
        detail = "There is no contact with this id."
        raise NotFoundError(detail, errors=[{"pointer": "/contact_id", "detail": detail}])
    taken = {id_: tuple(c for c in ContactChannel if c in channels.get(id_, ())) for id_ in ids}
    return {id_: (org, taken[id_]) for id_, org in organisations.items()}


def _subscription(row: Any) -> Subscription:
    return Subscription(
        id=row.id,
        organisation_id=row.organisation_id,
        contact_id=row.contact_id,
        min_level=Level(row.min_level),
        wanted=row.wanted,
        created_at=row.created_at,
    )
