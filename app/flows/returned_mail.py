"""A mail that its server took came back: it was not delivered after all."""

import logging
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection

from app.channels.returned_mail import read_return
from app.delivery.delivery import RETURNED
from app.delivery.outbox import receiving
from app.delivery.outbox.receiving import Receipt

_log = logging.getLogger(__name__)


class Came(StrEnum):
    """What a mail to the address for what comes back was."""

    #: A message to a contact came back: it stands as undelivered now.
    BACK = "back"
    #: The same, of one that is known not to have arrived.
    AGAIN = "again"
    #: Something of ours that is no message to a contact, or is forgotten.
    UNKNOWN = "unknown"
    #: No report that something did not arrive.
    NO_REPORT = "no_report"


def take_returned(conn: Connection, raw: bytes, *, domain: str, now: datetime) -> Came:
    """Take a mail that came to the sender of our envelopes.

    What the fail-over does with any message that did not arrive follows at its next look: the
    contact's other channel, the call list, the person on duty.

    Args:
        conn: In a transaction.
        raw: The mail as it came.
        domain: In which our Message-IDs end.
        now: When it came.
    """
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
        _log.warning("mail.returned_unknown", extra=told)
        return Came.UNKNOWN
    _log.info("mail.returned", extra=told)
    return Came.BACK if received.status is not None else Came.AGAIN
