"""A call is answered: who picked up, what is said, which key is pressed."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection

from app.alerts.escalation_text import Written, with_name
from app.delivery.outbox import calling
from app.delivery.outbox.calling import Call
from app.flows.people.opt_out import opt_out_by_delivery
from app.flows.sending import acknowledge
from app.flows.sending.own_words import OwnWords


class PickedUpBy(StrEnum):
    """Who or what is on the line."""

    PERSON = "person"
    MACHINE = "machine"
    FAX = "fax"


class Key(StrEnum):
    """What a key means."""

    NOTED = "1"
    AGAIN = "2"
    STOP = "9"


def picked_up_by(answered_by: str) -> PickedUpBy:
    """Return who is on the line, by Twilio's word; who cannot be told is taken for a person.

    Source: https://www.twilio.com/docs/voice/answering-machine-detection
    """
    if answered_by == "fax":
        return PickedUpBy.FAX
    return PickedUpBy.MACHINE if answered_by.startswith("machine") else PickedUpBy.PERSON


#: Twilio's words for the state of a call -> ours for receipts.
_WORDS: Mapping[str, str] = {
    "queued": "queued",
    "initiated": "initiated",
    "ringing": "ringing",
    "in-progress": "in_progress",
    "completed": "completed",
    "busy": "busy",
    "no-answer": "no_answer",
    "canceled": "canceled",
    "failed": "failed",
}
#: Said by us when a person is on the line: what is told now has arrived.
PICKED_UP = "picked_up"


def find_call(conn: Connection, delivery_id: str, *, own: OwnWords) -> Call | None:
    """Return what a call says, with the name in it that it speaks of; None: there is none."""
    call = calling.find_call(conn, delivery_id)
    if call is None or call.names is None:
        return call
    written = Written(subject=None, text=call.text, html=None, language=call.language)
    return replace(call, text=with_name(written, own.name_of(conn, call.names)).text)


def word_of(call_status: str) -> str:
    """Return our word for the state of a call."""
    return _WORDS.get(call_status, "unknown")


def press(
    conn: Connection, delivery_id: str, call: Call, digits: str, *, now: datetime
) -> Key | None:
    """Do what a key stands for; None: a key that stands for nothing.

    1: somebody has taken note of the alert. 2: once more, which changes nothing. 9: no call any
    more; whatever else the contact takes still comes. Said again after he gave another number, or
    asked for calls anew, it is the word of a call that was over by then, and stops nothing.
    """
    if digits == Key.NOTED:
        acknowledge.by_call(conn, delivery_id, call.alert_id, call.contact_id, now=now)
    elif digits == Key.STOP:
        opt_out_by_delivery(conn, delivery_id, now=now, unchanged_since=call.made_at)
    elif digits != Key.AGAIN:
        return None
    return Key(digits)
