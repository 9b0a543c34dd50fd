"""What a phone said of being written to: STOP, or that it is in the hands of others."""

from datetime import datetime

from sqlalchemy import Connection, exists, select

from app.db.tables import ContactChannelRow, InboundRow, InvitedAddressRow
from app.subscribers.answerable import Bar
from app.subscribers.contact import AddressStatus, ContactChannel
from app.subscribers.store import forced
from app.subscribers.understood import Action


def find_bar(conn: Connection, phone_index: str, *, wrote_at: datetime) -> Bar | None:
    """Return why a phone that wrote at `wrote_at` is not written to; None: it may be."""
    if forced.find_by_phone(conn, phone_index) is not None:
        return Bar.FORCED
    if _wants_nothing(conn, phone_index, wrote_at):
        return Bar.STOPPED
    return None


def wrote(conn: Connection, phone_index: str) -> bool:
    """Tell whether there is a message of this phone, which somebody may answer."""
    query = select(exists().where(InboundRow.phone_index == phone_index))
    return bool(conn.scalar(query))


def _wants_nothing(conn: Connection, phone_index: str, wrote_at: datetime) -> bool:
    """Tell whether the last word on it was a STOP, wherever that was said."""
    last = (
        select(InboundRow.action)
        .where(
            InboundRow.phone_index == phone_index,
            InboundRow.action.in_([Action.STOP, Action.START]),
        )
        .order_by(InboundRow.id.desc())
        .limit(1)
    )
    opted_out = exists().where(
        ContactChannelRow.blind_index == phone_index,
        ContactChannelRow.channel == ContactChannel.SMS,
        ContactChannelRow.status == AddressStatus.OPTED_OUT,
    )
    # an invitation that was declined before is no wish to hear nothing of what one writes oneself
    refused = exists().where(
        InvitedAddressRow.blind_index == phone_index, InvitedAddressRow.refused_at >= wrote_at
    )
    return conn.scalar(last) == Action.STOP or bool(conn.scalar(select(opted_out | refused)))
