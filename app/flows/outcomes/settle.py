"""Doubts: deliveries that a provider may or may not have. Settled by asking, never by guessing.

One question about each. A page of Twilio's whole log would speak of many at once, but only of what
it has: it is sorted by the instant of sending, which what waits in Twilio's queue has not got, so
that no page proves that a message is not there, which most are that a killed worker leaves behind.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from app.channels.base import (
    QUESTIONS_AT_ONCE,
    Channel,
    Found,
    NoAnswer,
    NotThere,
    Outgoing,
    SentLog,
)
from app.db.turns import Sort, take
from app.delivery.delivery import Status, apply_receipt
from app.delivery.outbox import digests, settling
from app.delivery.outbox.settling import Doubt
from app.delivery.outbox.words import UNSETTLED
from app.delivery.policy import DeliveryPolicy
from app.flows.dispatch import Dispatch
from app.flows.outcomes.silent_log import Patience
from app.subscribers.vault import VaultKeyError

_log = logging.getLogger(__name__)

#: Decided or put off in one transaction where nobody is asked.
_UNASKED = 200
#: How often it is looked whether the process stops while the log is silent, s.
_LOOK_S = 1.0

Answer = Found | NotThere | NoAnswer
_Question = asyncio.Task[tuple[Doubt, Answer]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a doubt is decided to, and why."""

    status: Status
    code: str | None = None
    provider_id: str | None = None


@dataclass(frozen=True, slots=True)
class _Asked:
    """A doubt with its text, and the provider ids that belong to others of its address."""

    doubt: Doubt
    text: Any
    known: frozenset[str]


class Settler:
    """Settles the doubts of a channel, and remembers how its log answers.

    Args:
        channel: Whose doubts.
        dispatch: What its lane works with.
        stop: Set when the process stops: what is asked then is left to others.
    """

    def __init__(
        self, channel: Channel, dispatch: Dispatch, stop: asyncio.Event | None = None
    ) -> None:
        self._channel, self._with, self._stop = channel, dispatch, stop
        self._patience = Patience(rest=dispatch.policy.settle_after)

    async def settle(self) -> int:
        """Settle what is due; return how many were decided.

        1. Leases that ran out become doubts: the worker died, and the request may have left.
        2. The provider's own log is asked, where it has one, the most urgent first and many at
           once. Found: it was sent. Not there: it goes back into the queue.
        3. A log that answers nobody is left alone for a while, and what is due is put off until
           then; then one question tries it.
        4. What cannot be settled in time is decided by level: from `resend_level` on it is sent
           again, and its record says so; below, a person finds it on the list of the unreached.
           Where the log is known to be silent, that waits for no question.
        """
        await self._lose_leases()
        async with asyncio.TaskGroup() as questions:
            return await self._decide_due(questions)

    async def _decide_due(self, questions: asyncio.TaskGroup) -> int:
        decided, asking = 0, set[_Question]()
        while True:
            asking |= await self._ask_more(questions, len(asking))
            decided += await self._leave_alone()
            if not asking or self._stops():
                break
            done, asking = await asyncio.wait(
                asking, timeout=_LOOK_S, return_when=asyncio.FIRST_COMPLETED
            )
            decided += await self._write([one.result() for one in done])
        for one in asking:
            one.cancel()
        return decided

    def _stops(self) -> bool:
        return self._stop is not None and self._stop.is_set()

    async def _lose_leases(self) -> None:
        settle_after = self._with.policy.settle_after
        await self._with.db.write(
            lambda conn: settling.release_expired_leases(
                conn, settle_after=settle_after, now=self._with.clock.now()
            )
        )

    async def _ask_more(self, questions: asyncio.TaskGroup, asking: int) -> set[_Question]:
        """Ask about as many more as the log can be asked about now."""
        room = self._patience.room(self._with.clock.now(), most=QUESTIONS_AT_ONCE) - asking
        if self._stops() or room < 1 or (asking and room < QUESTIONS_AT_ONCE // 2):
            return set()
        claimed = await self._with.db.write(lambda conn: self._claim(conn, room))
        return {questions.create_task(self._ask(one)) for one in claimed}

    async def _leave_alone(self) -> int:
        """While the log rests, put off what is due; decide what nobody can settle in time.

        That is decided only where the log is known to be silent, not just disturbed.
        """
        decided = 0
        while self._patience.is_resting(self._with.clock.now()) and not self._stops():
            doubts = await self._with.db.write(lambda conn: self._list(conn, _UNASKED))
            given_up = self._patience.is_given_up(self._with.clock.now())
            answer = NoAnswer(detail="its log is silent", silent=True) if given_up else None
            decided += await self._write([(doubt, answer) for doubt in doubts])
            if len(doubts) < _UNASKED:
                break
        return decided

    def _list(self, conn: Connection, limit: int) -> list[Doubt]:
        policy, now = self._with.policy, self._with.clock.now()
        return settling.list_doubts(
            conn, channel=self._channel.kind, limit=limit, now=now, lease=policy.lease
        )

    def _claim(self, conn: Connection, limit: int) -> list[_Asked]:
        texts: dict[tuple[str, str, str | None], Any] = {}
        claimed = []
        doubts = self._list(conn, limit)
        addresses = settling.addresses(conn, doubts)
        for doubt in doubts:
            key = (doubt.alert_id, doubt.language, doubt.digest_id)
            if key not in texts:
                found = digests.find_message(
                    conn,
                    doubt.alert_id,
                    channel=doubt.channel,
                    language=doubt.language,
                    digest_id=doubt.digest_id,
                )
                texts[key] = self._with.own.named(conn, found)
            claimed.append(_Asked(doubt, texts[key], addresses[doubt.contact_id].known))
        return claimed

    async def _write(self, answered: Sequence[tuple[Doubt, Answer | None]]) -> int:
        """Write down what was decided, all in one transaction; return how many were.

        What nobody was asked about (None) is put off.
        """
        if not answered:
            return 0
        policy, now = self._with.policy, self._with.clock.now()
        judged = [
            (doubt, None if said is None else judge(doubt, said, policy=policy, now=now))
            for doubt, said in answered
        ]

        def work(conn: Connection) -> list[tuple[Doubt, Verdict]]:
            again = _waits_for_another(conn, judged)
            again |= {doubt.id for doubt, verdict in judged if verdict is None}
            if again:
                settling.put_off(conn, again, due_at=now + policy.settle_after)
            return [
                (doubt, verdict)
                for doubt, verdict in judged
                if verdict and doubt.id not in again and _settle(conn, doubt, verdict, now=now)
            ]

        decided = await self._with.db.write(work)
        for doubt, verdict in decided:
            extra = {"delivery_id": doubt.id, "status": verdict.status}
            _log.info("doubt.settled", extra=extra)
        return len(decided)

    async def _ask(self, asked: _Asked) -> tuple[Doubt, Answer]:
        """Ask the log."""
        message = self._message_of(asked)
        if isinstance(message, NoAnswer):
            return asked.doubt, message
        if not isinstance(self._channel, SentLog):
            return asked.doubt, NoAnswer(detail="this provider has no log to ask")
        # a clock that was put back since must not make it younger than nothing
        within = max(self._with.clock.now() - asked.doubt.created_at, timedelta(0))
        question = self._patience.ask()
        try:
            answer = await self._channel.find(message, within=within, known=asked.known)
        except Exception as error:  # noqa: BLE001 - one bad question must not end the others
            _log.exception("doubt.failed", extra={"delivery_id": asked.doubt.id})
            return asked.doubt, NoAnswer(detail=type(error).__name__)
        if not isinstance(answer, NoAnswer):
            self._patience.answered()
        elif answer.silent:
            self._patience.unanswered(question, now=self._with.clock.now())
        return asked.doubt, answer

    def _message_of(self, asked: _Asked) -> Outgoing | NoAnswer:
        doubt = asked.doubt
        if asked.text is None or doubt.address_sealed is None:
            return NoAnswer(detail="the text or the contact is gone")
        try:
            address = self._with.open_address(doubt.address_sealed, doubt.contact_id, doubt.channel)
        except VaultKeyError:
            return NoAnswer(detail="the vault does not open the address")
        return Outgoing(
            delivery_id=doubt.id,
            alert_id=doubt.alert_id,
            address=address,
            language=doubt.language,
            subject=None,
            text=asked.text.text,  # the recipient's own link may stand behind it
            html=None,
            avoid=doubt.silent_provider,
            through=doubt.provider,
        )


def _waits_for_another(
    conn: Connection, judged: Sequence[tuple[Doubt, Verdict | None]]
) -> set[str]:
    """Return the doubts whose message in the log may be another's to the same address.

    What another doubt found at the same time, or what is just being sent for another organisation:
    the log tells no two messages of one text apart. They are asked about again, when it is known
    whose that message is.
    """
    found = [(doubt, one.provider_id) for doubt, one in judged if one and one.provider_id]
    take(conn, Sort.FOUND, [provider_id for _, provider_id in found])
    to_the_same = settling.addresses(conn, [doubt for doubt, _ in found])
    waits, taken = set[str](), set[str]()
    for doubt, provider_id in found:
        address = to_the_same[doubt.contact_id]
        if address.in_the_air or provider_id in address.known | taken:
            waits.add(doubt.id)
        taken.add(provider_id)
    return waits


def _settle(conn: Connection, doubt: Doubt, verdict: Verdict, *, now: datetime) -> bool:
    return settling.settle(
        conn,
        doubt,
        status=verdict.status,
        code=verdict.code,
        provider_id=verdict.provider_id,
        due_at=now,
        now=now,
    )


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
