"""Which row of config/countries.toml each phone is of: all of a number that is kept in clear."""

from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from app.db.tables import ContactChannelRow
from app.subscribers.contact import ContactChannel
from app.subscribers.countries import Countries
from app.subscribers.vault import Vault


def sort_numbers(
    conn: Connection,
    *,
    vault: Vault,
    countries: Countries,
    after: str | None,
    limit: int,
    new: bool,
) -> str | None:
    """Write down the tariff of up to `limit` phones; return the last contact's id, None at the end.

    Call it until it returns None, a transaction each time, so that nothing waits for it.

    Args:
        conn: Open transaction.
        vault: Opens the numbers, in memory alone.
        countries: As configured now: an operator may have been added since.
        after: What the call before returned.
        limit: Phones.
        new: Only those that nobody has looked at.
    """
    row: Any = ContactChannelRow
    query = (
        select(row.contact_id, row.address_sealed, row.tariff)
        .where(row.channel == ContactChannel.SMS)
        .order_by(row.contact_id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(row.contact_id > after)
    if new:
        query = query.where(row.tariff.is_(None))
    found = conn.execute(query).all()
    changed = []
    for contact_id, sealed, tariff in found:
        phone = vault.open(sealed, row_id=contact_id, field=ContactChannel.SMS)
        if (code := countries.tariff_of(phone).code) != tariff:
            changed.append({"b_contact": contact_id, "b_tariff": code})
    if changed:
        conn.execute(_SORT, changed)
    return found[-1].contact_id if found else None


_SORT = (
    update(ContactChannelRow)
    .where(
        ContactChannelRow.contact_id == bindparam("b_contact"),
        ContactChannelRow.channel == ContactChannel.SMS.value,
    )
    .values(tariff=bindparam("b_tariff"))
)
