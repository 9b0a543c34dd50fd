"""Addresses whose owners want no messages, as keyed hashes alone; they outlive every contact."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, insert, select, update

from app.db.refused import REFUSED_BEFORE
from app.db.tables import ContactChannelRow, InvitedAddressRow
from app.subscribers.contact import AddressStatus


def remember(conn: Connection, blind_index: str, *, now: datetime) -> None:
    """Let nobody invite an address, nor write to it who adds it from now on: its owner said no.

    Only the last time is kept: where it was added since an earlier one, it is stopped now.
    """
    _stop(conn, ContactChannelRow.blind_index == blind_index, now=now)
    keep(conn, blind_index, refused_at=now)


def heed(conn: Connection, *, contact_id: str, channel: str, now: datetime) -> bool:
    """Stop writing to a contact whose owner had said no; False: he says otherwise by now."""
    his = and_(ContactChannelRow.contact_id == contact_id, ContactChannelRow.channel == channel)
    return _stop(conn, his, now=now) > 0


def forget(
    conn: Connection, blind_indexes: Collection[str], *, until: datetime | None = None
) -> bool:
    """Let an address be invited and written to again, by its indexes; False: it had not refused.

    Its owner said so himself, from there: START, or a yes to an invitation. `until`: only if he had
    not refused after that.
    """
    which = [InvitedAddressRow.refused_at <= until] if until is not None else []
    result = conn.execute(
        update(InvitedAddressRow)
        .where(
            InvitedAddressRow.blind_index.in_(blind_indexes),
            InvitedAddressRow.refused_at.is_not(None),
            *which,
        )
        .values(refused_at=None)
    )
    return result.rowcount > 0


def list_all(conn: Connection) -> list[str]:
    """Return the index of every such address."""
    query = select(InvitedAddressRow.blind_index).where(InvitedAddressRow.refused_at.is_not(None))
    return list(conn.scalars(query))


def keep(conn: Connection, blind_index: str, **values: Any) -> None:
    """Keep something of an address; whoever does has its turn, so nobody adds it meanwhile."""
    which = InvitedAddressRow.blind_index == blind_index
    if conn.execute(update(InvitedAddressRow).where(which).values(**values)).rowcount == 0:
        conn.execute(insert(InvitedAddressRow).values(blind_index=blind_index, **values))


def _stop(conn: Connection, which: ColumnElement[bool], *, now: datetime) -> int:
    statement = update(ContactChannelRow).where(
        which, ContactChannelRow.status == AddressStatus.ACTIVE, REFUSED_BEFORE
    )
    return conn.execute(statement.values(status=AddressStatus.OPTED_OUT, changed_at=now)).rowcount
