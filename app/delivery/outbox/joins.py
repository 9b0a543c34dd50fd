"""What belongs to a delivery in other tables: what they are joined on."""

from sqlalchemy import and_

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
