"""From deliveries to providers: the third of the three files that tell the story.

A lane is one channel's way out:

    claim a batch -> commit -> send, many at once, no transaction open -> record in batches

The next batch is claimed while the former is in the air, so that the provider is the limit. What a
crash interrupts stays claimed; its lease runs out and it is a doubt, never sent again blindly.
"""

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from app.channels.base import Accepted, InDoubt, Rejected, SendResult, TooLateError
from app.core import metrics
from app.core.clock import Clock
from app.core.logging import bound
from app.db.engine import Database
from app.delivery.delivery import LAST, Transition, after_attempt
from app.delivery.outbox import claiming
from app.delivery.outbox.claiming import Claimed
from app.delivery.outbox.outcomes import Outcome
from app.delivery.policy import DeliveryPolicy
from app.flows.people.opt_out import heed_refusal
from app.flows.sending.bell import Bell, heard
from app.flows.sending.letters import Letters, Texts
from app.flows.sending.own_words import NOTHING, OwnWords
from app.flows.sending.providers import Providers
from app.flows.sending.recording import Recorder
from app.flows.sending.turnstile import Turnstile
from app.subscribers.vault import VaultKeyError

_log = logging.getLogger(__name__)

#: Messages that begin in one round of the event loop, some 0.15 ms of work each.
_EACH_ROUND = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """What every lane works with.

    Attributes:
        open_address: Returns an address in clear from (sealed, contact id, channel): the vault.
        opted_out: Takes the id of a delivery to whom the provider was told to leave alone.
        owner: Names this process in leases.
        own: What stands in a message for its recipient alone.
    """

    db: Database
    clock: Clock
    policy: DeliveryPolicy
    open_address: Callable[[bytes, str, str], str]
    opted_out: Callable[[Connection, str], object]
    owner: str
    rand: Callable[[], float] = random.random
    own: OwnWords = NOTHING


def _batch_of(policy: DeliveryPolicy, pace_per_s: float) -> int:
    """Return how many to claim at once: what leaves at the provider's pace while a claim is fresh.

    The rest would be put back and claimed again, and be kept from other workers meanwhile.
    """
    if not pace_per_s:
        return policy.batch
    in_time = pace_per_s * policy.lease.total_seconds() / 4
    return min(policy.batch, max(1, int(in_time)))


@dataclass(frozen=True, slots=True)
class _Ready:
    claimed: Claimed
    text: Any


class Lane:
    """One channel's way out."""

    def __init__(self, channel: Providers, dispatch: Dispatch, bell: Bell) -> None:
        self._channel, self._with, self._bell = channel, dispatch, bell
        self._batch = _batch_of(dispatch.policy, channel.pace_per_s)
        self._recorder = Recorder(
            dispatch.db, dispatch.clock, owner=dispatch.owner, opted_out=dispatch.opted_out
        )
        self._waiting: list[asyncio.Queue[_Ready | None]] = [
            asyncio.Queue() for _ in range(LAST + 1)
        ]
        self._letters = Letters(channel.kind, dispatch.own, dispatch.open_address)
        self._senders: Counter[int] = Counter()
        self._stopping = asyncio.Event()
        self._turnstile = Turnstile(_EACH_ROUND)
        self._full = False

    async def run(self, stop: asyncio.Event) -> None:
        """Send until `stop` (ring the bell with it); finish what is in the air, put back the rest.

        1. Claim the next batch while the former is in the air.
        2. Send each delivery once, as many at a time as the channel allows.
        3. Record what became of them, in batches.
        """
        called = self._bell.listen()
        self._stopping = stop
        try:
            async with asyncio.TaskGroup() as recording:
                recording.create_task(self._recorder.run())
                async with asyncio.TaskGroup() as sending:
                    await self._feed(stop, called, sending)
                    self._dismiss()
                self._recorder.close()
        finally:
            self._bell.forget(called)

    async def _feed(
        self, stop: asyncio.Event, called: asyncio.Event, sending: asyncio.TaskGroup
    ) -> None:
        poll_s = self._with.policy.poll.total_seconds()
        while not stop.is_set():
            called.clear()
            least = self._least_wanted()
            self._full = least < LAST
            resting = least < 0 or self._channel.rests(self._with.clock.now())
            if not resting and (ready := await self._claim(least)):
                self._employ(ready, called, sending)
                for entry in ready:
                    self._waiting[entry.claimed.priority].put_nowait(entry)
            else:
                await heard(called, within_s=poll_s)

    def _least_wanted(self) -> int:
        """Return the last place in the queue of which there is not a batch waiting here; -1: none.

        Only what waits in the same place or before it counts: a warning of severe danger is taken
        however much of less urgency is at hand.
        """
        ahead = 0
        for place, waiting in enumerate(self._waiting):
            ahead += waiting.qsize()
            if ahead >= self._batch:
                return place - 1
        return LAST

    async def _claim(self, least: int) -> list[_Ready]:
        """Take the next batch, with the texts that are not in memory, in one transaction."""
        policy, now = self._with.policy, self._with.clock.now()

        def work(conn: Connection) -> tuple[list[Claimed], Texts]:
            claimed = claiming.claim(
                conn,
                owner=self._with.owner,
                channel=self._channel.kind,
                limit=self._batch,
                now=now,
                lease=policy.lease,
                least=least,
                refused=lambda delivery_id: heed_refusal(conn, delivery_id, now=now),
            )
            return claimed, self._letters.missing(conn, claimed)

        try:
            claimed, texts = await self._with.db.write(work)
        except Exception:  # noqa: BLE001 - what is in the air must still be written down
            _log.exception("claim.failed", extra={"channel": self._channel.kind})
            return []
        self._letters.keep(texts)
        return [_Ready(one, self._letters.text_of(one)) for one in claimed]

    def _employ(
        self, ready: Sequence[_Ready], called: asyncio.Event, sending: asyncio.TaskGroup
    ) -> None:
        """Have as many senders as there is work for; they stay.

        Each place in the queue has its own: when all of one wait for the provider's pace, a more
        urgent message still finds somebody to bring it to the head of the line.
        """
        for place, number in Counter(one.claimed.priority for one in ready).items():
            while self._senders[place] < min(number, self._channel.concurrency):
                self._senders[place] += 1
                sending.create_task(self._send_all(self._waiting[place], called))

    def _dismiss(self) -> None:
        """Put back what waits and let every sender go once its call is over."""
        for place, waiting in enumerate(self._waiting):
            while not waiting.empty():
                if ready := waiting.get_nowait():
                    self._recorder.give_back(ready.claimed)
            for _ in range(self._senders[place]):
                waiting.put_nowait(None)

    async def _send_all(self, waiting: asyncio.Queue[_Ready | None], called: asyncio.Event) -> None:
        while ready := await waiting.get():
            await self._turnstile.enter()
            self._recorder.busy += 1
            with bound(delivery_id=ready.claimed.id, alert_id=ready.claimed.alert_id):
                await self._send(ready)
            self._recorder.busy -= 1
            if self._full and self._least_wanted() == LAST:
                called.set()

    async def _send(self, ready: _Ready) -> None:
        claimed, policy = ready.claimed, self._with.policy
        resting = self._channel.rests(self._with.clock.now())
        result = None if resting else await self._call(ready)
        if result is None:
            self._recorder.give_back(claimed)
            return
        now = self._with.clock.now()
        change = after_attempt(
            result,
            attempts=claimed.attempt - claimed.attempts_before,
            now=now,
            expires_at=claimed.expires_at,
            rand=self._with.rand(),
            policy=policy,
            elsewhere=claimed.silent_provider is not None,
        )
        self._count(result, change)
        self._recorder.add(
            Outcome(
                claimed=claimed,
                owner=self._with.owner,
                provider=result.provider or self._channel.name,
                at=now,
                change=change,
                route=result.route,
                segments=result.segments if isinstance(result, Accepted) else None,
            ),
            opted_out=isinstance(result, Rejected) and result.opted_out,
        )

    def _is_ours(self, claimed: Claimed) -> bool:
        """Tell whether it may leave: a process that slept may hold what is another's by now."""
        late = self._with.clock.now() > claimed.lease_until - self._with.policy.lease / 2
        return not (late or self._stopping.is_set())

    async def _call(self, ready: _Ready) -> SendResult | None:
        """Return what the channel said; None when it was too late for the message to leave."""
        claimed, text, left = ready.claimed, ready.text, False
        try:
            if text is None:
                return Rejected(permanent=True, code="no_text", detail="no text in this language")
            message = self._letters.letter(claimed, text, may_leave=lambda: self._is_ours(claimed))
            left = True
            return await self._channel.send(message)
        except TooLateError:
            return None
        except VaultKeyError as error:  # it says which key, and never the address
            _log.warning("delivery.not_opened", extra={"why": str(error)})
            metrics.NOT_OPENED.inc()
            return Rejected(permanent=False, code="not_opened", detail="the vault")
        except Exception as error:  # noqa: BLE001 - one bad message must not stop the others
            _log.exception("delivery.failed")
            if left:
                return InDoubt(code="internal", detail=type(error).__name__)
            return Rejected(permanent=False, code="internal", detail=type(error).__name__)

    def _count(self, result: SendResult, change: Transition) -> None:
        provider, kind = result.provider or self._channel.name, self._channel.kind
        metrics.attempts(provider, kind, change.outcome).inc()
        # thousands a second when all is well: those are for a developer
        level = logging.DEBUG if change.outcome == "accepted" else logging.INFO
        if _log.isEnabledFor(level):
            extra = {
                "provider": provider,
                "provider_id": change.provider_id,
                "status": change.status.value,
                "code": change.code,
            }
            _log.log(level, "delivery.%s", change.outcome, extra=extra)
