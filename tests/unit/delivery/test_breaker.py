from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.channels.base import Accepted, InDoubt, Rejected, SendResult
from app.delivery.breaker import Health, after_result

NOW = datetime(2025, 9, 6, 8, 0, tzinfo=UTC)
PAUSE = timedelta(seconds=60)


def after(health: Health, result: SendResult, now: datetime = NOW) -> Health:
    return after_result(health, result, pause=PAUSE, now=now)


def refused(scope: str, retry_after_s: float | None = None) -> Rejected:
    return Rejected(permanent=False, code="1", detail="", scope=scope, retry_after_s=retry_after_s)


def test_a_refused_recipient_says_nothing_of_the_provider() -> None:
    assert after(Health(), refused("recipient")) == Health()
    assert after(Health(), InDoubt(code="timeout", detail="")) == Health()


def test_an_account_wide_refusal_rests_for_the_pause() -> None:
    health = after(Health(), refused("account"))

    assert health.rests(NOW + PAUSE - timedelta(seconds=1))
    assert not health.rests(NOW + PAUSE)


def test_failures_that_fall_together_count_as_one() -> None:
    health = Health()
    for _ in range(128):
        health = after(health, refused("provider"))

    assert health.failures == 1


def test_the_rest_doubles_while_the_provider_stays_ill_and_ends_with_success() -> None:
    health, now, rests = Health(), NOW, []
    for _ in range(9):
        health = after(health, refused("provider"), now)
        assert health.rests_until is not None
        rests.append((health.rests_until - now).total_seconds())
        now = health.rests_until

    assert rests == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert after(health, Accepted(provider_id="1"), now) == Health()


@given(asked=st.floats(0, 1e9))
def test_a_provider_is_left_alone_for_as_long_as_it_asks_within_reason(asked: float) -> None:
    first = after(Health(), refused("provider"))

    health = after(first, refused("provider", asked))

    assert health.rests_until is not None
    assert health.rests_until >= NOW + timedelta(seconds=min(asked, 3600))
    assert health.rests_until <= NOW + timedelta(seconds=max(3600, 1))


@given(back=st.timedeltas(timedelta(minutes=1), timedelta(days=29)))
def test_no_rest_waits_for_a_clock_that_was_put_back(back: timedelta) -> None:
    health = after(Health(), refused("provider"))

    assert health.rests(NOW)
    assert not health.rests(NOW - back)
