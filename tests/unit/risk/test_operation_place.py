"""Scores are told to everybody: they must not tell where soldiers are, nor call a road calmer."""

from datetime import timedelta

import pytest

from app.core.levels import Level
from app.risk.rate import rate
from app.risk.rating import Rating
from tests.harness.risk import KAYES, NOW, POLICY, an_incident, evidence_of, near

BAND_KM = POLICY.operation_band_km


def rated(kind: str, km: float, *, days: float = 1.5) -> Rating:
    evidence = evidence_of(near(an_incident(kind), km=km))
    return rate(evidence, "fuel", now=NOW + timedelta(days=days))


@pytest.mark.parametrize("days", [0.0, 1.5, 9.0])
def test_a_score_does_not_tell_how_far_from_the_road_soldiers_are(days: float) -> None:
    by_place = {rated("military_operation", km, days=days).score for km in (0.2, 7.0, 13.5, 19.9)}

    assert len(by_place) == 1


def test_of_an_attack_the_distance_counts_as_it_is() -> None:
    assert (
        rated("banditry", 0.2).score > rated("banditry", 7.0).score > rated("banditry", 13.5).score
    )


def test_soldiers_count_as_no_farther_off_than_they_are() -> None:
    at_the_near_end = rated("military_operation", BAND_KM).hazard

    assert rated("military_operation", BAND_KM - 0.1).hazard > at_the_near_end
    assert rated("military_operation", BAND_KM + 15.0).hazard == at_the_near_end


def test_beyond_the_reach_of_the_rule_soldiers_count_for_nothing() -> None:
    assert rated("military_operation", 40.1).hazard == rated("military_operation", 200.0).hazard


def test_the_levels_that_rules_insist_on_go_by_the_true_distance() -> None:
    def floor_of(km: float) -> Level:  # from the rim of a place of 2 km
        return rated("military_operation", km, days=0.5).raw_level

    assert (floor_of(11.9), floor_of(12.1)) == (Level.HIGH, Level.MODERATE)


def test_operations_announced_for_a_region_count_as_before() -> None:
    evidence = evidence_of(near(an_incident("military_operation", location=KAYES)))

    assert rate(evidence, "fuel", now=NOW).score < rated("military_operation", 0.0, days=0.0).score
