from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.delivery import throttle
from app.delivery.policy import DeliveryPolicy
from app.delivery.retry import next_attempt

NOW = datetime(2025, 9, 6, 8, 0, tzinfo=UTC)
POLICY = DeliveryPolicy()
FOREVER = NOW + timedelta(days=365)


@given(
    attempts=st.integers(1, 10_000),
    rand=st.floats(0, 1, exclude_max=True),
    asked=st.none() | st.floats(0, 1e12),
)
def test_a_retry_is_never_sooner_than_asked_nor_later_than_the_ceiling(
    attempts: int, rand: float, asked: float | None
) -> None:
    due = next_attempt(
        attempts, retry_after_s=asked, now=NOW, expires_at=FOREVER, rand=rand, policy=POLICY
    )

    assert due is not None
    least = timedelta(seconds=min(asked or 0, 86_400))
    assert NOW + least <= due <= NOW + max(least, POLICY.retry_most)


@given(
    attempts=st.integers(1, 100), rand=st.floats(0, 1, exclude_max=True), left=st.integers(0, 60)
)
def test_nothing_is_tried_after_it_expired(attempts: int, rand: float, left: int) -> None:
    expires_at = NOW + timedelta(seconds=left)

    due = next_attempt(
        attempts, retry_after_s=None, now=NOW, expires_at=expires_at, rand=rand, policy=POLICY
    )

    assert due is None or due < expires_at


def test_the_ceiling_doubles() -> None:
    delays = [
        next_attempt(n, retry_after_s=None, now=NOW, expires_at=FOREVER, rand=0.5, policy=POLICY)
        for n in (1, 2, 3)
    ]

    assert [due - NOW for due in delays if due] == [
        timedelta(seconds=2),
        timedelta(seconds=4),
        timedelta(seconds=8),
    ]


@given(
    rate=st.floats(0.5, 5000),
    burst=st.floats(1, 100),
    gaps=st.lists(st.floats(0, 0.5), min_size=1, max_size=60),
)
def test_no_span_of_time_sees_more_than_burst_and_rate_allow(
    rate: float, burst: float, gaps: list[float]
) -> None:
    bucket, now_s, used_at = throttle.full(rate_per_s=rate, burst=burst, now_s=0.0), 0.0, []
    for gap in gaps:
        now_s += gap
        bucket, wait_s = throttle.take(bucket, now_s=now_s)
        used_at.append(now_s + wait_s)

    for first in range(len(used_at)):
        for last in range(first, len(used_at)):
            span = used_at[last] - used_at[first]
            assert last - first + 1 <= burst + rate * span + 1 + 1e-6


@given(gaps=st.lists(st.floats(-1, 1), min_size=1, max_size=40))
def test_those_who_wait_keep_their_order_even_when_the_clock_goes_back(gaps: list[float]) -> None:
    bucket, now_s, latest = throttle.full(rate_per_s=10, burst=1, now_s=0.0), 0.0, 0.0
    used_at = []
    for gap in gaps:
        now_s += gap
        latest = max(latest, now_s)
        bucket, wait_s = throttle.take(bucket, now_s=now_s)
        used_at.append(latest + wait_s)

    assert used_at == sorted(used_at)


def test_without_a_rate_nobody_waits() -> None:
    bucket = throttle.full(rate_per_s=0, burst=1, now_s=0.0)

    for _ in range(5):
        bucket, wait_s = throttle.take(bucket, now_s=0.0)
        assert wait_s == 0
