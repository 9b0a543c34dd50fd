"""Is what was promised being done: what operators, moderators and Prometheus are told of it."""

import asyncio
from collections.abc import Callable, Collection, Coroutine, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.exc import TimeoutError as TooBusyError

from app.core import metrics
from app.core.clock import CLOCKS_DIFFER, NOT_BELIEVED, Clock, SteadyClock
from app.db.engine import Database
from app.db.illness import illness_of
from app.db.server_clock import MACHINE, machine_ahead, whose_clock
from app.delivery.delivery import Status
from app.delivery.outbox import notices, vitals, workers
from app.delivery.outbox.vitals import LEVELS, Refused, Unanswered, Untold, Waiting
from app.risk.store import lag

T = TypeVar("T")

#: What is looked up is good for so long: scrapes and moderators' requests share it.
LOOK_EVERY = timedelta(seconds=5)
#: Whoever asks gets an answer within so long: probes and scrapes wait for 10 s, most of them.
_LOOK_WITHIN_S = 5.0
#: A write that failed is held against the database for so long.
_ILL_FOR = LOOK_EVERY
#: Shown with or without anything in them, so that a graph of a calm day is a line and not a gap.
_CHANNELS = ("sms", "email", "webhook")
_QUEUES = [(channel, level) for channel in _CHANNELS for level in LEVELS.values()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """From when on something is wrong.

    Attributes:
        dead_man: Something is due for so long, and no worker runs.
        due_age: A delivery that is due, or an answer by hand, waits for so long.
        untold_age: An alert waits for fan-out for so long.
    """

    dead_man: timedelta = timedelta(seconds=30)
    due_age: timedelta = timedelta(minutes=15)
    untold_age: timedelta = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that must be so, and what is wrong when it is not."""

    name: str
    ok: bool
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Vitals:
    """How everything stands at an instant.

    `moved`: how far the clock of `whose` was set by, which dates everything, and is not believed;
    `apart`: how far this machine's is ahead of the database server's, behind where negative;
    `missed`: the channels by which the person on duty does not get what is sent; `retried`: how
    many messages of a high danger, or of an end, no provider took yet.
    """

    at: datetime
    waiting: Sequence[Waiting]
    untold: Untold
    workers: int
    oldest_rated_at: datetime | None
    stale: int = 0
    newest_at: datetime | None = None
    moved: timedelta = timedelta(0)
    whose: str = "this machine"
    apart: timedelta = timedelta(0)
    refused: Sequence[Refused] = ()
    unanswered: Unanswered = field(default_factory=Unanswered)
    missed: Sequence[str] = ()
    retried: int = 0

    @property
    def oldest_due(self) -> timedelta:
        """Return how long the oldest delivery that is due has waited."""
        return max((_waited(one, self.at) for one in self.waiting), default=timedelta(0))

    @property
    def in_vain(self) -> tuple[int, timedelta]:
        """Return how many severe messages no provider took yet, and how long the oldest waits."""
        tried = [one for one in self.waiting if one.tried and one.status is Status.QUEUED]
        oldest = max((_waited(one, self.at) for one in tried), default=timedelta(0))
        return sum(one.tried for one in tried), oldest

    @property
    def oldest_untold(self) -> timedelta:
        """Return how long the oldest alert has waited for fan-out."""
        oldest = self.untold.oldest_at
        return max(self.at - oldest, timedelta(0)) if oldest is not None else timedelta(0)

    @property
    def oldest_answer(self) -> timedelta:
        """Return for how long somebody has waited for an answer by hand that has not left."""
        oldest = self.unanswered.oldest_at
        return max(self.at - oldest, timedelta(0)) if oldest is not None else timedelta(0)

    @property
    def behind(self) -> timedelta:
        """Return for how long ago the clock says it is now, as what was said already shows."""
        return max((self.newest_at or self.at) - self.at, timedelta(0))

    def is_dead(self, limits: Limits) -> bool:
        """Tell whether something is due and nobody has worked for too long: the dead-man's switch.

        What a vanished worker left in the air counts once its doubt is due.
        """
        doubts = [one.first_due_at for one in self.waiting if one.status is Status.IN_DOUBT]
        doubt = max((self.at - due for due in doubts if due <= self.at), default=timedelta(0))
        waited = max(self.oldest_due, self.oldest_untold, self.oldest_answer, doubt)
        return self.workers == 0 and waited > limits.dead_man

    def checks(self, limits: Limits) -> list[Check]:
        """Return what must be so for alerts to reach people in time."""
        return [
            Check(name="worker", ok=self.workers > 0, detail="No worker runs: nothing is sent."),
            Check(
                name="deliveries",
                ok=self.oldest_due <= limits.due_age,
                detail=f"The oldest delivery that is due has waited {_long(self.oldest_due)}.",
            ),
            Check(
                name="alerts",
                ok=self.oldest_untold <= limits.untold_age,
                detail=f"The oldest untold alert has waited {_long(self.oldest_untold)}.",
            ),
            Check(
                name="answers",
                ok=self.oldest_answer <= limits.due_age,
                detail=f"The oldest answer by hand has waited {_long(self.oldest_answer)}.",
            ),
            Check(
                name="providers",
                ok=not any(one.held for one in self.refused),
                detail=" ".join(
                    f"{one.provider} refuses our account ({one.code}): {one.held} messages wait."
                    for one in self.refused
                    if one.held
                ),
            ),
            Check(
                name="clock",
                ok=max(self.behind, abs(self.apart)) <= CLOCKS_DIFFER and not self.moved,
                detail=self._clock_words(),
            ),
        ]

    def _clock_words(self) -> str:
        if self.moved:
            way = "ahead" if self.moved > timedelta(0) else "back"
            far = _long(abs(self.moved))
            return (
                f"The clock of {self.whose} was put {way} by {far}, and is not believed: set it;"
                " where it is right, restart Sira."
            )
        if abs(self.apart) > CLOCKS_DIFFER:
            way = "ahead of" if self.apart > timedelta(0) else "behind"
            far = _long(abs(self.apart))
            return f"This machine's clock is {far} {way} the database server's: set the wrong one."
        words = f"The clock is {_long(self.behind)} behind what was done already: set it."
        if self.behind < NOT_BELIEVED:
            return f"{words} Where it is right, say so: sira trust-clock"
        return f"{words} Where it is right, restore the last backup from before it was wrong."

    def warnings(self, limits: Limits) -> list[str]:
        """Return what a moderator must know before relying on Sira to tell anybody anything."""
        if self.is_dead(limits):
            waited = _long(max(self.oldest_due, self.oldest_untold, self.oldest_answer))
            return [f"No worker is running: alerts are not being sent. Oldest waiting: {waited}."]
        wrong = [one.detail for one in self.checks(limits) if not one.ok and one.name != "worker"]
        return wrong + [
            f"What is sent to the person on duty by {channel} does not arrive: check the address."
            for channel in self.missed
        ]


def trust_clock(conn: Connection, *, now: datetime) -> None:
    """Keep that a person says that it is `now`: what was dated later was dated by a wrong clock."""
    workers.trust_clock(conn, newest_at=vitals.newest_word_at(conn), now=now)


def _newest_at(conn: Connection) -> datetime | None:
    """Return when the newest alert was raised, but for those of a clock that is known as wrong."""
    newest, wrong = vitals.newest_word_at(conn), workers.dated_wrongly_until(conn)
    return None if newest is not None and wrong is not None and newest <= wrong else newest


def read_vitals(
    conn: Connection, *, sections: Collection[str], duty: Sequence[str] = (), now: datetime
) -> Vitals:
    """Return how everything stands.

    Args:
        conn: Open transaction.
        sections: Of the network, each to be rated now and then.
        duty: Channels by which a person on duty is told.
        now: When.
    """
    return Vitals(
        at=now,
        waiting=vitals.list_waiting(conn),
        untold=vitals.find_untold(conn),
        workers=workers.count_alive(conn, now=now),
        oldest_rated_at=lag.oldest_restless(conn, of=sections),
        stale=lag.count_stale(conn, of=sections),
        newest_at=_newest_at(conn),
        refused=vitals.list_refused(conn),
        unanswered=vitals.find_unanswered(conn, now=now),
        missed=notices.list_missed(conn, duty=duty, now=now) if duty else (),
        retried=vitals.count_retried(conn, now=now),
    )


class _Look(Generic[T]):
    """Something that is looked up now and then, once at a time, however many ask."""

    def __init__(self, look: Callable[[], Coroutine[Any, Any, T]], every_s: float) -> None:
        self._look, self._every_s = look, every_s
        self._task: asyncio.Task[T] | None = None
        self._begun_at = 0.0

    async def found(self) -> T:
        """Return what was found, as of a few seconds ago at most.

        Raises:
            SQLAlchemyError: The database does not answer, or not in time.
        """
        instant = asyncio.get_running_loop().time()
        task = self._task
        if task is None or (task.done() and (_failed(task) or self._is_old(instant))):
            self._begun_at = instant
            self._task = task = asyncio.create_task(self._look())  # noqa: TID251 - outlives who asks
            task.add_done_callback(_failed)  # nobody may be left who waits to hear of it
        await asyncio.wait([task], timeout=_LOOK_WITHIN_S)
        if not task.done():  # it goes on, and whoever asks next waits for the same
            raise TooBusyError(f"no answer within {_LOOK_WITHIN_S:g} s")
        return task.result()

    def _is_old(self, instant: float) -> bool:
        return instant - self._begun_at >= self._every_s


def _failed(task: "asyncio.Task[Any]") -> bool:
    return task.cancelled() or task.exception() is not None


class Watch:
    """Looks at the database now and then, however many ask.

    Args:
        db: Whose state it is.
        clock: What waiting is measured by.
        limits: From when on something is wrong.
        sections: Of the network.
        duty: Channels by which a person on duty is told.
        machine: This machine's clock, to compare with the database server's.
        every: What was looked up is good for so long.
    """

    def __init__(
        self,
        db: Database,
        clock: Clock,
        limits: Limits,
        *,
        sections: Collection[str],
        duty: Sequence[str] = (),
        machine: Clock = MACHINE,
        every: timedelta = LOOK_EVERY,
    ) -> None:
        self._db, self._clock, self._machine = db, clock, machine
        self.limits = limits
        self._sections, self._duty = sections, duty
        self._vitals = _Look(self._read_vitals, every.total_seconds())
        self._no_writes = _Look(self._try_to_write, every.total_seconds())

    async def vitals(self) -> Vitals:
        """Return how everything stands, as of a few seconds ago at most.

        Raises:
            SQLAlchemyError: The database does not answer, or not in time.
        """
        return await self._vitals.found()

    async def no_writes(self) -> str | None:
        """Return why nothing can be written, as of a few seconds ago at most; None: it can.

        A full disk may still take what is small, so what failed to be written lately counts too.

        Raises:
            SQLAlchemyError: The database does not answer in time.
        """
        wrote = await self._no_writes.found()
        failed = self._db.illness(within_s=_ILL_FOR.total_seconds())
        return wrote or (failed.words if failed is not None else None)

    async def _read_vitals(self) -> Vitals:
        now = self._clock.now()
        look = partial(read_vitals, sections=self._sections, duty=self._duty, now=now)
        found = await self._db.read(look)
        moved = self._clock.moved if isinstance(self._clock, SteadyClock) else timedelta(0)
        apart = await self._db.read(partial(machine_ahead, machine=self._machine))
        return replace(found, moved=moved, whose=whose_clock(self._db), apart=apart)

    async def _try_to_write(self) -> str | None:
        now = self._clock.now()
        try:
            await self._db.write(lambda conn: vitals.write_something(conn, now=now))
        except SQLAlchemyError as error:
            illness = illness_of(error)
            return illness.words if illness is not None else "The database takes no writes."
        return None

    async def warnings(self) -> list[str]:
        """Return what a moderator must know now."""
        return (await self.vitals()).warnings(self.limits)


def _waited(one: Waiting, at: datetime) -> timedelta:
    return max(at - one.waits_since, timedelta(0))


def _show_queues(found: Vitals) -> None:
    depth, age = dict.fromkeys(_QUEUES, 0), dict.fromkeys(_QUEUES, timedelta(0))
    for one in found.waiting:
        key = one.channel, one.level
        queued = one.number if one.status is Status.QUEUED else 0
        depth[key] = depth.get(key, 0) + queued
        age[key] = max(age.get(key, timedelta(0)), _waited(one, found.at))
    metrics.QUEUE_DEPTH.clear()
    metrics.QUEUE_AGE.clear()
    for channel, level in depth:
        metrics.QUEUE_DEPTH.labels(channel, level).set(depth[channel, level])
        metrics.QUEUE_AGE.labels(channel, level).set(age[channel, level].total_seconds())


def show(found: Vitals, limits: Limits) -> None:
    """Set the metrics that are asked of the database."""
    _show_queues(found)
    for gauge in (metrics.IN_THE_AIR, metrics.IN_DOUBT):
        gauge.clear()
    for gauge, status in (
        (metrics.IN_THE_AIR, Status.SENDING),
        (metrics.IN_DOUBT, Status.IN_DOUBT),
    ):
        numbers = dict.fromkeys(_CHANNELS, 0)
        for one in _of(found, status):
            numbers[one.channel] = numbers.get(one.channel, 0) + one.number
        for channel, number in numbers.items():
            gauge.labels(channel).set(number)
    metrics.UNTOLD.set(found.untold.number)
    metrics.UNTOLD_AGE.set(found.oldest_untold.total_seconds())
    metrics.HELD.set(found.untold.held)
    metrics.ANSWERS_WAITING.set(found.unanswered.waiting)
    metrics.ANSWERS_AGE.set(found.oldest_answer.total_seconds())
    metrics.ANSWERS_IN_DOUBT.set(found.unanswered.in_doubt)
    metrics.ANSWERS_NOT_ARRIVED.set(found.unanswered.not_arrived)
    rated_at = found.oldest_rated_at
    metrics.RATING_LAG.set((found.at - rated_at).total_seconds() if rated_at is not None else 0)
    metrics.STALE.set(found.stale)
    metrics.CLOCK_WRONG.set(max(found.behind, abs(found.moved), abs(found.apart)).total_seconds())
    metrics.ACCOUNT_REFUSED.clear()
    for refusal in found.refused:
        metrics.ACCOUNT_REFUSED.labels(refusal.provider).set(1)
    metrics.DUTY_MISSED.set(len(found.missed))
    metrics.WORKERS.set(found.workers)
    metrics.DEAD_MAN.set(found.is_dead(limits))


def _of(found: Vitals, status: Status) -> list[Waiting]:
    return [one for one in found.waiting if one.status is status]


def _long(waited: timedelta) -> str:
    if waited >= timedelta(days=2):
        return f"{waited.days} days"
    minutes, seconds = divmod(int(waited.total_seconds()), 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
