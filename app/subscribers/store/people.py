"""The people of one organisation as its pages show them: some at a time, or those of a name."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, func, select

from app.core.ids import first_id
from app.core.text import unaccented
from app.db.tables import ContactChannelRow, ContactRow, SubscriptionRow
from app.subscribers.contact import Contact
from app.subscribers.store.contacts import NAME, read_contacts
from app.subscribers.vault import Vault


def count_people(conn: Connection, organisation_id: str, *, since: datetime | None = None) -> int:
    """Return how many contacts an organisation has; `since`: of those that were added since."""
    query = select(func.count(ContactRow.id)).where(ContactRow.organisation_id == organisation_id)
    if since is not None:
        query = query.where(ContactRow.id >= first_id(since))
    return conn.scalar(query) or 0


def list_people(
    conn: Connection, organisation_id: str, *, start: int, limit: int, vault: Vault
) -> Sequence[Contact]:
    """Return contacts in the order they were added, from the number `start` on."""
    query = select(ContactRow).where(ContactRow.organisation_id == organisation_id)
    return read_contacts(conn, vault, query.order_by(ContactRow.id).offset(start).limit(limit))


def list_these(conn: Connection, contact_ids: Sequence[str], *, vault: Vault) -> Sequence[Contact]:
    """Return the contacts with these ids that there are, in the order they were added."""
    query = select(ContactRow).where(ContactRow.id.in_(contact_ids)).order_by(ContactRow.id)
    return read_contacts(conn, vault, query)


def find_people(
    conn: Connection, organisation_id: str, name: str, *, blind_index: str | None, vault: Vault
) -> Sequence[str]:
    """Return the ids of the contacts with every word of `name`, or with an address.

    Names are sealed, so that each is opened: 10,000 take less than a tenth of a second. An address
    is found whole only, by its index: part of one would say what is masked.
    """
    sought = _plain(name).split()
    named = select(ContactRow.id, ContactRow.name_sealed).order_by(ContactRow.id)
    found = reached_at(conn, organisation_id, blind_index) if blind_index else set()
    return [
        row.id
        for row in conn.execute(named.where(ContactRow.organisation_id == organisation_id))
        if row.id in found or _has(vault.open(row.name_sealed, row_id=row.id, field=NAME), sought)
    ]


def reached_at(conn: Connection, organisation_id: str, blind_index: str) -> set[str]:
    """Return the ids of an organisation's contacts that have an address."""
    query = select(ContactChannelRow.contact_id).where(
        ContactChannelRow.organisation_id == organisation_id,
        ContactChannelRow.blind_index == blind_index,
    )
    return set(conn.scalars(query))


def count_subscriptions(conn: Connection, contact_ids: Sequence[str]) -> Mapping[str, int]:
    """Return how many subscriptions each of these contacts has; who has none is left out."""
    query = (
        select(SubscriptionRow.contact_id, func.count().label("number"))
        .where(SubscriptionRow.contact_id.in_(contact_ids))
        .group_by(SubscriptionRow.contact_id)
    )
    return {row.contact_id: row.number for row in conn.execute(query)}


def _has(name: str, sought: Sequence[str]) -> bool:
    return all(word in _plain(name) for word in sought)


def _plain(text: str) -> str:
    return unaccented(text).casefold()
