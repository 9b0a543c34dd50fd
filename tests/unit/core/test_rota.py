"""Whose hours it is, from a roster as operators write it."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.rota import Rota, read_turns

BASE = {"sms": "base", "email": "base@example.org"}


def address(text: str) -> tuple[str, str]:
    return ("email" if "@" in text else "sms"), text


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """Return an hour of a week of September 2025; day 1 is a Monday."""
    return datetime(2025, 9, day, hour, minute)  # noqa: DTZ001 - the time of the place


def rota(text: str) -> Rota:
    return Rota(addresses=BASE, turns=read_turns(text, address))


ROTA = rota("mon-fri 07:00-19:00 day; fri-mon 19:00-07:00 night n@example.org")


@pytest.mark.parametrize(
    ("when", "who"),
    [
        (at(1, 7), "day"),
        (at(1, 6, 59), "night"),  # Sunday's night
        (at(1, 19), "night"),
        (at(2, 6, 59), "night"),  # begun on Monday
        (at(2, 19), "base"),  # Tuesday's night is nobody's
        (at(3, 6), "base"),
        (at(5, 18, 59), "day"),
        (at(5, 23), "night"),
        (at(6, 12), "base"),
        (at(7, 3), "night"),
    ],
)
def test_hours_run_over_midnight_and_days_over_the_week(when: datetime, who: str) -> None:
    assert ROTA.on_duty(when)["sms"] == who


def test_days_may_be_said_in_french() -> None:
    french = rota("lun - ven 07:00-19:00 day; ven-lun 19:00-07:00 night n@example.org")

    assert french == ROTA


def test_a_way_that_a_turn_lacks_is_that_of_nobodys_hours() -> None:
    assert ROTA.on_duty(at(1, 8)) == {"sms": "day", "email": "base@example.org"}
    assert ROTA.on_duty(at(1, 20)) == {"sms": "night", "email": "n@example.org"}


def test_the_first_turn_that_holds_counts() -> None:
    both = rota("wed 08:00-09:00 first; mon-sun 00:00-24:00 second")

    assert [both.on_duty(at(3, hour))["sms"] for hour in (7, 8, 9)] == ["second", "first", "second"]


@given(
    st.integers(1, 7),
    st.integers(0, 23),
    st.integers(0, 59),
    st.sampled_from(["07:00-07:00", "00:00-24:00", "00:00-00:00", "23:30-23:30"]),
)
def test_a_turn_of_a_day_leaves_no_hour_out(day: int, hour: int, minute: int, hours: str) -> None:
    assert rota(f"{hours} always").on_duty(at(day, hour, minute))["sms"] == "always"


@given(
    st.integers(1, 7),
    st.integers(0, 23),
    st.integers(0, 59),
    st.integers(0, 23),
    st.integers(0, 23),
)
def test_two_who_share_the_day_are_on_duty_in_turn(
    day: int, hour: int, minute: int, one: int, other: int
) -> None:
    """Of two turns that end where the other begins exactly one holds."""
    first, second = read_turns(f"{one:02}:15-{other:02}:45 a; {other:02}:45-{one:02}:15 b", address)
    when = at(day, hour, minute)

    assert first.holds(when) != second.holds(when)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("mon-fri 07:00 day", "turn 1: must be DAYS HH:MM-HH:MM ADDRESS"),
        ("07:00-08:00 day; mon-fri 7-19 night", "turn 2: must be"),
        ("lundi-ven 07:00-19:00 day", "turn 1: its days must be of mon, tue"),
        ("mon- 07:00-19:00 day", "turn 1: its days must be"),
        ("mon 07:00-24:30 day", "turn 1: ends at 24:00"),
        ("mon 07:00-19:60 day", "turn 1: must be"),
        ("mon 07:00-19:00", "turn 1: must be"),
    ],
)
def test_what_cannot_be_read_is_told_by_its_number_and_quoted_nowhere(text: str, says: str) -> None:
    with pytest.raises(ValueError, match="turn") as refused:
        read_turns(text, address)

    assert str(refused.value).startswith(says)
    assert "night" not in str(refused.value)
