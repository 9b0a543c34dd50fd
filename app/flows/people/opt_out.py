"""A recipient wants nothing more at one address, whoever would write to it.

What is told to one organisation, or to a provider, holds for all: an SMS has one sender, the page
says that no more alerts come to this address, and whoever says STOP knows no organisations. It
outlives the contact, as a keyed hash (`subscribers.store.unwanted`), until the owner himself says
otherwise from there.

What another organisation sees, that adds the address afterwards: nothing when it does, or a list of
a thousand numbers would tell at no cost who has had to do with Sira. The contact looks like any
other until a message would leave for him. That one fails, costs nothing and is on the list of the
unreached, and the contact is `opted_out` from then on. To call it sent would be a lie that kills: a
dispatcher who reads `opted_out` telephones his driver, one who reads `sent` relies on it. It is
what carriers answer whoever sends from a number that was told to stop (Twilio's 21610), and says as
little: that the owner once said so to this service, which anybody can who never was anybody's
contact, for every STOP is remembered. Who tries numbers to learn it rings all the phones that have
not said STOP, and pays for each.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection

from app.audit import store as audit
from app.delivery.outbox import listing
from app.delivery.outbox.listing import Recipient
from app.flows.context import Context
from app.flows.people.invite import decline_by_id
from app.flows.sending.tell_newcomers import tell_newcomers
from app.subscribers.contact import AddressStatus, ContactChannel
from app.subscribers.store import addresses, unwanted

#: Where a no is meant for one contact, and not for everybody who has the address.
_FOR_ONE = frozenset({ContactChannel.VOICE, ContactChannel.WEBHOOK})


class Unwanted(StrEnum):
    """Of what the reader of an e-mail wants no more."""

    ALERTS = "alerts"
    INVITATIONS = "invitations"


def stop_mails(conn: Connection, message_id: str, *, now: datetime) -> Unwanted | None:
    """Write no more to the reader of an e-mail, and return of which sort it was; None: of none."""
    if opt_out_by_delivery(conn, message_id, now=now):
        return Unwanted.ALERTS
    return Unwanted.INVITATIONS if decline_by_id(conn, message_id, now=now) else None


def opt_out_by_delivery(
    conn: Connection, delivery_id: str, *, now: datetime, unchanged_since: datetime | None = None
) -> bool:
    """Stop writing to the address that a delivery went to; False: that one is not there any more.

    Its reader said so, by a link, or to its provider: it holds for whoever has the address, through
    every provider, and nobody may invite it. Who wants no calls is not called for that contact
    until his organisation asks for them anew, or he writes START: it is his own word and the later
    one, he has no other that begins calls, and who cannot read hears of no danger without them.
    Each call offers him the key again. A program's
    address is written to once it is given anew; it may be one of a provider for many organisations,
    of which one is gone.

    Asking twice is as good as once; the audit tells of the change, not of the asking. An address
    that took the place of that one since is another person's, who goes on being warned.
    `unchanged_since`: since when, if not since the message left.
    """
    recipient = listing.find_recipient(conn, delivery_id)
    if recipient is None:
        return False
    channel, own = recipient.channel, (recipient.contact_id, recipient.organisation_id)
    index = _index_of(conn, recipient, delivery_id, unchanged_since=unchanged_since)
    if index is None:
        found = addresses.open_addresses(conn, [(recipient.contact_id, channel)]).values()
        return any(one.status is AddressStatus.OPTED_OUT for one in found)
    stopped = addresses.list_having(conn, channel=channel, blind_index=index, opted_out=False)
    if channel in _FOR_ONE:
        stopped = [one for one in stopped if one == own]
    for contact_id, _ in stopped:
        addresses.mark_opted_out(conn, channel=channel, contact_id=contact_id, now=now)
    _record(conn, "contact.opted_out", stopped, recipient, delivery_id, now=now)
    if channel not in _FOR_ONE:
        unwanted.remember(conn, index, now=now)
    return True


def resume_mails(conn: Connection, delivery_id: str, *, context: Context, now: datetime) -> bool:
    """Write again to who said by the link of an e-mail that he wants no more; False: not there.

    There is no START by e-mail, and nobody else may say it for him: it is the same link.
    """
    recipient = listing.find_recipient(conn, delivery_id)
    if recipient is None or recipient.channel != ContactChannel.EMAIL:
        return False
    channel, index = recipient.channel, _index_of(conn, recipient, delivery_id)
    if index is None:
        return False
    unwanted.forget(conn, [index])
    begun = addresses.list_having(conn, channel=channel, blind_index=index, opted_out=True)
    addresses.mark_restarted(conn, channel=channel, blind_index=index, now=now)
    _record(conn, "contact.restarted", begun, recipient, delivery_id, now=now)
    tell_newcomers(conn, [contact_id for contact_id, _ in begun], context=context, now=now)
    return True


def _index_of(
    conn: Connection,
    recipient: Recipient,
    delivery_id: str,
    *,
    unchanged_since: datetime | None = None,
) -> str | None:
    """Return the index of the address that a delivery went to; None: it is gone, or another's.

    What was changed of it by the word of that very reader is no change.
    """
    said = audit.list_entries(
        conn,
        before=None,
        limit=1,
        subject_id=recipient.contact_id,
        actor=f"delivery:{delivery_id}",
    )
    since = unchanged_since or recipient.left_at
    return addresses.index_of(
        conn,
        channel=recipient.channel,
        contact_id=recipient.contact_id,
        unchanged_since=max(since, *(one.at for one in said)) if said else since,
    )


def _record(
    conn: Connection,
    action: str,
    whom: Sequence[tuple[str, str]],
    recipient: Recipient,
    delivery_id: str,
    *,
    now: datetime,
) -> None:
    """Write down what was done of these (contact, organisation) by the word of one of them."""
    for contact_id, organisation_id in whom:
        own = contact_id == recipient.contact_id
        audit.record(
            conn,
            # nobody learns from his trail that another organisation writes to the address
            actor=f"delivery:{delivery_id}" if own else "clock",
            action=action,
            subject_id=contact_id,
            organisation_id=organisation_id,
            detail={"channel": recipient.channel},
            now=now,
        )


def heed_refusal(conn: Connection, delivery_id: str, *, now: datetime) -> None:
    """Let an organisation know that a contact it added had said STOP: a message was to leave.

    Whoever says START at that very moment, while the message is being taken, is written to again.
    """
    recipient = listing.find_recipient(conn, delivery_id)
    if recipient is None or not unwanted.heed(
        conn, channel=recipient.channel, contact_id=recipient.contact_id, now=now
    ):
        return
    own = [(recipient.contact_id, recipient.organisation_id)]
    _record(conn, "contact.opted_out", own, recipient, delivery_id, now=now)
