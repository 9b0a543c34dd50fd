"""The shipped policy parses; every wrong value is refused by file and key."""

import tomllib
from copy import deepcopy
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.alerts.policy import AlertPolicy
from app.core.errors import ConfigError
from app.core.levels import Level

FILE = Path(__file__).parents[3] / "config" / "policy" / "alerts.toml"
TABLE = tomllib.loads(FILE.read_text())


def test_the_shipped_policy_parses() -> None:
    policy = AlertPolicy.parse(TABLE, file="alerts.toml")

    assert policy.tell_from is Level.MODERATE
    assert policy.zone.key == "Africa/Bamako"
    assert policy.expiry[Level.SEVERE] == timedelta(hours=24)


def test_nothing_waits_for_a_moderator_where_policy_says_never() -> None:
    policy = AlertPolicy.parse(TABLE | {"hold_unknown_from": "never"}, file="alerts.toml")

    assert policy.hold_unknown_from is None


@pytest.mark.parametrize(
    ("told_at", "answered_by"),
    [
        ("2025-09-08T06:00Z", "2025-09-09T12:00Z"),
        ("2025-09-08T14:59Z", "2025-09-09T20:59Z"),
        ("2025-09-08T20:00Z", "2025-09-09T21:00Z"),  # not at 2 in the night
        ("2025-09-09T00:20Z", "2025-09-09T21:00Z"),
        ("2025-09-09T00:40Z", "2025-09-10T06:40Z"),
    ],
)
def test_that_nothing_is_known_is_told_in_time_and_before_the_night(
    told_at: str, answered_by: str
) -> None:
    policy = AlertPolicy.parse(TABLE, file="alerts.toml")
    told, due = datetime.fromisoformat(told_at), datetime.fromisoformat(answered_by)

    assert policy.answer_by(told) == due
    assert not policy.is_night(due)
    at_any_hour = replace(policy, night=None)
    assert at_any_hour.answer_by(told) == told + policy.unconfirmed_for
    in_haste = replace(policy, unconfirmed_for=timedelta(hours=2))
    assert told < in_haste.answer_by(told) <= told + timedelta(hours=2)


@pytest.mark.parametrize(
    ("key", "value", "named"),
    [
        ("tell_from", "low", "tell_from"),
        ("zone", "Mali/Bamako", "zone"),
        ("zone", 3, "zone"),
        ("unconfirmed_hours", 0, "unconfirmed_hours"),
        ("unconfirmed_hours", True, "unconfirmed_hours"),
        ("news_per_day", "four", "news_per_day"),
        ("hold_unknown_from", "always", "hold_unknown_from"),
        ("expiry_hours", {"severe": 24}, "expiry_hours.unknown"),
        ("expiry_hours", 24, "expiry_hours"),
        ("min_gap_hours", {"low": 1}, "min_gap_hours.low"),
        ("min_gap_hour", 3, "min_gap_hour"),
        ("night", "21:00", "night"),
        ("night", ["21:00", 6], "night"),
    ],
)
def test_a_wrong_value_is_refused_naming_file_and_key(key: str, value: Any, named: str) -> None:
    with pytest.raises(ConfigError, match=rf"alerts\.toml: `{named}`"):
        AlertPolicy.parse(deepcopy(TABLE) | {key: value}, file="alerts.toml")


def test_a_missing_key_is_named() -> None:
    table = {key: value for key, value in TABLE.items() if key != "zone"}

    with pytest.raises(ConfigError, match="`zone` is missing"):
        AlertPolicy.parse(table, file="alerts.toml")
