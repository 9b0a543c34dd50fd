"""Answers by hand leave: claim, commit, send, record; what is in doubt is asked of the provider.

As `dispatch` and `settle` do it for deliveries; an answer has a message in place of a contact.
"""

import asyncio
import logging
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.channels.base import (
    Accepted,
    Channel,
    Found,
    InDoubt,
    NoAnswer,
    NotThere,
    Outgoing,
    Rejected,
    SendResult,
    SentLog,
    TooLateError,
)
from app.core import metrics
from app.core.clock import Clock
from app.core.logging import bound
from app.db.engine import Database
from app.delivery.delivery import after_attempt
from app.delivery.outbox import answers_leaving
from app.delivery.outbox.answers import TEXT
from app.delivery.outbox.answers_leaving import Leaving
from app.delivery.outbox.spending import Beside
from app.delivery.policy import DeliveryPolicy
from app.flows.money.plan_spending import Purse, Sent, count_beside
from app.flows.outcomes.settle import verdict_on
from app.subscribers.store import addresses, unwanted, wishes
from app.subscribers.store.inbound import PHONE
from app.subscribers.vault import Vault, VaultKeyError

_log = logging.getLogger(__name__)

#: In the air at once: people write them.
_BATCH = 16
#: What was put back because it waited too long in this process is tried again so soon.
_SOON = timedelta(seconds=1)
#: Where messages wait for a provider's pace: behind a severe danger, before everything else.
_URGENCY = 1
_SMS = "sms"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """What answers are sent with; `owner` names this process in leases."""

    db: Database
    clock: Clock
    vault: Vault
    policy: DeliveryPolicy
    purse: Purse
    owner: str


@dataclass(frozen=True, slots=True)
class _Ready:
    leaving: Leaving
    message: Outgoing


async def send_answers(answering: Answering, channels: Mapping[str, Channel]) -> int:
    """Send the answers that are due; return how many left.

    1. What is in doubt is asked of the provider's log, as deliveries are: see `settle`.
    2. Nobody is written to who said STOP, or was forced to write, since the answer was written.
    3. Each is sent once, and what became of it is written down.
    4. What a provider has is counted as paid by the organisation whose affair it is.
    """
    channel = channels.get(_SMS)
    if channel is None or not await answering.db.read(answers_leaving.is_any):
        return 0
    await _settle_doubts(answering, channel)
    ready = await answering.db.write(lambda conn: _claim(conn, answering))
    sent = await asyncio.gather(*(_send(one, answering, channel) for one in ready))
    while await answering.db.write(lambda conn: _pay(conn, answering)):
        pass
    return sum(sent)


def _claim(conn: Connection, answering: Answering) -> list[_Ready]:
    now, owner = answering.clock.now(), answering.owner
    ready = []
    for one in answers_leaving.claim(
        conn, owner=owner, limit=_BATCH, lease=answering.policy.lease, now=now
    ):
        message, why = _outgoing(one, answering), "emptied"
        if one.phone_index is not None:
            bar = wishes.find_bar(conn, one.phone_index, wrote_at=one.wrote_at)
            message, why = (message, why) if bar is None else (None, bar.value)
        if message is None:
            answers_leaving.suppress(conn, one, owner=owner, code=why, now=now)
        else:
            ready.append(_Ready(one, message))
    return ready


def _outgoing(one: Leaving, answering: Answering) -> Outgoing | None:
    """Return the message; None where its number or its text cannot be read any more."""
    phone, text = _opened(one, answering.vault)
    if not phone or not text:
        return None

    def may_leave() -> bool:
        until = one.lease_until
        return until is None or answering.clock.now() <= until - answering.policy.lease / 2

    return Outgoing(
        delivery_id=one.id,
        alert_id=one.id,
        thread_id=one.inbound_id,
        organisation_id=one.organisation_id or "",
        address=phone,
        language="",
        subject=None,
        text=text,
        html=None,
        tried=one.provider,
        rather=one.came_by,
        urgency=_URGENCY,
        may_leave=may_leave,
    )


def _opened(one: Leaving, vault: Vault) -> tuple[str | None, str | None]:
    if one.phone_sealed is None or one.text_sealed is None:
        return None, None
    try:
        phone = vault.open(one.phone_sealed, row_id=one.inbound_id, field=PHONE)
        return phone, vault.open(one.text_sealed, row_id=one.id, field=TEXT)
    except VaultKeyError:
        _log.exception("answer.not_opened", extra={"delivery_id": one.id})
        return None, None


async def _send(ready: _Ready, answering: Answering, channel: Channel) -> bool:
    """Send one; tell whether a provider has it, or may have."""
    one, owner = ready.leaving, answering.owner
    with bound(delivery_id=one.id):
        result = await _call(ready.message, channel)
    now = answering.clock.now()
    if result is None:
        await answering.db.write(
            lambda conn: answers_leaving.give_back(conn, one, owner=owner, due_at=now + _SOON)
        )
        return False
    change = after_attempt(
        result,
        attempts=one.attempt,
        now=now,
        expires_at=one.expires_at,
        rand=random.random(),  # noqa: S311 - chance, not a secret
        policy=answering.policy,
    )
    provider = result.provider or channel.name
    metrics.attempts(provider, channel.kind, change.outcome).inc()

    def write(conn: Connection) -> None:
        answers_leaving.record(
            conn,
            one,
            change,
            owner=owner,
            provider=provider,
            parts=result.segments if isinstance(result, Accepted) else None,
            now=now,
        )
        if isinstance(result, Rejected) and result.opted_out:
            stop(conn, one.phone_index, now=now)

    await answering.db.write(write)
    if not isinstance(result, Accepted):
        _log.info("answer.%s", change.outcome, extra={"delivery_id": one.id, "code": change.code})
    return not isinstance(result, Rejected)


async def _call(message: Outgoing, channel: Channel) -> SendResult | None:
    """Return what the channel said; None when it was too late for the message to leave."""
    try:
        return await channel.send(message)
    except TooLateError:
        return None
    except Exception as error:  # noqa: BLE001 - one bad message must not stop the others
        _log.exception("answer.failed")
        return InDoubt(code="internal", detail=type(error).__name__)


def stop(conn: Connection, phone_index: str | None, *, now: datetime) -> None:
    """Write no more to a phone that told its provider so, whoever would."""
    if phone_index is not None:
        addresses.mark_opted_out(conn, channel=_SMS, blind_index=phone_index, now=now)
        unwanted.remember(conn, phone_index, now=now)


async def _settle_doubts(answering: Answering, channel: Channel) -> None:
    """Settle doubts one by one: two of a phone must not be taken for the same message.

    A log that is silent is asked once in a round: what is due to be sent must not wait for it.
    """
    policy = answering.policy
    doubts = await answering.db.write(
        lambda conn: answers_leaving.list_doubts(
            conn,
            limit=_BATCH,
            settle_after=policy.settle_after,
            lease=policy.lease,
            now=answering.clock.now(),
        )
    )
    silent = False
    for one in doubts:
        answer = None if silent else await _ask(one, answering, channel)
        silent = silent or (isinstance(answer, NoAnswer) and answer.silent)
        await _settle(one, answer, answering)


async def _settle(
    one: Leaving, answer: Found | NotThere | NoAnswer | None, answering: Answering
) -> None:
    """Decide one by what the log said; None: it was not asked."""
    policy, now = answering.policy, answering.clock.now()
    # never sent again by itself: whoever wrote it sees so, and writes again or calls
    verdict = None
    if answer is not None:
        verdict = verdict_on(answer, since=one.since, again=False, policy=policy, now=now)
    if verdict is None:
        due_at = now + policy.settle_after
        await answering.db.write(lambda conn: answers_leaving.put_off(conn, one, due_at=due_at))
        return
    changed = await answering.db.write(
        lambda conn: answers_leaving.settle(
            conn,
            one,
            verdict.status,
            code=verdict.code,
            provider_id=verdict.provider_id,
            now=now,
        )
    )
    if changed:
        _log.info("doubt.settled", extra={"delivery_id": one.id, "status": verdict.status})


async def _ask(one: Leaving, answering: Answering, channel: Channel) -> Found | NotThere | NoAnswer:
    if not isinstance(channel, SentLog):
        return NoAnswer(detail="this provider has no log to ask")
    phone, text = _opened(one, answering.vault)
    index = one.phone_index
    if phone is None or text is None or index is None:
        return NoAnswer(detail="the text or the number is gone")
    known = await answering.db.read(lambda conn: answers_leaving.known_provider_ids(conn, index))
    message = Outgoing(
        delivery_id=one.id,
        alert_id=one.id,
        address=phone,
        language="",
        subject=None,
        text=text,
        html=None,
        through=one.provider,
    )
    within = max(answering.clock.now() - one.created_at, timedelta(0))
    return await channel.find(message, within=within, known=known)


def _pay(conn: Connection, answering: Answering) -> bool:
    """Settle one that ended or is with a provider, and count what that took; False: there is none.

    One in a transaction: its last row is one that others wait for.
    """
    found = answers_leaving.list_unpaid(conn, limit=1)
    for one in found:
        phone, text = _opened(one, answering.vault)
        paid = one.taken and phone is not None and text is not None
        price = answering.purse.countries.tariff_on(_SMS, phone).price if phone and paid else 0
        answers_leaving.pay(conn, one, cost=one.parts * price)
        if phone and text and paid:
            sent = Sent(
                organisation_id=one.organisation_id,
                kind=Beside.REPLY,
                channel=_SMS,
                address=phone,
                text=text,
                segments=one.parts,
            )
            count_beside(conn, answering.purse, sent, now=answering.clock.now())
    return bool(found)
