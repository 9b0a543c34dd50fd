"""A recipient wants nothing more at one address."""

from datetime import datetime

from sqlalchemy import Connection

from app.audit import store as audit
from app.delivery.outbox import listing
from app.flows.invite import decline_by_id
from app.subscribers.store import addresses, invitations


def stop_mails(conn: Connection, message_id: str, *, now: datetime) -> bool:
    """Write no more to the reader of an e-mail: an alert, or one that invited; False: of none."""
    return opt_out_by_delivery(conn, message_id, now=now) or decline_by_id(
        conn, message_id, now=now
    )


def opt_out_at_provider(conn: Connection, delivery_id: str, *, now: datetime) -> None:
    """Write no more to whom a delivery went to: its provider was told so by that phone.

    It is the phone's word as if it had come to us: it holds for whoever has the number, through
    every provider, and nobody may invite it. An address that took its place since is another's.
    """
    recipient = listing.find_recipient(conn, delivery_id)
    if recipient is None:
        return
    at = {"channel": recipient.channel, "contact_id": recipient.contact_id}
    index = addresses.index_of(conn, **at, unchanged_since=recipient.left_at)
    if index is None:
        return
    for contact_id, organisation_id in addresses.list_written_to(
        conn, channel=recipient.channel, blind_index=index
    ):
        own = contact_id == recipient.contact_id
        audit.record(
            conn,
            # nobody learns from his trail that another organisation writes to the number
            actor=f"delivery:{delivery_id}" if own else "clock",
            action="contact.opted_out",
            subject_id=contact_id,
            organisation_id=organisation_id,
            detail={"channel": recipient.channel},
            now=now,
        )
    addresses.mark_opted_out(conn, channel=recipient.channel, blind_index=index, now=now)
    invitations.remember_refusal(conn, index, now=now)


def opt_out_by_delivery(
    conn: Connection, delivery_id: str, *, now: datetime, unchanged_since: datetime | None = None
) -> bool:
    """Stop writing to the address that a delivery went to; False when there is no such delivery.

    Asking twice is as good as once; the audit tells of the change, not of the asking. An address
    that took the place of that one since is another person's, who goes on being warned.
    `unchanged_since`: since when, if not since the message left.
    """
    recipient = listing.find_recipient(conn, delivery_id)
    if recipient is None:
        return False
    changed = addresses.mark_opted_out(
        conn,
        channel=recipient.channel,
        contact_id=recipient.contact_id,
        unchanged_since=unchanged_since or recipient.left_at,
        now=now,
    )
    if changed:
        if index := addresses.index_of(
            conn, channel=recipient.channel, contact_id=recipient.contact_id
        ):
            invitations.remember_refusal(conn, index, now=now)
        audit.record(
            conn,
            actor=f"delivery:{delivery_id}",
            action="contact.opted_out",
            subject_id=recipient.contact_id,
            organisation_id=recipient.organisation_id,
            detail={"channel": recipient.channel},
            now=now,
        )
    return True
