"""What comes back for mails: one was not delivered after all; one was called spam."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection

from app.channels.returned_mail import Complaint, Returned, read_complaint, read_return
from app.delivery.delivery import RETURNED
from app.delivery.outbox import notices, receiving
from app.delivery.outbox.receiving import Receipt
from app.flows.people.opt_out import stop_mails
from app.subscribers.signed_link import Keyed
from app.subscribers.stop_link import stopped_by
from app.subscribers.store import invitations

_log = logging.getLogger(__name__)


class Came(StrEnum):
    """What a mail to the address for what comes back was."""

    #: A message to a contact came back: it stands as undelivered now.
    BACK = "back"
    #: The same, of one that is known not to have arrived.
    AGAIN = "again"
    #: The same, of an invitation: it counts as failed, and its organisation sees that.
    INVITATION = "invitation"
    #: The same, of a word to the person on duty: the desk sees it, and he is told by another way.
    NOTICE = "notice"
    #: Something of ours that is none of these, or is forgotten.
    UNKNOWN = "unknown"
    #: A reader called a message of ours spam: he gets no more.
    UNWANTED = "unwanted"
    #: The same, but nothing in it proves that it was his message.
    UNPROVEN = "unproven"
    #: No report that something did not arrive.
    NO_REPORT = "no_report"


def take_returned(
    conn: Connection,
    raw: bytes,
    *,
    domain: str,
    now: datetime,
    keyed: Callable[[], Keyed | None] = lambda: None,
    duty: Sequence[str] = (),
) -> Came:
    """Take a mail that came to the sender of our envelopes.

    What the fail-over does with any message that did not arrive follows at its next look: the
    contact's other channel, the call list, the person on duty.

    Args:
        conn: In a transaction.
        raw: The mail as it came.
        domain: In which our Message-IDs end.
        now: When it came.
        keyed: Returns the vault's keyed hash, by which our links are known; None: it is not here.
        duty: Channels by which a person on duty is told.
    """
    complaint = read_complaint(raw, domain=domain)
    if complaint is not None:
        return _stop(conn, complaint, keyed(), now=now)
    returned = read_return(raw, domain=domain)
    if returned is None:
        return Came.NO_REPORT
    receipt = Receipt(
        delivery_id=returned.delivery_id,
        provider="smtp",
        provider_id=None,
        status=RETURNED,
        code=returned.code,
        detail=returned.detail or None,
        permanent=True,
        at=now,
    )
    told = {"delivery_id": returned.delivery_id, "code": returned.code}
    received = receiving.receive(conn, receipt)
    if received is None:
        return _beside_alerts(conn, returned, duty=duty, now=now)
    _log.info("mail.returned", extra=told)
    return Came.BACK if received.status is not None else Came.AGAIN


def _beside_alerts(
    conn: Connection, returned: Returned, *, duty: Sequence[str], now: datetime
) -> Came:
    """Take what is no message to a contact: a word to the person on duty, or an invitation."""
    told = {"message_id": returned.delivery_id, "code": returned.code}
    if notices.came_back(conn, returned.delivery_id, duty=duty, now=now) is not None:
        _log.error("notice.returned", extra=told)
        return Came.NOTICE
    if invitations.came_back(conn, returned.delivery_id, code=returned.code):
        _log.warning("invitation.returned", extra=told)
        return Came.INVITATION
    _log.warning("mail.returned_unknown", extra=told)
    return Came.UNKNOWN


def _stop(conn: Connection, complaint: Complaint, keyed: Keyed | None, *, now: datetime) -> Came:
    """Write no more to a reader who called a message spam, as if he had pressed its link.

    His mailbox hides the next ones from him anyway; whoever goes on has all of them hidden, from
    everybody there.
    """
    told = {"delivery_id": complaint.message_id}
    link = complaint.stop_link
    message_id = stopped_by(link, keyed) if link is not None and keyed is not None else None
    if message_id is None:
        _log.warning("mail.complaint_unproven", extra=told)
        return Came.UNPROVEN
    if not stop_mails(conn, message_id, now=now):
        _log.warning("mail.complaint_unknown", extra=told)
        return Came.UNKNOWN
    _log.info("mail.complaint", extra=told)
    return Came.UNWANTED
