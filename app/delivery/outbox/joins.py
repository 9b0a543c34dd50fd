"""What belongs to a delivery in other tables: what they are joined on."""

from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, literal_column, or_, select

from app.db.tables import (
    ContactChannelRow,
    DeliveryAttemptRow,
    DeliveryRow,
    DigestRow,
    MessageRow,
)

#: The address that it goes to, as it stands by now.
ITS_ADDRESS = and_(
    ContactChannelRow.contact_id == DeliveryRow.contact_id,
    ContactChannelRow.channel == DeliveryRow.channel,
)
#: The text of its alert.
ITS_MESSAGE = and_(
    MessageRow.alert_id == DeliveryRow.alert_id,
    MessageRow.channel == DeliveryRow.channel,
    MessageRow.language == DeliveryRow.language,
)
#: The text of what says its alert together with others.
ITS_DIGEST = and_(
    DigestRow.id == DeliveryRow.digest_id,
    DigestRow.channel == DeliveryRow.channel,
    DigestRow.language == DeliveryRow.language,
)


def is_sent_as(travelling_id: str) -> ColumnElement[bool]:
    """Return the condition that a message which went out under that id was of the delivery.

    Not if it went to an address that has been put right since: what is said of it there, or by
    whoever got it, is nothing that the delivery should hear.
    """
    own = and_(DeliveryRow.id == travelling_id, DeliveryRow.sent_as.is_(None))
    return or_(own, DeliveryRow.sent_as == travelling_id)


def put_right_since(row: str = DeliveryRow.__tablename__) -> ColumnElement[bool]:
    """Return the condition that a delivery's address was changed after it was last tried there.

    Not after its last word: a number is put right while what went to the wrong one is on its way,
    and that it did not arrive is said later.
    """
    # by name alone: of the row that an INSERT finds there already, SQLAlchemy would otherwise make
    # a table to read from, and find one in it whose address was changed, whoever's that is
    it: dict[str, ColumnElement[Any]] = {
        name: literal_column(f"{row}.{name}")
        for name in ("id", "contact_id", "channel", "updated_at")
    }
    tried = select(func.max(DeliveryAttemptRow.at)).where(
        DeliveryAttemptRow.delivery_id == it["id"]
    )
    last = func.coalesce(tried.scalar_subquery(), it["updated_at"])
    return exists().where(
        ContactChannelRow.contact_id == it["contact_id"],
        ContactChannelRow.channel == it["channel"],
        ContactChannelRow.changed_at > last,
    )
