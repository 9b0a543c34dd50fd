"""Which clock is believed: a machine without a battery begins in any year, and is set later."""

from datetime import UTC, datetime, timedelta

import pytest

from app.core.clock import SteadyClock, doubt_about

NOW = datetime(2026, 11, 29, 2, 0, tzinfo=UTC)
YEARS = timedelta(days=730)


class Machine:
    """A machine whose clock somebody sets, and that counts how long it has run."""

    def __init__(self) -> None:
        self.shows, self.ran_for = NOW, timedelta(minutes=7)
        self.asked = 0

    def now(self) -> datetime:
        return self.shows

    def passed(self) -> timedelta:
        self.asked += 1
        return self.ran_for

    def wait(self, span: timedelta) -> None:
        self.shows += span
        self.ran_for += span


@pytest.mark.parametrize("by", [YEARS, -YEARS])
def test_a_clock_that_is_moved_by_years_is_not_followed_and_said_to_be_wrong(by: timedelta) -> None:
    machine = Machine()
    clock = SteadyClock(machine, machine.passed)
    machine.wait(timedelta(hours=1))

    machine.shows += by
    machine.wait(timedelta(minutes=5))

    assert clock.now() == NOW + timedelta(hours=1, minutes=5)
    assert clock.moved == by
    machine.shows -= by
    assert clock.now() == NOW + timedelta(hours=1, minutes=5)
    assert not clock.moved


@pytest.mark.parametrize("by", [timedelta(hours=3), timedelta(hours=-1), timedelta(days=-20)])
def test_a_clock_that_is_set_is_followed(by: timedelta) -> None:
    machine = Machine()
    clock = SteadyClock(machine, machine.passed)

    machine.shows += by

    assert clock.now() == NOW + by
    assert not clock.moved


def test_a_clock_that_is_read_again_at_once_is_believed_at_a_glance() -> None:
    machine = Machine()
    clock = SteadyClock(machine, machine.passed)

    for _ in range(100):
        machine.wait(timedelta(milliseconds=50))
        assert clock.now() == machine.shows

    assert machine.asked < 10


def test_a_clock_that_comes_back_to_where_it_was_left_is_believed_again() -> None:
    machine = Machine()
    clock = SteadyClock(machine, machine.passed)
    machine.shows += YEARS
    assert clock.now() == NOW
    machine.shows -= YEARS

    assert clock.now() == NOW
    assert not clock.moved


def test_a_machine_that_slept_for_months_is_believed() -> None:
    machine = Machine()
    clock = SteadyClock(machine, machine.passed)

    machine.wait(timedelta(days=90))

    assert clock.now() == NOW + timedelta(days=90)


@pytest.mark.parametrize(
    ("shows", "last_ran_at", "why"),
    [
        (datetime(1970, 1, 1, tzinfo=UTC), None, "1970-01-01 00:00 UTC, before Sira was written"),
        (datetime(2038, 1, 19, tzinfo=UTC), NOW, "4068 days after Sira last ran on this database"),
        (NOW - YEARS, NOW, "2024-11-29 02:00 UTC, before Sira was written"),
        (NOW - timedelta(days=40), NOW, "40 days before Sira last ran on this database"),
    ],
)
def test_a_clock_that_cannot_be_right_is_doubted(
    shows: datetime, last_ran_at: datetime | None, why: str
) -> None:
    assert (doubt_about(shows, last_ran_at=last_ran_at) or "").endswith(why)


@pytest.mark.parametrize("last_ran_at", [None, NOW, NOW - timedelta(days=280), NOW + YEARS / 40])
def test_a_clock_that_may_be_right_is_believed(last_ran_at: datetime | None) -> None:
    assert doubt_about(NOW, last_ran_at=last_ran_at) is None


HOLDS = timedelta(seconds=60)


def test_a_leap_is_held_until_what_waits_is_allowed_for() -> None:
    machine = Machine()
    clock = SteadyClock(machine, machine.passed, holds=HOLDS)
    assert not clock.leap
    machine.shows += timedelta(days=1)
    machine.wait(timedelta(seconds=5))

    assert clock.now() == NOW + timedelta(seconds=5)
    assert clock.leap == timedelta(days=1)
    clock.follow_leap()
    assert clock.now() == machine.shows
    assert not clock.leap


def test_a_leap_that_nobody_allows_for_is_followed_all_the_same() -> None:
    machine = Machine()
    clock = SteadyClock(machine, machine.passed, holds=HOLDS)
    for _ in range(2):
        machine.shows += timedelta(days=1)
        assert clock.now() < machine.shows

        machine.wait(HOLDS)

        assert clock.now() == machine.shows
        assert not clock.leap


@pytest.mark.parametrize(
    "by", [timedelta(seconds=90), timedelta(hours=-2), timedelta(days=-20), YEARS]
)
def test_what_is_no_leap_is_not_held(by: timedelta) -> None:
    machine = Machine()
    clock = SteadyClock(machine, machine.passed, holds=HOLDS)

    machine.shows += by

    assert clock.now() == (NOW if by == YEARS else NOW + by)
    assert not clock.leap


@pytest.mark.parametrize("before", [timedelta(0), timedelta(hours=1)])
def test_a_clock_that_comes_back_from_years_ahead_to_a_day_ahead_is_held(before: timedelta) -> None:
    machine, day = Machine(), timedelta(days=1)
    clock = SteadyClock(machine, machine.passed, holds=timedelta(seconds=60))
    machine.shows += before
    assert clock.now() == NOW
    machine.shows += YEARS
    assert clock.now() == NOW
    machine.wait(timedelta(minutes=5))

    machine.shows += day - YEARS - before

    assert clock.now() == NOW + timedelta(minutes=5)
    assert clock.leap == day
    assert not clock.moved
    clock.follow_leap()
    assert clock.now() == NOW + timedelta(minutes=5) + day
