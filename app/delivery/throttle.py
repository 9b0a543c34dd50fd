"""How fast one sender may send: a token bucket. Pure; time is an argument."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """Tokens at an instant of a monotonic clock.

    Attributes:
        rate_per_s: Tokens that flow in each second; 0: no limit.
        burst: Tokens it holds at most.
        tokens: Tokens at `at_s`; below 0 what has been taken in advance.
        at_s: Seconds of the monotonic clock.
    """

    rate_per_s: float
    burst: float
    tokens: float
    at_s: float


def full(*, rate_per_s: float, burst: float, now_s: float) -> Bucket:
    """Return a full bucket."""
    return Bucket(rate_per_s=rate_per_s, burst=burst, tokens=burst, at_s=now_s)


def take(bucket: Bucket, *, now_s: float) -> tuple[Bucket, float]:
    """Take one token and return the seconds to wait before using it (0: now).

    Taking in advance keeps the order of those who wait: each waits one token longer than the one
    before. A clock that stands still or goes back gives nothing.
    """
    if bucket.rate_per_s <= 0:
        return bucket, 0.0
    now_s = max(now_s, bucket.at_s)
    tokens = min(bucket.burst, bucket.tokens + (now_s - bucket.at_s) * bucket.rate_per_s) - 1.0
    wait_s = 0.0 if tokens >= 0 else -tokens / bucket.rate_per_s
    return replace(bucket, tokens=tokens, at_s=now_s), wait_s
