"""One channel, several providers: who gets a message, and who is left alone.

Every worker keeps what it sees for itself, and shares through the database what the others should
know: failures by route, and that a provider refuses our account.
"""

import asyncio
import logging
import random
import time
from collections import Counter
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

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
from app.db.engine import Database
from app.delivery import breaker, routing, throttle
from app.delivery.breaker import Health
from app.delivery.outbox import standings
from app.delivery.outbox.words import RESTING
from app.delivery.policy import DeliveryPolicy
from app.delivery.routing import RoutingPolicy, Standing
from app.delivery.throttle import Bucket
from app.flows.sending import refusals
from app.flows.sending.door import Door
from app.flows.sending.refusals import Shouting

_log = logging.getLogger(__name__)

#: What others have found out is read this often, and what we found out is written.
_SHARE_EVERY = timedelta(seconds=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choosing:
    """What choosing a provider works with.

    Attributes:
        duty: Channels on which somebody is told that a provider refuses us.
        remind: After so long a refusal is told again.
    """

    db: Database
    clock: Clock
    policy: DeliveryPolicy
    routing: RoutingPolicy
    duty: Sequence[str] = ()
    remind: timedelta = timedelta(minutes=10)
    rand: Callable[[], float] = random.random


def gathered(
    providers: Mapping[str, Sequence[Channel]], choosing: Choosing
) -> dict[str, "Providers"]:
    """Return one channel for each kind, of all the providers there are for it."""
    return {kind: Providers(channels, choosing) for kind, channels in providers.items()}


class _Line:
    """What this process knows of one provider."""

    def __init__(self, channel: Channel, *, rate_per_s: float) -> None:
        self.channel = channel
        self.health = Health()
        self.refused = False
        self.door = Door()
        self.free = asyncio.Semaphore(channel.concurrency)
        self.bucket: Bucket = throttle.full(
            rate_per_s=rate_per_s, burst=max(rate_per_s / 10, 1.0), now_s=0.0
        )

    @property
    def is_well(self) -> bool:
        """Tell whether nothing is held against it."""
        return not (self.refused or self.health.failures)


class Providers:
    """A channel of several providers; each message goes to one of them, once.

    Args:
        channels: The providers, all of one kind.
        choosing: How to choose.

    Attributes:
        pace_per_s: Messages a second that they take together; 0: as many as there are.
    """

    def __init__(self, channels: Sequence[Channel], choosing: Choosing) -> None:
        self.kind = self.name = channels[0].kind
        self.concurrency = sum(channel.concurrency for channel in channels)
        self._with = choosing
        self._entries = choosing.routing.among([channel.name for channel in channels])
        self._lines = {
            channel.name: _Line(
                channel, rate_per_s=choosing.policy.per_second.get(channel.name, 0.0)
            )
            for channel in channels
        }
        paces = [line.bucket.rate_per_s for line in self._lines.values()]
        self.pace_per_s = sum(paces) if all(paces) else 0.0
        self._shifts: routing.Shifts = {}
        self._refused: dict[str, datetime] = {}
        self._errors: Counter[tuple[str, str]] = Counter()
        self._shared_at: datetime | None = None
        #: Half of what a claim may be old when its message leaves.
        self._patience_s = choosing.policy.lease.total_seconds() / 4

    def rests(self, now: datetime) -> bool:
        """Tell whether none of them should be sent anything now."""
        return len(self._resting(now)) == len(self._lines)

    async def send(self, message: Outgoing) -> SendResult:
        """Hand `message` to one provider, once, and say which.

        1. What other workers found out is read now and then.
        2. The provider is drawn by weight among those that take the number and are well.
        3. Where its pace makes messages wait, the most urgent goes first.
        4. Its answer is held against it: a rest, an error on the route, a refusal for everybody.
        """
        now = self._with.clock.now()
        if self._shared_at is None or self._is_old(self._shared_at, now):
            await self._share()
            now = self._with.clock.now()
        route = routing.route_of(message.address, self._entries)
        line = self._choose(message, now)
        if line is None:
            return self._nobody(message)
        if late := await self._admitted(line, message):
            return late
        try:
            started = time.perf_counter()
            result = await line.channel.send(message)
        finally:
            line.free.release()
        metrics.sends(line.channel.name, self.kind).observe(time.perf_counter() - started)
        if isinstance(result, Accepted) and line.is_well:
            return Accepted(
                provider_id=result.provider_id,
                final=result.final,
                segments=result.segments,
                provider=line.channel.name,
                route=route,
            )
        await self._judge(line, result, route)
        now = self._with.clock.now()
        if isinstance(result, Rejected) and self._choose(message, now) not in {None, line}:
            result = replace(result, retry_after_s=None)  # the provider's rest, not the message's
        if isinstance(result, Rejected) and result.elsewhere and self._has_other(line, message):
            result = replace(result, permanent=False)
        return replace(result, provider=line.channel.name, route=route)

    async def find(
        self, message: Outgoing, *, within: timedelta, known: Container[str]
    ) -> Found | NotThere | NoAnswer:
        """Ask whoever may have the message; not there only when none of them has it for sure."""
        if message.through in self._lines:
            names = [message.through]
        else:
            serving = routing.serving(message.address, self._entries, avoid=message.avoid)
            names = [provider.name for provider in serving]
        answer: Found | NotThere | NoAnswer = NotThere() if names else NoAnswer(detail="nobody")
        for name in names:
            channel = self._lines[name].channel
            if not isinstance(channel, SentLog):
                answer = NoAnswer(detail=f"{name} has no log to ask")
                continue
            said = await channel.find(message, within=within, known=known)
            if isinstance(said, Found):
                return said
            if isinstance(said, NoAnswer):
                answer = said
        return answer

    async def close(self) -> None:
        """Close every provider's connections."""
        for line in self._lines.values():
            await line.channel.close()

    async def _admitted(self, line: _Line, message: Outgoing) -> Rejected | None:
        """Wait for a call to be free and for the provider's pace; not behind the less urgent.

        Raises:
            TooLateError: It waited for so long that its claim could be another's soon.
        """
        message.leave()  # what waited long in this process goes back before its claim runs out
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            await line.door.enter(message.urgency, within_s=self._patience_s)
        except TimeoutError:
            raise TooLateError from None
        try:
            if waited_s := loop.time() - began:
                message.leave()  # whoever goes back needs no turn
            if waited_s > self._patience_s:
                raise TooLateError
            if late := await self._turn(line, message):
                return late
            await line.free.acquire()
        finally:
            line.door.leave()
        return None

    async def _turn(self, line: _Line, message: Outgoing) -> Rejected | None:
        """Wait for the provider's pace; not for so long that the claim could be another's.

        Whoever has grown too old while waiting takes no turn: the next one finds it free.
        """
        loop = asyncio.get_running_loop()
        _, wait_s = throttle.take(line.bucket, now_s=loop.time())
        if wait_s > self._patience_s:
            return Rejected(
                permanent=False,
                code="throttled",
                detail="more than this provider may be sent now",
                retry_after_s=wait_s,
                scope="provider",
                provider=line.channel.name,
            )
        if wait_s:
            await asyncio.sleep(wait_s)
            message.leave()
        line.bucket, _ = throttle.take(line.bucket, now_s=loop.time())
        return None

    def _is_old(self, shared_at: datetime, now: datetime) -> bool:
        """Tell whether to look again; also when the clock was put back meanwhile."""
        return abs(now - shared_at) >= _SHARE_EVERY

    def _choose(self, message: Outgoing, now: datetime) -> _Line | None:
        order = routing.choose(
            message.address,
            self._entries,
            self._shifts,
            rand=self._with.rand(),
            resting=self._resting(now),
            avoid=message.avoid,
            tried=message.tried,
            rather=message.rather,
        )
        lines = [self._lines[name] for name in order]
        # one that is stuck must not hold up what another could take
        return next((line for line in lines if not line.free.locked()), lines[0] if lines else None)

    def _has_other(self, line: _Line, message: Outgoing) -> bool:
        """Tell whether another provider takes this number, well or ill."""
        serving = routing.serving(message.address, self._entries, avoid=message.avoid)
        return any(one.name != line.channel.name for one in serving)

    def _nobody(self, message: Outgoing) -> Rejected:
        serving = routing.serving(message.address, self._entries, avoid=message.avoid)
        if not serving:
            code = "no_other_provider" if message.avoid else "no_provider"
            return Rejected(permanent=True, code=code, detail="no provider takes this number")
        return Rejected(
            permanent=False,
            code=RESTING,
            detail="every provider that takes this number rests",
            scope="provider",
            provider=serving[0].name,
        )

    def _resting(self, now: datetime) -> set[str]:
        return {
            name
            for name, line in self._lines.items()
            if line.health.rests(now) or self._refused.get(name, now) > now
        }

    async def _judge(self, line: _Line, result: SendResult, route: str) -> None:
        name, now = line.channel.name, self._with.clock.now()
        before = line.health
        line.health = breaker.after_result(before, result, pause=self._with.policy.pause, now=now)
        if isinstance(result, InDoubt):
            self._errors[name, route] += 1
        elif isinstance(result, Rejected) and result.scope != "recipient":
            self._errors[name, route] += 1
            if line.health.failures > before.failures:
                await self._fell_ill(line, result, now)
        elif isinstance(result, Accepted):
            if before.failures:
                metrics.provider_recovered(name)
            if line.refused:
                line.refused = False
                await self._write(lambda conn: standings.welcome(conn, name))

    async def _fell_ill(self, line: _Line, result: Rejected, now: datetime) -> None:
        name, until = line.channel.name, line.health.rests_until or now
        grave = result.scope == "account"
        metrics.provider_fell_ill(name, scope=result.scope, rests_until=until.timestamp())
        if not grave:
            _log.warning(
                "provider.ill",
                extra={
                    "provider": name,
                    "code": result.code,
                    "detail": result.detail,
                    "rests_until": str(until),
                },
            )
        if grave:
            line.refused = True
            shouting = Shouting(duty=self._with.duty, remind=self._with.remind)
            await self._write(
                lambda conn: refusals.stop(
                    conn,
                    name,
                    code=result.code,
                    detail=result.detail,
                    until=until,
                    shouting=shouting,
                    now=now,
                )
            )

    async def _share(self) -> None:
        now = self._with.clock.now()
        self._shared_at = now  # at once: the others go on with what is known
        errors, self._errors = self._errors, Counter()
        within = self._with.routing.shifting.within

        def work(conn: Connection) -> list[Standing]:
            standings.add_errors(conn, errors, within=within, now=now)
            return standings.list_standings(conn)

        try:
            found = await (self._with.db.write(work) if errors else self._with.db.read(work))
        except SQLAlchemyError:
            self._errors += errors  # sending goes on with what is known
            _log.exception("providers.not_shared")
            return
        self._shifts = {(one.provider, one.route): one.shift for one in found}
        self._refused = {one.provider: one.rests_until for one in found if one.rests_until}
        for name in self._refused:
            if name in self._lines:
                self._lines[name].refused = True

    async def _write(self, work: Callable[[Connection], object]) -> None:
        try:
            await self._with.db.write(work)
        except SQLAlchemyError:
            _log.exception("providers.not_shared")
