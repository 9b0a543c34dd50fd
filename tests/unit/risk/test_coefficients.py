"""Fitted coefficients as a file, and in force."""

import shutil
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.config import COEFFICIENTS, load_config
from app.core.errors import ConfigError
from app.risk.coefficients import Coefficients, parse, parse_own, render
from app.risk.policy import Kernel
from tests.harness.risk import CONFIG, POLICY, toml

FITTED = Coefficients(
    kernels=(
        Kernel(half_days=7.0, reach_km=10.0, weight=0.1234, plateau_km=10.0),
        Kernel(half_days=365.0, reach_km=5.0, weight=0.25),
    ),
    prior_per_50_km=0.004,
    horizon_days=7.0,
    provenance="A fit.\nTrust it a little.",
    fit={"data": 'the "old" list\\.csv', "window_to": "2016-07-01T00:00:00+00:00", "hits": 99},
)


def test_what_was_written_is_read_back() -> None:
    text = render(FITTED)

    assert parse_own(tomllib.loads(text), file="c.toml") == FITTED
    assert render(parse_own(tomllib.loads(text), file="c.toml")) == text
    assert FITTED.fitted_until is not None
    assert FITTED.fitted_until.year == 2016


@given(text=st.text().filter(str.strip))
def test_no_name_of_a_file_breaks_the_file(text: str) -> None:
    named = Coefficients(
        kernels=FITTED.kernels,
        prior_per_50_km=0.004,
        horizon_days=7.0,
        provenance=f"x {text}",
        fit={"data": text},
    )

    parse_own(tomllib.loads(render(named)), file="c.toml")


def test_the_policy_keeps_everything_else_and_counts_the_prior_for_its_own_horizon() -> None:
    applied = FITTED.applied(POLICY)

    assert applied.kernels == FITTED.kernels
    assert applied.provenance == FITTED.provenance
    assert applied.thresholds == POLICY.thresholds
    daily = Coefficients(
        kernels=FITTED.kernels, prior_per_50_km=0.001, horizon_days=1.0, provenance="A fit."
    )
    assert daily.applied(POLICY).prior_per_50_km == pytest.approx(0.007)


def test_a_risk_toml_is_one_too() -> None:
    found = parse(toml("risk.toml"), file="risk.toml")

    assert found.applied(POLICY) == POLICY
    assert found.fitted_until is None


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"levels": {}}, "levels"),
        ({"hazard": {"default_reach_km": 3.0}}, "default_reach_km"),
        ({"hazard": {"prior_per_50_km": -1}}, "prior_per_50_km"),
        ({"hazard": {"provenance": " "}}, "provenance"),
        ({"hazard": {"kernel": [{"half_days": 1, "reach_km": 1}]}}, "weight"),
        ({"hazard": 3}, "hazard"),
    ],
)
def test_a_wrong_file_is_refused_by_its_key(change: dict[str, Any], named: str) -> None:
    table = tomllib.loads(render(FITTED))
    for section, values in change.items():
        old = table.get(section, {})
        table[section] = old | values if isinstance(values, dict) else values

    with pytest.raises(ConfigError, match=rf"c\.toml: .*{named}"):
        parse_own(table, file="c.toml")


def test_beside_risk_toml_it_is_in_force(tmp_path: Path) -> None:
    shutil.copytree(CONFIG, tmp_path / "config")
    (tmp_path / "config" / COEFFICIENTS).write_text(render(FITTED), encoding="utf-8")

    config = load_config(tmp_path / "config")

    assert config.risk == FITTED.applied(POLICY)
