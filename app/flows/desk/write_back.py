"""Somebody at the desk answers a message, in his own words: checked, kept, left to the worker."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from sqlalchemy import Connection

from app.alerts.hand_written import as_sms
from app.alerts.sms_text import segments
from app.audit import store as audit
from app.core.errors import ConflictError, InvalidError, LimitError, NotFoundError
from app.core.ids import new_id
from app.delivery.delivery import Status
from app.delivery.outbox import answers
from app.delivery.outbox.answers import Answer
from app.flows import turns
from app.flows.context import Context
from app.subscribers.addresses import AddressError, check_phone
from app.subscribers.answerable import ANSWERED_FOR, Bar
from app.subscribers.store import inbound, wishes
from app.subscribers.store.inbound import Heard

#: What is said of a road is not true for longer; its writer is asked anew.
_WORTH = timedelta(hours=4)
#: More is a call, or two messages.
MOST_PARTS = 3
_HOUR = timedelta(hours=1)

#: Why a message cannot be answered, in words for who would.
WHY = {
    Bar.FORCED: "Who has this phone may be forced to write: who forces him may read the answer.",
    Bar.STOPPED: "Whoever has this phone wants no messages.",
    Bar.NO_NUMBER: "The message came from a name or a short code, which nobody can write to.",
    Bar.TOO_OLD: f"Messages are answered for {ANSWERED_FOR.days} days, and not once emptied.",
}


class NotAnswerableError(ConflictError):
    """Nobody writes to this phone now; the detail says why."""

    code: ClassVar[str] = "not-answerable"
    title: ClassVar[str] = "The message cannot be answered"


class AnswerOpenError(ConflictError):
    """An answer to this phone is on its way; see what becomes of it first."""

    code: ClassVar[str] = "answer-open"
    title: ClassVar[str] = "An answer is on its way"


class AnswerRepeatedError(ConflictError):
    """The same Idempotency-Key came with another answer. Use a new key for a new answer."""

    code: ClassVar[str] = "answer-repeated"
    title: ClassVar[str] = "The Idempotency-Key was used before"


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """Who answers; `organisation_id`: he is told of its messages only. None: of all."""

    key_id: str
    organisation_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """An answer as it would leave: its words, in how many SMS, what they cost in millionths."""

    text: str
    parts: int
    cost: int


def find_message(conn: Connection, inbound_id: str, writer: Writer, context: Context) -> Heard:
    """Return a message that the writer may know of.

    Raises:
        NotFoundError: There is none for him.
    """
    heard = inbound.get_heard(conn, inbound_id, vault=context.vault)
    if writer.organisation_id not in {None, heard.organisation_id}:
        raise NotFoundError("There is no inbound message with this id.")
    return heard


def find_bar(conn: Connection, heard: Heard, *, context: Context, now: datetime) -> Bar | None:
    """Return why a message cannot be answered; None: it can."""
    if heard.phone_index is None or heard.phone is None or now - heard.at > ANSWERED_FOR:
        return Bar.FORCED if heard.duress else Bar.TOO_OLD
    if bar := wishes.find_bar(conn, heard.phone_index, wrote_at=heard.at):
        return bar
    return None if _number(heard.phone, context) else Bar.NO_NUMBER


def draft(heard: Heard, text: str, *, context: Context) -> Letter:
    """Return an answer as it would leave.

    Raises:
        InvalidError: It says nothing, or is too long for the phone that it goes to.
    """
    words = as_sms(text)
    parts = segments(words)
    tariff = context.config.countries.tariff_on("sms", heard.phone or "")
    most = MOST_PARTS if tariff.concatenation else 1
    if not 1 <= parts <= most:
        detail = f"must fit into {most} SMS, and is {parts}" if parts else "must say something"
        raise InvalidError(
            f"The text {detail}.", errors=[{"pointer": "/text", "detail": f"The text {detail}."}]
        )
    return Letter(text=words, parts=parts, cost=parts * tariff.price)


def write_back(
    conn: Connection,
    inbound_id: str,
    text: str,
    *,
    writer: Writer,
    idempotency: str | None = None,
    context: Context,
    now: datetime,
) -> tuple[Answer, bool]:
    """Put an answer into the outbox; return it, and whether it was there already.

    1. The phone's turn is taken: a STOP, or a colleague's answer, came before or comes after.
    2. What came before under the same idempotency key is answered as then.
    3. Nobody is written to who wants nothing, or who may be forced.
    4. One answer at a time, and no more in an hour than a phone gets of ours by itself.

    Raises:
        NotFoundError: There is no such message for the writer.
        NotAnswerableError, AnswerOpenError, AnswerRepeatedError, LimitError: It is not sent.
        InvalidError: The text says nothing, or is too long.
    """
    heard = find_message(conn, inbound_id, writer, context)
    if heard.phone_index is not None:
        turns.for_phone(conn, heard.phone_index)
    kept = context.keyed_hash(f"answer:{idempotency}") if idempotency is not None else None
    earlier = _find_earlier(conn, heard, text, kept, writer=writer, context=context)
    if earlier is not None:
        return earlier, True
    if bar := find_bar(conn, heard, context=context, now=now):
        raise NotAnswerableError(WHY[bar])
    letter = draft(heard, text, context=context)
    _check_pace(conn, heard.phone_index or "", context=context, now=now)
    answer = Answer(
        id=new_id(now),
        inbound_id=heard.id,
        written_by=writer.key_id,
        text=letter.text,
        status=Status.QUEUED,
        error_code=None,
        created_at=now,
        updated_at=now,
        expires_at=now + _WORTH,
        parts=letter.parts,
        cost=None,
    )
    answers.add(conn, answer, idempotency=kept, vault=context.vault)
    audit.record(
        conn,
        "inbound.answered",
        heard.id,
        actor=writer.key_id,
        organisation_id=heard.organisation_id,
        detail={"answer": answer.id, "parts": letter.parts},
        now=now,
    )
    return answer, False


def _find_earlier(
    conn: Connection,
    heard: Heard,
    text: str,
    kept: str | None,
    *,
    writer: Writer,
    context: Context,
) -> Answer | None:
    if kept is None:
        return None
    earlier = answers.find_replay(conn, writer.key_id, kept, vault=context.vault)
    if earlier is None:
        return None
    if earlier.inbound_id != heard.id or earlier.text not in {None, as_sms(text)}:
        raise AnswerRepeatedError("This Idempotency-Key came before with another answer.")
    return earlier


def _check_pace(conn: Connection, phone_index: str, *, context: Context, now: datetime) -> None:
    on_their_way, lately = answers.count_to(conn, phone_index, since=now - _HOUR)
    if on_their_way:
        raise AnswerOpenError("An answer to this phone is on its way: see what becomes of it.")
    if lately >= context.config.inbound.replies:
        raise LimitError(
            f"A phone is answered {context.config.inbound.replies} times an hour at most.",
            retry_after_s=int(_HOUR.total_seconds()),
        )


def _number(phone: str, context: Context) -> str | None:
    try:
        return check_phone(phone, country=context.config.subscribers.default_country)
    except AddressError:
        return None
