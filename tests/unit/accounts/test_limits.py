from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.accounts import limits
from app.accounts.limits import TokenBuckets, network_of

NOW = datetime(2025, 9, 8, tzinfo=UTC)


def test_a_rested_key_may_burst_then_keeps_to_its_rate() -> None:
    buckets = TokenBuckets(60, burst=3)

    first = [buckets.take("k", 1, now=NOW) for _ in range(4)]
    second = [buckets.take("k", 1, now=NOW + timedelta(seconds=1)) for _ in range(2)]

    assert first == [0, 0, 0, 1]
    assert second == [0, 1]


def test_keys_do_not_share_a_bucket() -> None:
    buckets = TokenBuckets(60, burst=1)

    assert [buckets.take(key, 1, now=NOW) for key in "abab"] == [0, 0, 1, 1]


def test_a_cost_above_the_burst_is_let_through_once_and_paid_off() -> None:
    buckets = TokenBuckets(60, burst=2)

    assert buckets.take("k", 11, now=NOW) == 0
    assert buckets.take("k", 1, now=NOW) == 10
    assert buckets.take("k", 1, now=NOW + timedelta(seconds=10)) == 0


def test_a_clock_that_goes_back_gives_nothing() -> None:
    buckets = TokenBuckets(60, burst=1)
    buckets.take("k", 1, now=NOW)

    assert buckets.take("k", 1, now=NOW - timedelta(hours=1)) == 1
    assert buckets.take("k", 1, now=NOW) == 1


@given(st.lists(st.tuples(st.floats(0, 30), st.floats(0.1, 5)), min_size=1, max_size=60))
def test_what_is_spent_never_exceeds_burst_and_rate(steps: list[tuple[float, float]]) -> None:
    buckets = TokenBuckets(60, burst=5)
    now, spent = NOW, 0.0
    for wait_s, cost in steps:
        now += timedelta(seconds=wait_s)
        if buckets.take("k", cost, now=now) == 0:
            spent += cost

    assert spent <= 5 + (now - NOW).total_seconds() + 1e-3


@given(st.floats(0.1, 5), st.floats(0.1, 5))
def test_after_the_wait_it_told_a_key_is_let_in(first: float, second: float) -> None:
    buckets = TokenBuckets(7, burst=5)
    buckets.take("k", first, now=NOW)
    wait_s = buckets.take("k", second, now=NOW)

    if wait_s:
        assert buckets.take("k", second, now=NOW + timedelta(seconds=wait_s)) == 0


def test_rested_buckets_are_dropped_when_there_are_many() -> None:
    buckets = TokenBuckets(60, burst=1)
    for number in range(limits.BUCKETS_KEPT):
        buckets.take(f"k{number}", 1, now=NOW)

    buckets.take("tired", 1, now=NOW + timedelta(minutes=1))

    assert len(buckets._buckets) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9"),
        ("::ffff:41.73.96.10", "41.73.96.10"),
    ],
)
def test_one_customer_is_one_network(one: str, other: str) -> None:
    assert network_of(one) == network_of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:3::1"),
        ("::ffff:41.73.96.10", "::ffff:41.73.96.11"),
        ("41.73.96.10", "41.73.96.11"),
        ("testclient", ""),
    ],
)
def test_two_customers_are_two_networks(one: str, other: str) -> None:
    assert network_of(one) != network_of(other)
