"""Who wants no messages, though an organisation that does not know so has added his address."""

from sqlalchemy import and_, exists

from app.db.tables import ContactChannelRow, InvitedAddressRow

#: The condition that the owner of a contact's address had said no before it was added: STOP, or no
#: to an invitation, to whichever organisation, and of a contact that may be gone. What an
#: organisation had when he said no to another's invitation is not meant by that; a STOP reached it.
#: A webhook is no person's: its address is written to again once it is given anew.
REFUSED_BEFORE = and_(
    ContactChannelRow.channel != "webhook",
    exists().where(
        InvitedAddressRow.blind_index == ContactChannelRow.blind_index,
        InvitedAddressRow.refused_at <= ContactChannelRow.changed_at,
    ),
)
