"""A recipient wants nothing more at one address, whoever would write to it.

What is told to one organisation, or to a provider, holds for all: an SMS has one sender, the page
says that no more alerts come to this address, and whoever says STOP knows no organisations. It
outlives the contact, as a keyed hash (`subscribers.store.unwanted`), until the owner himself says
otherwise from there.

What another organisation sees, that adds the address afterwards: nothing when it does, or a list of
a thousand numbers would tell at no cost who has had to do with Sira. The contact looks like any
other until a message would leave for him. That one is suppressed, costs nothing, and the contact is
`opted_out` from then on. To call it sent would be a lie that kills: a dispatcher who reads
`opted_out` telephones his driver, one who reads `sent` relies on it. It is what carriers answer
whoever sends from a number that was told to stop (Twilio's 21610), and says as little: that the
owner once said so to this service, which anybody can who never was anybody's contact, for every
STOP is remembered. Who tries numbers to learn it rings all the phones that have not said STOP, and
pays for each.
"""

from datetime import datetime

from sqlalchemy import Connection

from app.audit import store as audit
from app.delivery.outbox import listing
from app.flows.invite import decline_by_id
from app.subscribers.contact import ContactChannel
from app.subscribers.store import addresses, unwanted


def stop_mails(conn: Connection, message_id: str, *, now: datetime) -> bool:
    """Write no more to the reader of an e-mail: an alert, or one that invited; False: of none."""
    return opt_out_by_delivery(conn, message_id, now=now) or decline_by_id(
        conn, message_id, now=now
    )


def opt_out_by_delivery(
    conn: Connection, delivery_id: str, *, now: datetime, unchanged_since: datetime | None = None
) -> bool:
    """Stop writing to the address that a delivery went to; False when there is no such delivery.

    Its reader said so, by a link, by a key during a call, or to its provider. It holds for whoever
    has the address, through every provider, and nobody may invite it.

    Asking twice is as good as once; the audit tells of the change, not of the asking. An address
    that took the place of that one since is another person's, who goes on being warned.
    `unchanged_since`: since when, if not since the message left.
    """
    recipient = listing.find_recipient(conn, delivery_id)
    if recipient is None:
        return False
    index = addresses.index_of(
        conn,
        channel=recipient.channel,
        contact_id=recipient.contact_id,
        unchanged_since=unchanged_since or recipient.left_at,
    )
    if index is None:
        return True
    for contact_id, organisation_id in addresses.list_written_to(
        conn, channel=recipient.channel, blind_index=index
    ):
        own = contact_id == recipient.contact_id
        audit.record(
            conn,
            # nobody learns from his trail that another organisation writes to the address
            actor=f"delivery:{delivery_id}" if own else "clock",
            action="contact.opted_out",
            subject_id=contact_id,
            organisation_id=organisation_id,
            detail={"channel": recipient.channel},
            now=now,
        )
    addresses.mark_opted_out(conn, channel=recipient.channel, blind_index=index, now=now)
    if recipient.channel != ContactChannel.WEBHOOK:
        unwanted.remember(conn, index, now=now)
    return True


def heed_refusal(conn: Connection, delivery_id: str, *, now: datetime) -> None:
    """Let an organisation know that a contact it added had said STOP: a message was to leave."""
    recipient = listing.find_recipient(conn, delivery_id)
    if recipient is None or not addresses.mark_opted_out(
        conn, channel=recipient.channel, contact_id=recipient.contact_id, now=now
    ):
        return
    audit.record(
        conn,
        actor=f"delivery:{delivery_id}",
        action="contact.opted_out",
        subject_id=recipient.contact_id,
        organisation_id=recipient.organisation_id,
        detail={"channel": recipient.channel},
        now=now,
    )
