"""What a provider says later about a delivery of ours."""

from datetime import datetime

from sqlalchemy import Connection

from app.channels.base import without_contacts
from app.channels.http_gateway import NAME as GATEWAY
from app.channels.twilio_errors import MEANINGS, Meaning
from app.delivery.outbox import settling
from app.delivery.outbox.settling import Receipt, Received
from app.flows import refusals
from app.flows.refusals import Shouting
from app.subscribers.store import addresses


def take_twilio_receipt(
    conn: Connection,
    *,
    delivery_id: str,
    message_sid: str | None,
    status: str,
    error_code: str | None,
    error_message: str | None,
    elsewhere: bool = False,
    shouting: Shouting,
    now: datetime,
) -> Received | None:
    """Append a status callback of Twilio's and move its delivery on; None: no such delivery.

    1. The receipt is kept whatever it says, for as long as the delivery.
    2. The delivery moves if the receipt proves something new; never backwards.
    3. What Twilio could not deliver goes to another provider, if there is one (`elsewhere`).
    4. A recipient who told Twilio to stop is not written to any more.
    5. What is about our account stops Twilio and is shouted: an account that is suspended while a
       message waits in Twilio's queue says so here and nowhere else.
    """
    code = error_code if error_code and error_code.isascii() and error_code.isdigit() else None
    meaning = MEANINGS.get(int(code)) if code else None
    received = settling.receive(
        conn,
        Receipt(
            delivery_id=delivery_id,
            provider="twilio",
            provider_id=message_sid,
            status=status,
            code=code,
            detail=without_contacts(error_message) if error_message else None,
            permanent=meaning in {Meaning.PERMANENT, Meaning.OPTED_OUT},
            elsewhere=elsewhere,
        ),
        now=now,
    )
    if received and meaning is Meaning.OPTED_OUT:
        addresses.mark_opted_out(
            conn, channel=received.channel, contact_id=received.contact_id, now=now
        )
    if received and received.status and code and meaning is Meaning.ACCOUNT:
        detail = without_contacts(error_message or "")
        refusals.stop(conn, "twilio", code=code, detail=detail, shouting=shouting, now=now)
    return received


def take_gateway_receipt(
    conn: Connection,
    *,
    delivery_id: str,
    status: str,
    code: str | None,
    answer: str,
    elsewhere: bool = False,
    now: datetime,
) -> Received | None:
    """Append a delivery report of the gateway's and move its delivery on; None: no such delivery.

    A gateway's codes are its operator's own: none of them is known to be the recipient's fault.
    """
    return settling.receive(
        conn,
        Receipt(
            delivery_id=delivery_id,
            provider=GATEWAY,
            provider_id=None,
            status=status,
            code=code,
            detail=without_contacts(answer) or None,
            elsewhere=elsewhere,
        ),
        now=now,
    )
