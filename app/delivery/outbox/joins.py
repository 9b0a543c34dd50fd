"""What belongs to a delivery in other tables: what they are joined on."""

from sqlalchemy import ColumnElement, and_, or_

from app.db.tables import ContactChannelRow, DeliveryRow, DigestRow, MessageRow

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
