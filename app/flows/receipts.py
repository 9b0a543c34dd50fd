"""What a provider says later about a delivery of ours."""

from datetime import datetime

from sqlalchemy import Connection

from app.channels.base import without_contacts
from app.channels.twilio_errors import MEANINGS, Meaning
from app.delivery.outbox import settling
from app.delivery.outbox.settling import Receipt, Received
from app.subscribers.store import addresses


def take_twilio_receipt(
    conn: Connection,
    *,
    delivery_id: str,
    message_sid: str | None,
    status: str,
    error_code: str | None,
    error_message: str | None,
    now: datetime,
) -> Received | None:
    """Append a status callback of Twilio's and move its delivery on; None: no such delivery.

    1. The receipt is kept whatever it says, for as long as the delivery.
    2. The delivery moves if the receipt proves something new; never backwards.
    3. A recipient who told Twilio to stop is not written to any more.
    """
    code = error_code if error_code and error_code.isascii() and error_code.isdigit() else None
    received = settling.receive(
        conn,
        Receipt(
            delivery_id=delivery_id,
            provider="twilio",
            provider_id=message_sid,
            status=status,
            code=code,
            detail=without_contacts(error_message) if error_message else None,
        ),
        now=now,
    )
    if received and code and MEANINGS.get(int(code)) is Meaning.OPTED_OUT:
        addresses.mark_opted_out(
            conn, channel=received.channel, contact_id=received.contact_id, now=now
        )
    return received
