"""When a provider is left alone, and for how long. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.channels.base import Accepted, Rejected, SendResult

#: Rest after the first failure of the provider's; it doubles with each one that follows a rest.
_FIRST = timedelta(seconds=1)
_MOST = timedelta(seconds=60)
#: A provider that asks for more has made a mistake.
ASKED_MOST = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What is known of a provider: failures that followed one another, and its rest."""

    failures: int = 0
    rests_from: datetime | None = None
    rests_until: datetime | None = None

    def rests(self, now: datetime) -> bool:
        """Tell whether nothing should be sent now.

        Before the rest began the clock was put back: a network that comes back often brings both,
        a provider that failed and the right time, and nothing would leave until that came round.
        """
        if self.rests_from is None or self.rests_until is None:
            return False
        return self.rests_from <= now < self.rests_until


def after_result(health: Health, result: SendResult, *, pause: timedelta, now: datetime) -> Health:
    """Return what is known of the provider after `result`.

    Hundreds of calls are in the air when a provider falls ill; their failures count as one, since
    those that come during a rest tell nothing new. `pause` is the rest after an account-wide
    refusal: only a person can mend that, so asking often is of no use.
    """
    if isinstance(result, Accepted):
        return health if health == Health() else Health()
    if not isinstance(result, Rejected) or result.scope == "recipient":
        return health
    rest = (
        pause if result.scope == "account" else min(_FIRST * 2 ** min(health.failures, 10), _MOST)
    )
    asked_s = min(result.retry_after_s or 0.0, ASKED_MOST.total_seconds())
    asked = timedelta(seconds=asked_s)
    until = now + max(rest, asked)
    if health.rests(now):
        longest = max(until, health.rests_until or until) if asked else health.rests_until
        return replace(health, rests_until=longest)
    return Health(failures=health.failures + 1, rests_from=now, rests_until=until)
