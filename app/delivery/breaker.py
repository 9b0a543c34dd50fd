"""When a provider is left alone, and for how long. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.channels.base import Accepted, Rejected, SendResult

#: Rest after the first failure of the provider's; it doubles with each one that follows a rest.
_FIRST = timedelta(seconds=1)
_MOST = timedelta(seconds=60)
#: A provider that asks for more has made a mistake.
_ASKED_MOST_S = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What is known of a provider: failures that followed one another, and until when it rests."""

    failures: int = 0
    rests_until: datetime | None = None

    def rests(self, now: datetime) -> bool:
        """Tell whether nothing should be sent now."""
        return self.rests_until is not None and now < self.rests_until


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
    asked = timedelta(seconds=min(result.retry_after_s or 0.0, _ASKED_MOST_S))
    until = now + max(rest, asked)
    if health.rests(now):
        longest = max(until, health.rests_until or until) if asked else health.rests_until
        return replace(health, rests_until=longest)
    return Health(failures=health.failures + 1, rests_until=until)
