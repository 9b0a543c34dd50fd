"""How many requests a key may make: token buckets in memory."""

import ipaddress
import math
from dataclasses import dataclass
from datetime import datetime

#: Buckets kept before those that are full again are dropped; each is some 200 bytes.
BUCKETS_KEPT = 10_000


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: datetime


class TokenBuckets:
    """A bucket per key, refilled at `per_minute`, holding at most `burst`.

    In process and not in the database: a limit protects the process that answers, and a row
    written for every request would cost more than the request. With n processes a key may
    therefore do up to n times as much.

    Args:
        per_minute: Tokens that come back in a minute; one ordinary request costs one.
        burst: Tokens a rested key may spend at once; the rate of ten seconds when not given.
    """

    def __init__(self, per_minute: float, burst: float | None = None) -> None:
        self._per_second = per_minute / 60
        self._burst = max(1.0, burst if burst is not None else per_minute / 6)
        self._buckets: dict[str, _Bucket] = {}

    def take(self, key: str, cost: float, *, now: datetime) -> int:
        """Spend `cost` tokens of `key`.

        A cost above what the bucket can ever hold is let through when the bucket is full and
        leaves it in debt, so that a large batch is slow rather than impossible.

        Returns:
            0 when spent; otherwise the whole seconds after which it will be possible, and
            nothing was spent.
        """
        bucket = self._refilled(key, now)
        needed = min(cost, self._burst)
        if bucket.tokens < needed:
            return max(1, math.ceil((needed - bucket.tokens) / self._per_second))
        bucket.tokens -= cost
        return 0

    def _refilled(self, key: str, now: datetime) -> _Bucket:
        bucket = self._buckets.get(key)
        if bucket is None:
            if len(self._buckets) >= BUCKETS_KEPT:
                self._drop_full(now)
            bucket = self._buckets[key] = _Bucket(self._burst, now)
        elapsed_s = max(0.0, (now - bucket.at).total_seconds())
        bucket.tokens = min(self._burst, bucket.tokens + elapsed_s * self._per_second)
        bucket.at = max(bucket.at, now)
        return bucket

    def _drop_full(self, now: datetime) -> None:
        for key, bucket in list(self._buckets.items()):
            elapsed_s = (now - bucket.at).total_seconds()
            if bucket.tokens + elapsed_s * self._per_second >= self._burst:
                del self._buckets[key]


def network_of(host: str) -> str:
    """Return what is counted as one asker: of IPv6 the /64, which is one customer's (RFC 6177)."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((int(address) >> 64 << 64, 64)))


def public_network_of(host: str) -> str:
    """Return `network_of` an address of the Internet; "" of any other: it may be everybody's."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return ""
    return network_of(host) if address.is_global else ""
