"""config/policy/journeys.toml: what is shipped, and what is refused."""

import copy
from typing import Any

import pytest

from app.core.errors import ConfigError
from app.core.levels import Level
from app.risk.journey_policy import parse
from tests.harness.risk import FAMILIES, toml

SHIPPED = toml("policy/journeys.toml")
KINDS = frozenset(FAMILIES)


def changed(section: str, key: str, value: Any) -> dict[str, Any]:
    table = copy.deepcopy(SHIPPED)
    table[section][key] = value
    return table


def test_unknown_is_no_safer_than_moderate_and_no_worse_than_high() -> None:
    policy = parse(SHIPPED, file="journeys.toml", kinds=KINDS)

    by_place = sorted(policy.order, key=policy.order.__getitem__)
    assert by_place == [Level.LOW, Level.MODERATE, Level.UNKNOWN, Level.HIGH, Level.SEVERE]
    chances = [policy.counts_as[level] for level in by_place]
    assert chances == sorted(chances)
    assert policy.closed_rank > max(policy.order.values())


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [
        ("ranking", "order", ["low", "high"]),
        ("ranking", "order", "low"),
        ("counts_as", "unknown", 1.5),
        ("counts_as", "unknown", True),
        ("alternatives", "limit", 0),
        ("alternatives", "longest", 0.5),
        ("closed", "kinds", ["dragons"]),
        ("closed", "at_borders", ["ied"]),
        ("closed", "from", "unknown"),
        ("speed_kmh", "numbered", 0),
        ("border", "wait_hours", "long"),
        ("ends", "colour", 1),
    ],
)
def test_a_wrong_value_is_refused_by_file_and_key(section: str, key: str, value: Any) -> None:
    with pytest.raises(ConfigError, match=rf"journeys\.toml: .*{section}"):
        parse(changed(section, key, value), file="journeys.toml", kinds=KINDS)


def test_a_missing_section_is_refused() -> None:
    table = {name: part for name, part in SHIPPED.items() if name != "border"}

    with pytest.raises(ConfigError, match=r"\[border\]"):
        parse(table, file="journeys.toml", kinds=KINDS)
