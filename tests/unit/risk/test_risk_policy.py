"""config/risk.toml is refused with file and key named."""

import copy
from typing import Any

import pytest

from app.core.errors import ConfigError
from app.core.levels import Level
from app.risk.policy import RiskPolicy
from tests.harness.risk import POLICY, toml


def changed(section: str, key: str, value: Any) -> dict[str, Any]:
    table = copy.deepcopy(toml("risk.toml"))
    if value is None:
        del table[section][key]
    else:
        table.setdefault(section, {})[key] = value
    return table


def test_shipped_policy_has_the_thresholds_of_the_design() -> None:
    assert POLICY.thresholds == (
        (Level.SEVERE, 0.25),
        (Level.HIGH, 0.10),
        (Level.MODERATE, 0.02),
    )
    assert "4,820" in POLICY.provenance


@pytest.mark.parametrize(
    ("section", "key", "value", "named"),
    [
        ("levels", "high", None, r"\[levels\] high"),
        ("levels", "high", 0.5, r"\[levels\] must rise"),
        ("levels", "hihg", 0.1, r"unknown key 'hihg'"),
        ("hysteresis", "margin", "wide", r"\[hysteresis\] margin must be a number"),
        ("freshness", "positive_days", 0, r"\[freshness\] positive_days must lie between"),
        ("evidence", "own_road_kinds", "route_suspended", r"own_road_kinds must be a list"),
        ("hazard", "provenance", " ", r"\[hazard\] provenance"),
        ("hazard", "kernel", [], r"hazard.kernel"),
        ("hazard", "kernel", [{"half_days": 1}], r"half_days, reach_km and weight"),
        ("hazards", "x", 1, r"unknown section \[hazards\]"),
    ],
)
def test_wrong_key_stops_the_start_and_is_named(
    section: str, key: str, value: Any, named: str
) -> None:
    with pytest.raises(ConfigError, match=rf"risk\.toml: .*{named}"):
        RiskPolicy.parse(changed(section, key, value), file="risk.toml")


def test_missing_section_is_named() -> None:
    table = toml("risk.toml")
    del table["evidence"]

    with pytest.raises(ConfigError, match=r"\[evidence\] is missing"):
        RiskPolicy.parse(table, file="risk.toml")


def test_without_kinds_of_one_road_every_danger_is_felt_on_all_that_are_near() -> None:
    table = changed("evidence", "own_road_kinds", None)

    assert RiskPolicy.parse(table, file="risk.toml").own_road_kinds == frozenset()
