"""Doubts: deliveries that a provider may or may not have. Settled by asking, never by guessing."""

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from app.channels.base import Channel, Found, NoAnswer, NotThere, Outgoing, SentLog
from app.delivery.delivery import Status, apply_receipt
from app.delivery.outbox import digests, settling
from app.delivery.outbox.settling import Doubt
from app.delivery.outbox.words import UNSETTLED
from app.delivery.policy import DeliveryPolicy
from app.flows.dispatch import Dispatch
from app.subscribers.vault import VaultKeyError

_log = logging.getLogger(__name__)

#: Doubts settled at once: one question each to the provider's log.
_AT_ONCE = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a doubt is decided to, and why."""

    status: Status
    code: str | None = None
    provider_id: str | None = None


async def settle_doubts(channel: Channel, dispatch: Dispatch) -> int:
    """Settle the doubts of `channel` that are due; return how many were decided.

    1. Leases that ran out become doubts: the worker died, and the request may have left.
    2. The provider's own log is asked, where it has one. Found: it was sent. Not there: it goes
       back into the queue.
    3. What cannot be settled in time is decided by level: from `resend_level` on it is sent
       again, and its record says so; below, a person finds it on the list of the unreached.
    """
    policy = dispatch.policy
    await dispatch.db.write(
        lambda conn: settling.release_expired_leases(
            conn, settle_after=policy.settle_after, now=dispatch.clock.now()
        )
    )
    decided = 0
    while True:
        doubts = await dispatch.db.write(
            lambda conn: settling.list_doubts(
                conn,
                channel=channel.kind,
                limit=_AT_ONCE,
                now=dispatch.clock.now(),
                lease=policy.lease,
            )
        )
        if not doubts:
            return decided
        outcomes = await asyncio.gather(*(_settle(doubt, channel, dispatch) for doubt in doubts))
        decided += sum(outcomes)


async def _settle(doubt: Doubt, channel: Channel, dispatch: Dispatch) -> bool:
    answer = await _ask(doubt, channel, dispatch)
    now = dispatch.clock.now()
    verdict = judge(doubt, answer, policy=dispatch.policy, now=now)
    if verdict is None:
        due_at = now + dispatch.policy.settle_after
        await dispatch.db.write(lambda conn: settling.put_off(conn, [doubt.id], due_at=due_at))
        return False
    changed = await dispatch.db.write(
        lambda conn: settling.settle(
            conn,
            doubt,
            status=verdict.status,
            code=verdict.code,
            provider_id=verdict.provider_id,
            due_at=now,
            now=now,
        )
    )
    if changed:
        _log.info("doubt.settled", extra={"delivery_id": doubt.id, "status": verdict.status})
    return changed


def judge(
    doubt: Doubt, answer: Found | NotThere | NoAnswer, *, policy: DeliveryPolicy, now: datetime
) -> Verdict | None:
    """Return what a doubt is decided to, or None to ask again later."""
    again = doubt.level.rank >= policy.resend_level.rank and doubt.expires_at > now
    return verdict_on(answer, since=doubt.since, again=again, policy=policy, now=now)


def verdict_on(
    answer: Found | NotThere | NoAnswer,
    *,
    since: datetime,
    again: bool,
    policy: DeliveryPolicy,
    now: datetime,
) -> Verdict | None:
    """Return what a provider's answer about a message decides, or None to ask again later.

    Args:
        answer: What its log said.
        since: When it came to be in doubt.
        again: What nobody can tell in time is sent again; else it is told to a person.
        policy: How long may be asked.
        now: When.
    """
    if isinstance(answer, Found):
        status = apply_receipt(Status.IN_DOUBT, answer.status) or Status.SENT
        return Verdict(status=status, provider_id=answer.provider_id)
    if isinstance(answer, NotThere):
        return Verdict(status=Status.QUEUED, code="not_sent")
    if now - since < policy.settle_for:
        return None
    return Verdict(status=Status.QUEUED if again else Status.UNDELIVERED, code=UNSETTLED)


async def _ask(doubt: Doubt, channel: Channel, dispatch: Dispatch) -> Found | NotThere | NoAnswer:
    if not isinstance(channel, SentLog):
        return NoAnswer(detail="this provider has no log to ask")

    def read(conn: Connection) -> tuple[Any, set[str]]:
        text = dispatch.own.named(
            conn,
            digests.find_message(
                conn,
                doubt.alert_id,
                channel=doubt.channel,
                language=doubt.language,
                digest_id=doubt.digest_id,
            ),
        )
        return text, settling.known_provider_ids(conn, (doubt.contact_id, doubt.channel))

    text, known = await dispatch.db.read(read)
    if text is None or doubt.address_sealed is None:
        return NoAnswer(detail="the text or the contact is gone")
    try:
        address = dispatch.open_address(doubt.address_sealed, doubt.contact_id, doubt.channel)
    except VaultKeyError:
        return NoAnswer(detail="the vault does not open the address")
    message = Outgoing(
        delivery_id=doubt.id,
        alert_id=doubt.alert_id,
        address=address,
        language=doubt.language,
        subject=None,
        text=text.text,  # the recipient's own link may stand behind it
        html=None,
        avoid=doubt.silent_provider,
        through=doubt.provider,
    )
    # a clock that was put back since must not make it younger than nothing
    within = max(dispatch.clock.now() - doubt.created_at, timedelta(0))
    return await channel.find(message, within=within, known=known)
