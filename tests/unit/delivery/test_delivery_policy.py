import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.core.errors import ConfigError
from app.core.levels import Level
from app.delivery.policy import DeliveryPolicy, parse

FILE = "config/policy/delivery.toml"


def test_the_shipped_file_says_what_the_defaults_are() -> None:
    table = tomllib.loads((Path(__file__).parents[3] / FILE).read_text())

    assert parse(table["delivery"], file=FILE) == DeliveryPolicy()


def test_keys_left_out_keep_their_defaults() -> None:
    table = {"lease_s": 90, "resend_level": "high", "per_second": {"smtp": 2.5}}

    policy = parse(table, file=FILE)

    assert policy == DeliveryPolicy(
        lease=timedelta(seconds=90), resend_level=Level.HIGH, per_second={"smtp": 2.5}
    )


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("lease", 60),
        ("leese_s", 60),
        ("batch_s", 1),
        ("batch", 0),
        ("batch", True),
        ("batch", 1.5),
        ("poll_s", "2"),
        ("resend_level", "grave"),
        ("per_second", 5),
        ("per_second", {"twilio": 0}),
    ],
)
def test_a_wrong_key_or_value_is_named(key: str, value: Any) -> None:
    with pytest.raises(ConfigError, match=rf"delivery\.toml: \[delivery\] {key}"):
        parse({key: value}, file=FILE)


def test_a_first_delay_above_the_ceiling_is_refused() -> None:
    with pytest.raises(ConfigError, match="retry_first_s"):
        parse({"retry_first_s": 100, "retry_most_s": 10}, file=FILE)
