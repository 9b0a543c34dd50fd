"""What config may say of how long things are kept."""

import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.core.errors import ConfigError
from app.delivery.retention import RetentionPolicy, parse

SHIPPED = Path(__file__).parents[3] / "config" / "policy" / "retention.toml"


def days(value: Any) -> RetentionPolicy:
    return parse({"retention": {"deliveries_days": value}}, file="retention.toml")


def test_the_shipped_file_keeps_deliveries_for_a_year_and_messages_for_a_season() -> None:
    policy = parse(tomllib.loads(SHIPPED.read_text()), file="retention.toml")

    assert policy == RetentionPolicy(deliveries=timedelta(days=365), inbound=timedelta(days=90))


def test_zero_is_for_ever() -> None:
    assert days(0).deliveries is None
    assert parse({"retention": {"inbound_days": 0}}, file="retention.toml").inbound is None


@pytest.mark.parametrize("value", [-1, 6, 36_501, 7.5, "30", True])
def test_a_senseless_number_of_days_names_file_and_key(value: Any) -> None:
    with pytest.raises(ConfigError, match=r"^retention\.toml: \[retention\] deliveries_days: "):
        days(value)


@pytest.mark.parametrize(
    "table", [{"retain": {}}, {"retention": 3}, {"retention": {"delivery_days": 30}}]
)
def test_an_unknown_key_is_refused(table: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=r"^retention\.toml: takes one table"):
        parse(table, file="retention.toml")
