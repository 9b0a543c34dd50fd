from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.alerts.alert import ENDS, AlertType, Reason
from app.core.errors import ConfigError
from app.core.levels import Level
from app.delivery.moment import (
    Haste,
    Hours,
    Moment,
    MomentPolicy,
    Tell,
    Why,
    decide,
    haste_of,
    moment_of,
    next_day,
    parse,
)

BAMAKO = ZoneInfo("Africa/Bamako")
NIAMEY = ZoneInfo("Africa/Niamey")  # an hour ahead
POLICY = MomentPolicy(
    per_day=4, kept_for_severe=1, kept_for_high=1, morning=time(6, 30), weekly_on=0, zone=BAMAKO
)
NIGHT = Hours(zone=BAMAKO, quiet_from=time(22), quiet_until=time(6))

instants = st.datetimes(
    datetime(2025, 1, 1),  # noqa: DTZ001 - drawn in UTC
    datetime(2026, 12, 31),  # noqa: DTZ001
    timezones=st.just(UTC),
)
clocks = st.times().map(lambda at: at.replace(second=0, microsecond=0))
hours = st.builds(
    Hours,
    zone=st.sampled_from([BAMAKO, NIAMEY, ZoneInfo("Europe/Paris")]),
    quiet_from=clocks,
    quiet_until=clocks,
)


def at(clock: str, day: int = 3) -> datetime:
    return datetime.fromisoformat(f"2025-09-{day:02d}T{clock}:00+00:00")


def moment(clock: str, those: Hours = NIGHT) -> Moment:
    return moment_of(those, policy=POLICY, now=at(clock))


@pytest.mark.parametrize(
    ("clock", "until"),
    [
        ("21:59", None),
        ("22:00", at("06:00", 4)),
        ("23:30", at("06:00", 4)),
        ("05:59", at("06:00", 3)),
        ("06:00", None),
    ],
)
def test_quiet_hours_over_midnight_end_in_the_morning(clock: str, until: datetime | None) -> None:
    assert moment(clock).quiet_until == until


def test_quiet_hours_and_the_day_are_those_of_the_contacts_own_clock() -> None:
    there = moment("21:30", Hours(zone=NIAMEY, quiet_from=time(22), quiet_until=time(6)))

    assert there.quiet_until == at("05:00", 4)
    assert there.day_began_at == at("23:00", 2)


def test_the_week_ends_on_the_day_and_morning_of_the_policy() -> None:
    assert moment("12:00").weekly_at == datetime(2025, 9, 8, 6, 30, tzinfo=UTC)  # a Monday


def test_what_is_too_much_early_in_the_day_waits_for_the_next_one() -> None:
    assert next_day(moment("02:00")) == at("06:30", 4)
    assert next_day(moment("12:00")) == at("06:30", 4)


@given(instants, hours)
def test_every_instant_to_wait_for_lies_ahead_and_within_its_time(
    now: datetime, those: Hours
) -> None:
    found = moment_of(those, policy=POLICY, now=now)

    assert found.day_began_at <= now < found.day_began_at + timedelta(hours=25)
    assert now < found.morning_at <= now + timedelta(hours=25)
    assert now < found.weekly_at <= now + timedelta(days=7, hours=1)
    assert found.quiet_until is None or now < found.quiet_until <= now + timedelta(hours=25)
    assert next_day(found).astimezone(those.zone).date() > now.astimezone(those.zone).date()


@given(instants, hours)
def test_quiet_hours_are_over_when_they_are_said_to_end(now: datetime, those: Hours) -> None:
    until = moment_of(those, policy=POLICY, now=now).quiet_until
    if until is not None:
        assert moment_of(those, policy=POLICY, now=until).quiet_until is None


# ----------------------------------------------------------------------------- how far it may wait


@pytest.mark.parametrize(
    ("level", "before", "kind", "reason", "haste"),
    [
        (Level.SEVERE, Level.UNKNOWN, "alert", "first", Haste.AT_ONCE),
        (Level.SEVERE, Level.HIGH, "update", "rose", Haste.AT_ONCE),
        (Level.SEVERE, Level.SEVERE, "update", "further_incident", Haste.AGAIN),
        (Level.SEVERE, Level.SEVERE, "update", "other_stretch", Haste.AT_ONCE),
        (Level.HIGH, Level.SEVERE, "update", "other_stretch", Haste.NEWS),
        (Level.SEVERE, Level.SEVERE, "alert", "first", Haste.AT_ONCE),
        (Level.SEVERE, Level.SEVERE, "update", "by_hand", Haste.AT_ONCE),
        (Level.SEVERE, Level.HIGH, "update", "further_incident", Haste.AT_ONCE),
        (Level.SEVERE, Level.SEVERE, "update", "confirmed", Haste.AGAIN),
        (Level.SEVERE, Level.SEVERE, "update", "not_confirmed", Haste.AGAIN),
        (Level.SEVERE, Level.SEVERE, "update", "still_severe", Haste.NEWS),
        (Level.SEVERE, Level.SEVERE, "update", "partly_over", Haste.AGAIN),
        (Level.HIGH, Level.UNKNOWN, "alert", "first", Haste.NEWS),
        (Level.HIGH, Level.SEVERE, "update", "fell", Haste.NEWS),
        (Level.HIGH, Level.SEVERE, "update", "corrected", Haste.AT_ONCE),
        (Level.MODERATE, Level.UNKNOWN, "update", "not_over", Haste.AT_ONCE),
        (Level.UNKNOWN, Level.SEVERE, "all_clear", "resolved", Haste.AT_ONCE),
        (Level.MODERATE, Level.HIGH, "withdrawal", "refuted", Haste.AT_ONCE),
    ],
)
def test_how_far_a_statement_may_be_held_up(
    level: Level, before: Level, kind: str, reason: str, haste: Haste
) -> None:
    assert haste_of(level, before, AlertType(kind), Reason(reason)) is haste


@given(
    st.sampled_from(Level),
    st.sampled_from(Level),
    st.sampled_from(AlertType),
    st.sampled_from(Reason),
)
def test_no_rise_to_severe_and_no_end_may_ever_wait(
    level: Level, before: Level, kind: AlertType, reason: Reason
) -> None:
    haste = haste_of(level, before, kind, reason)

    reminds = reason is Reason.STILL_SEVERE  # of a road that was told to be severe
    rise = level is Level.SEVERE and before is not Level.SEVERE and not reminds
    if rise or kind in ENDS or reason is Reason.CORRECTED:
        assert haste is Haste.AT_ONCE


# -------------------------------------------------------------------------------- when one is told

moments = st.builds(lambda now, those: moment_of(those, policy=POLICY, now=now), instants, hours)
mutes = st.none() | instants


@given(moments, st.sampled_from(Tell), mutes, st.integers(0, 9), st.integers(0, 9))
def test_what_is_urgent_is_told_at_once_whatever_else_holds(
    found: Moment, tell: Tell, muted: datetime | None, said: int, allowance: int
) -> None:
    wait = decide(
        Haste.AT_ONCE,
        found,
        tell=tell,
        muted_until=muted,
        said_today=said,
        allowance=allowance,
    )

    assert wait is None


@given(moments, st.sampled_from(Tell), mutes, st.integers(0, 9), st.integers(1, 9))
def test_a_severe_danger_again_waits_for_nothing_but_the_limit(
    found: Moment, tell: Tell, muted: datetime | None, said: int, allowance: int
) -> None:
    wait = decide(
        Haste.AGAIN, found, tell=tell, muted_until=muted, said_today=said, allowance=allowance
    )

    assert (wait.why if wait else None) == (Why.LIMIT if said >= allowance else None)


@given(moments, st.sampled_from(Tell), mutes, st.integers(0, 9), st.integers(1, 9))
def test_nobody_is_told_more_than_the_limit_of_a_day(
    found: Moment, tell: Tell, muted: datetime | None, said: int, allowance: int
) -> None:
    wait = decide(
        Haste.NEWS, found, tell=tell, muted_until=muted, said_today=said, allowance=allowance
    )

    if said >= allowance or tell is not Tell.IMMEDIATELY or muted or found.quiet_until:
        assert wait is not None
    else:
        assert wait is None


@pytest.mark.parametrize(
    ("level", "news", "answers"),
    [
        (Level.UNKNOWN, 2, 2),
        (Level.MODERATE, 2, 2),
        (Level.HIGH, 3, 2),
        (Level.SEVERE, 3, 3),  # again: what becomes severe asks for no room
    ],
)
def test_what_may_wait_leaves_room_for_what_may_come(level: Level, news: int, answers: int) -> None:
    assert POLICY.allowance(level, answers=False) == news
    assert POLICY.allowance(level, answers=True) == answers


def test_whoever_gets_one_message_a_day_gets_that_one() -> None:
    one_a_day = replace(POLICY, per_day=1)

    assert {one_a_day.allowance(level, answers=False) for level in Level} == {1}


# -------------------------------------------------------------------------------------- its file

GIVEN = {
    "messages_per_day": 4,
    "kept_for_severe": 1,
    "kept_for_high": 1,
    "morning": "06:30",
    "weekly_on": "monday",
    "remind_after_hours": "off",
    "remind_most": 3,
}


def test_the_file_is_read() -> None:
    assert parse(GIVEN, zone=BAMAKO, file="moment.toml") == POLICY
    assert parse(GIVEN | {"messages_per_day": "off"}, zone=BAMAKO, file="f").per_day is None


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"messages_per_day": 0}, "`messages_per_day` must be a whole number from 1"),
        ({"messages_per_day": "none"}, "`messages_per_day`"),
        ({"kept_for_high": -1}, "`kept_for_high`"),
        ({"kept_for_severe": "one"}, "`kept_for_severe`"),
        ({"morning": "6h30"}, "`morning` must be a time"),
        ({"weekly_on": "lundi"}, "`weekly_on` must be one of monday"),
        ({"quiet": 1}, "`quiet` is not known"),
        ({"remind_after_hours": 0}, "`remind_after_hours` must be a whole number"),
    ],
)
def test_a_wrong_value_names_its_key(change: dict[str, object], complaint: str) -> None:
    with pytest.raises(ConfigError, match=r"^moment.toml: " + complaint):
        parse(GIVEN | change, zone=BAMAKO, file="moment.toml")


def test_a_missing_key_is_named() -> None:
    with pytest.raises(ConfigError, match="`weekly_on` is missing"):
        parse({k: v for k, v in GIVEN.items() if k != "weekly_on"}, zone=BAMAKO, file="f")
