"""A bridge that is gone is not seen at night before the truck is in it: it is told as a danger."""

from datetime import timedelta
from typing import Any

import pytest

from app.core.levels import Level
from app.incidents.incident import Status
from app.risk.rate import rate
from tests.harness.risk import CARGOES, NOW, an_incident, evidence_of, near


def level(cargo: str = "goods", *, days: float = 0.5, km: float = 0.0, **said: Any) -> Level:
    incident = an_incident("infrastructure_sabotage", **said)
    return rate(evidence_of(near(incident, km=km)), cargo, now=NOW + timedelta(days=days)).raw_level


@pytest.mark.parametrize("cargo", CARGOES)
def test_a_blown_up_bridge_is_a_high_danger_to_all(cargo: str) -> None:
    assert level(cargo, target="bridge") is Level.HIGH


@pytest.mark.parametrize(
    "target", ["Bridge", "pont", "le pont de Kouakourou", "road", "radier", "RN6", "tranchée"]
)
def test_whatever_the_bridge_or_road_is_called(target: str) -> None:
    assert level(target=target) is Level.HIGH


def test_it_holds_until_it_is_said_to_be_repaired() -> None:
    assert level(target="bridge", days=29.0) is Level.HIGH
    assert level(target="bridge", status=Status.RESOLVED) is not Level.HIGH


def test_what_was_blown_up_nobody_said_may_be_a_bridge_for_some_days() -> None:
    assert level(target=None, days=3.5) is Level.HIGH
    assert level(target=None, days=4.5) is Level.MODERATE


@pytest.mark.parametrize(
    "target",
    ["telecom mast", "mast", "broadcast station", "antenne sur la route de Bourem", "Pontoise"],
)
def test_a_mast_is_no_bridge(target: str) -> None:
    assert level(target=target) is Level.MODERATE


def test_far_from_the_road_it_stops_nobody() -> None:
    assert level(target="bridge", km=14.0) is not Level.HIGH
