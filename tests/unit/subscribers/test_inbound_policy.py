"""What config may say of messages that come in."""

import copy
import tomllib
from typing import Any

import pytest

from app.core.errors import ConfigError
from app.subscribers.inbound_policy import InboundPolicy, parse
from tests.harness.api import CONFIG

SHIPPED = tomllib.loads((CONFIG / "policy" / "inbound.toml").read_text(encoding="utf-8"))


def changed(table: str, key: str, value: Any) -> InboundPolicy:
    tables = copy.deepcopy(SHIPPED)
    tables[table][key] = value
    return parse(tables, file="inbound.toml")


def test_phrases_are_looked_for_as_people_write_them() -> None:
    policy = changed("loops", "automatic", ["En Réunion", "I'm driving"])

    assert policy.automatic == ("en reunion", "im driving")


@pytest.mark.parametrize(
    ("table", "key", "value"),
    [
        ("questions", "open_minutes", 0),
        ("questions", "open_minutes", True),
        ("limits", "replies_per_hour", "12"),
        ("limits", "kept_per_hour", 1.5),
        ("limits", "unknown_per_hour", 10**9),
        ("limits", "stops_per_hour", 0),
        ("loops", "automatic", "en réunion"),
        ("loops", "automatic", ["!!"]),
        ("limits", "per_hour", 3),
    ],
)
def test_a_wrong_value_names_file_table_and_key(table: str, key: str, value: Any) -> None:
    with pytest.raises(ConfigError, match=rf"^inbound\.toml: \[{table}\] {key}"):
        changed(table, key, value)


def test_a_missing_key_is_named() -> None:
    tables = copy.deepcopy(SHIPPED)
    del tables["loops"]["same_text"]

    with pytest.raises(ConfigError, match=r"\[loops\] same_text is missing"):
        parse(tables, file="inbound.toml")


def test_limits_that_contradict_one_another_are_refused() -> None:
    with pytest.raises(ConfigError, match="must not fall"):
        changed("limits", "replies_per_hour", 61)
