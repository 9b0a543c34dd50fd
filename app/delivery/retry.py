"""When to try again. Pure; chance is an argument."""

from datetime import datetime, timedelta

from app.delivery.policy import DeliveryPolicy

#: A `Retry-After` beyond a day is a mistake of the provider's; the expiry bounds the rest.
_ASKED_MOST_S = 86_400.0


def next_attempt(
    attempts: int,
    *,
    retry_after_s: float | None,
    now: datetime,
    expires_at: datetime,
    rand: float,
    policy: DeliveryPolicy,
) -> datetime | None:
    """Return when to try again, or None when the message would be too old by then.

    The first retry comes soon, since most failures are a blink; then the ceiling doubles. The
    delay is drawn from the whole span below the ceiling ("full jitter"), so that 10,000 messages
    that failed together do not come back together, and is never shorter than the provider asked.

    Args:
        attempts: Calls made so far, at least 1.
        retry_after_s: What the provider asked for, seconds.
        now: When the last attempt ended.
        expires_at: After which the message is not worth sending.
        rand: From 0 to below 1.
        policy: Base and ceiling of the delay.
    """
    doublings = min(attempts - 1, 30)
    ceiling = min(policy.retry_first * 2**doublings, policy.retry_most)
    delay = max(ceiling * rand, timedelta(seconds=min(retry_after_s or 0.0, _ASKED_MOST_S)))
    due = now + delay
    return due if due < expires_at else None
