"""How time passes where a clock is moved by hand: in replays and in previews, alike."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

#: Ratings are looked at again so often.
STEP = timedelta(hours=6)
#: Sections rated within this share of a step are left alone: news has just rated them.
_SHARE = 5 / 6
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LEAST = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Passing:
    """What happens while nobody reports anything.

    Attributes:
        age: Rate again what time may have changed.
        expire: Answer the statements whose time is over.
        next_expiry: When the next statement runs out; None: none does.
        step: How often ratings are looked at again.
    """

    age: Callable[[datetime], None]
    expire: Callable[[datetime], None]
    next_expiry: Callable[[], datetime | None]
    step: timedelta = STEP

    def pass_time(self, since: datetime, until: datetime) -> None:
        """Let time pass from `since` up to and with `until`.

        Ratings are looked at again at the full steps of the day, statements answered at the instant
        they run out. Neither depends on when a replay began or on reports that changed nothing, so
        the same evidence gives the same alerts wherever it is played from.
        """
        now = since
        while True:
            full = self._next_full(now)
            due = self.next_expiry()
            then = full if due is None else min(full, max(due, now + _LEAST))
            if then > until:
                return
            if then == full:
                self.age(then)
            self.expire(then)
            now = then

    def _next_full(self, now: datetime) -> datetime:
        return _EPOCH + ((now - _EPOCH) // self.step + 1) * self.step


def age_older_than(step: timedelta) -> timedelta:
    """Return how long ago a section was rated that is looked at again at a full step."""
    return step * _SHARE
