"""What a provider says later about a delivery of ours."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from app.channels.base import without_contacts
from app.channels.gateway_links import NAME as GATEWAY
from app.channels.twilio_errors import MEANINGS, Meaning
from app.db.engine import Database
from app.db.illness import illness_of
from app.delivery.delivery import Status, apply_receipt
from app.delivery.outbox import answers_leaving, notices, receiving
from app.delivery.outbox.receiving import Receipt, Received
from app.flows.outcomes.send_answers import stop
from app.flows.people.opt_out import opt_out_by_delivery
from app.flows.sending import refusals
from app.flows.sending.refusals import Shouting

_log = logging.getLogger(__name__)

#: Receipts in one transaction: what a report of the same moment may have to wait for.
_BATCH = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A receipt, and what else its provider's code means.

    Attributes:
        opted_out: The recipient told the provider to stop.
        account: Words about our account, if the code is about it.
    """

    receipt: Receipt
    opted_out: bool = False
    account: str | None = None


def twilio_receipt(
    *,
    delivery_id: str,
    message_sid: str | None,
    status: str,
    error_code: str | None,
    error_message: str | None,
    provider: str = "twilio",
    elsewhere: bool = False,
    now: datetime,
) -> Said:
    """Return what a status callback of Twilio's says. Pure.

    Args:
        delivery_id: Ours; it was in the callback's URL.
        message_sid: Twilio's id of the message.
        status: Twilio's word.
        error_code: As Twilio wrote it; what is no number is none.
        error_message: In Twilio's words, which may hold the recipient's number.
        provider: Which of our channels through Twilio it is about.
        elsewhere: There is another provider.
        now: When it came.
    """
    code = error_code if error_code and error_code.isascii() and error_code.isdigit() else None
    meaning = MEANINGS.get(int(code)) if code else None
    detail = without_contacts(error_message or "")
    return Said(
        receipt=Receipt(
            delivery_id=delivery_id,
            provider=provider,
            provider_id=message_sid,
            status=status,
            code=code,
            at=now,
            detail=detail if error_message else None,
            permanent=meaning in {Meaning.PERMANENT, Meaning.OPTED_OUT},
            elsewhere=elsewhere,
        ),
        opted_out=meaning is Meaning.OPTED_OUT,
        account=detail if meaning is Meaning.ACCOUNT else None,
    )


def gateway_receipt(
    *,
    delivery_id: str,
    status: str,
    code: str | None,
    answer: str,
    elsewhere: bool,
    now: datetime,
) -> Said:
    """Return what a delivery report of the gateway's says. Pure.

    A gateway's codes are its operator's own: none of them is known to be the recipient's fault.
    """
    return Said(
        receipt=Receipt(
            delivery_id=delivery_id,
            provider=GATEWAY,
            provider_id=None,
            status=status,
            code=code,
            at=now,
            detail=without_contacts(answer) or None,
            elsewhere=elsewhere,
        )
    )


def take_receipt(conn: Connection, said: Said, *, shouting: Shouting) -> Received | None:
    """Append a receipt and move its delivery, or answer, on; None: no such delivery.

    1. The receipt is kept whatever it says, for as long as the delivery.
    2. The delivery moves if the receipt proves something new; never backwards, nor by what is of
       an address that has been put right since.
    3. What one provider could not deliver goes to another, if there is one.
    4. A recipient who told the provider to stop is not written to any more.
    5. What is about our account stops the provider and is shouted: an account that is suspended
       while a message waits in its queue says so here and nowhere else.
    """
    received = receiving.receive(conn, said.receipt)
    if received is None:
        _answered(conn, said, shouting)
        return None
    _follow(conn, said, received, shouting)
    return received


def _answered(conn: Connection, said: Said, shouting: Shouting) -> None:
    """Take a receipt that may be for an answer by hand: nobody has a contact there; or a notice."""
    found = answers_leaving.receive(conn, said.receipt)
    if found is None:
        _noticed(conn, said.receipt, shouting)
        return
    moved, phone_index = found
    if said.opted_out:
        stop(conn, phone_index, now=said.receipt.at)
    _heed(conn, said, moved, shouting)


def _noticed(conn: Connection, receipt: Receipt, shouting: Shouting) -> None:
    """Take a receipt that may say of a word to the person on duty that it did not arrive."""
    if apply_receipt(Status.SENT, receipt.status) in {Status.UNDELIVERED, Status.FAILED}:
        channel = notices.came_back(conn, receipt.delivery_id, duty=shouting.duty, now=receipt.at)
        if channel is not None:
            told = {"notice_id": receipt.delivery_id, "channel": channel, "code": receipt.code}
            _log.error("notice.not_arrived", extra=told)


def take_receipts(
    conn: Connection, said: Sequence[Said], *, shouting: Shouting
) -> list[Received | None]:
    """Take many at once; None also for those whose delivery another has in hand at the moment."""
    found = receiving.receive_free(conn, [one.receipt for one in said])
    for one, received in zip(said, found, strict=True):
        _follow(conn, one, received, shouting)
    return found


def _follow(conn: Connection, said: Said, received: Received | None, shouting: Shouting) -> None:
    if received is None:
        return
    receipt = said.receipt
    if said.opted_out:
        opt_out_by_delivery(conn, receipt.delivery_id, now=receipt.at)
    _heed(conn, said, received.status, shouting)


def _heed(conn: Connection, said: Said, moved: Status | None, shouting: Shouting) -> None:
    """Stop a provider that said what is about our account, and shout it."""
    receipt = said.receipt
    if moved and receipt.code and said.account is not None:
        refusals.stop(
            conn,
            receipt.provider,
            code=receipt.code,
            detail=said.account,
            shouting=shouting,
            now=receipt.at,
        )


class Intake:
    """Takes receipts as they pour in, a batch in a transaction, one transaction at a time.

    An alert to many brings thousands of receipts within seconds. Each as a unit of work of its own
    would fill the writers' queue, and the next report would stand behind them.
    """

    def __init__(self, db: Database, shouting: Shouting) -> None:
        self._db, self._shouting = db, shouting
        self._waiting: list[_Waiting] = []
        self._turn = asyncio.Lock()

    async def take(self, said: Said) -> Received | None:
        """Take one; return once it is on disk. None: no such delivery.

        Whoever has the turn takes all who came while he waited for it.
        """
        mine = _Waiting(said, asyncio.get_running_loop().create_future())
        self._waiting.append(mine)
        async with self._turn:
            if not mine.answer.done():
                batch, self._waiting = self._waiting[:_BATCH], self._waiting[_BATCH:]
                await self._take(batch)
        return await mine.answer

    async def _take(self, batch: "Sequence[_Waiting]") -> None:
        try:
            found = await self._together(batch) if len(batch) > 1 else [None]
            for one, received in zip(batch, found, strict=True):
                if received is None:
                    await self._alone(one)
                else:
                    one.answer.set_result(received)
        except BaseException as error:
            for one in batch:
                if not one.answer.done():
                    one.answer.set_exception(error)
            raise

    async def _together(self, batch: "Sequence[_Waiting]") -> Sequence[Received | None]:
        """Take a batch; None for those that have to be taken alone."""
        said = [one.said for one in batch]
        try:
            return await self._db.write(
                lambda conn: take_receipts(conn, said, shouting=self._shouting)
            )
        except SQLAlchemyError as error:
            if illness_of(error) is not None:
                raise
            _log.exception("receipts.refused", extra={"receipts": len(batch)})
            return [None] * len(batch)

    async def _alone(self, one: "_Waiting") -> None:
        try:
            received = await self._db.write(
                lambda conn: take_receipt(conn, one.said, shouting=self._shouting)
            )
        except Exception as error:  # noqa: BLE001 - who sent it hears of it, the others go on
            one.answer.set_exception(error)
        else:
            one.answer.set_result(received)


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    said: Said
    answer: "asyncio.Future[Received | None]"
