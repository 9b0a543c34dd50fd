"""The only place that reads the clock."""

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

_log = logging.getLogger(__name__)

#: A clock that is so far off was not set but is wrong: nothing is aged, sent or deleted by it.
NOT_BELIEVED = timedelta(days=30)
#: What was written so far ahead of now was written before the clock was put back: the clocks of
#: two machines do not differ by as much.
CLOCKS_DIFFER = timedelta(minutes=2)
#: So near to where it was when it was last held against the machine's running, a clock is believed
#: at a glance: a message asks for the time again and again, and that costs five times as much.
_AT_A_GLANCE = timedelta(seconds=1)
#: A machine may have stood in a store-room for so long: it must warn when it is switched on again.
_SWITCHED_OFF = timedelta(days=300)
#: Older than Sira: a clock without a battery begins in 1970, or when its system was made.
_NO_EARLIER = datetime(2025, 1, 1, tzinfo=UTC)


class Clock(Protocol):
    """Tells the time; passed to the edges, which hand `now` to everything below."""

    def now(self) -> datetime:
        """Return the present instant, aware, UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present instant, aware, UTC."""
        return datetime.now(UTC)


def since_boot() -> timedelta:
    """Return how long the machine has run, asleep or not, whatever its clock is set to."""
    number = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # Linux alone counts sleep
    return timedelta(seconds=time.clock_gettime(number))


class SteadyClock:
    """The machine's clock, unless it is moved by `NOT_BELIEVED` or more while this process runs.

    By a clock that is years ahead every warning is too old to send, every danger forgotten, and
    what people wrote is deleted. So it goes on as time passes, until the machine's comes back.

    One that is set ahead by less is followed; `holds` gives others the time to allow for it first
    (`leap`, `follow_leap`), so that what waits is not taken for a day old because the network set
    the clock of a machine that had started a day behind.

    Args:
        machine: The clock that somebody may set.
        passed: How long the machine has run.
        holds: A clock that is set ahead is followed after so long at the latest.
    """

    def __init__(
        self,
        machine: Clock,
        passed: Callable[[], timedelta] = since_boot,
        *,
        holds: timedelta = timedelta(0),
    ) -> None:
        self._machine, self._passed, self._holds = machine, passed, holds
        self._believed = machine.now(), passed()
        self._moved = timedelta(0)
        #: What was believed when a leap was seen, and how long the machine had run by then.
        self._held: tuple[tuple[datetime, timedelta] | None, timedelta] = None, timedelta(0)

    @property
    def moved(self) -> timedelta:
        """How far ahead of this one the machine's clock is; zero while it is believed."""
        return self._moved

    @property
    def leap(self) -> timedelta:
        """How far the clock was set ahead and is not followed yet; zero: there is no such leap."""
        before = self.now()
        held, _ = self._held
        far = self._machine.now() - before
        held_up = held is self._believed and far >= CLOCKS_DIFFER and not self._moved
        return far if held_up else timedelta(0)

    def follow_leap(self) -> None:
        """Follow the clock, now that what waits has been allowed for."""
        if self.leap:
            self._believed = self._machine.now(), self._passed()

    def now(self) -> datetime:
        """Return the present instant, aware, UTC."""
        shown, believed = self._machine.now(), self._believed
        instant, then = believed
        if not self._moved and abs(shown - instant) < _AT_A_GLANCE:
            return shown
        passed = self._passed()
        reckoned = instant + (passed - then)
        moved = shown - reckoned
        if abs(moved) < NOT_BELIEVED:
            if self._holds and moved >= CLOCKS_DIFFER and self._is_held(believed, passed):
                self._moved = timedelta(0)  # where it came from years ahead, it is believed again
                return reckoned
            self._believed, self._moved = (shown, passed), timedelta(0)
            return shown
        self._held = None, timedelta(0)  # it is another leap from which it comes back to less
        if not self._moved:
            _log.error("clock.not_believed", extra={"shows": str(shown), "goes_on": str(reckoned)})
        self._moved = moved
        return reckoned

    def _is_held(self, believed: tuple[datetime, timedelta], passed: timedelta) -> bool:
        """Tell whether there is time yet to allow for a leap away from what was believed."""
        held, since = self._held
        if held is not believed:
            self._held = believed, passed
            return True
        return passed - since < self._holds


def doubt_about(
    now: datetime, *, last_ran_at: datetime | None, whose: str = "this machine"
) -> str | None:
    """Return why a clock cannot be right as a process starts; None: it can.

    Args:
        now: What it shows.
        last_ran_at: When Sira last ran on this database; None: nobody knows.
        whose: The clock is.
    """
    shown = f"the clock of {whose} says {now:%Y-%m-%d %H:%M} UTC"
    if last_ran_at is None or now < _NO_EARLIER:
        return f"{shown}, before Sira was written" if now < _NO_EARLIER else None
    if -NOT_BELIEVED < now - last_ran_at < _SWITCHED_OFF:
        return None
    way = "after" if now > last_ran_at else "before"
    days = abs(now - last_ran_at).days
    return f"{shown}, {days} days {way} Sira last ran on this database"


class ManualClock:
    """A clock that stands still until it is moved: for replays, the demo and tests."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def now(self) -> datetime:
        """Return the instant the clock was last set to."""
        return self._now

    def advance(self, by: timedelta) -> None:
        """Move forward by `by`."""
        self._now += by

    def move_to(self, instant: datetime) -> None:
        """Move to `instant`; a clock never goes back, so an earlier instant changes nothing."""
        self._now = max(self._now, instant)
