"""What two people call one event: no sign of it where each names a place of his own."""

from dataclasses import replace
from typing import Any

import pytest

from app.incidents.called import fit_of_kinds
from app.incidents.matching import match
from app.incidents.nearness import is_by
from app.incidents.report import Report
from app.roads.geometry import Position
from app.roads.places import Location
from tests.harness.incidents import (
    KAYES_REGION,
    KINDS,
    LAKAMANE,
    NOON,
    POLICY,
    a_report,
    an_incident,
)

NEAR_KM = POLICY.matching.near_km
MINE: dict[str, Any] = {
    "kind": "ied",
    "actor": "JNIM",
    "target": "military",
    "cargo": None,
    "summary": "Un véhicule de l'armée saute sur une mine",
    "road": "Diéma-Sandaré",
}
AMBUSH: dict[str, Any] = {
    **MINE,
    "kind": "convoy_ambush",
    "summary": "Une colonne de l'armée tombe dans une embuscade",
}


def at(km_north: float, place_id: str = "other") -> Location:
    spot = LAKAMANE.position
    north = Position(spot.lat + km_north / 111.2, spot.lon)
    return replace(LAKAMANE, position=north, label=place_id, place_id=place_id, radius_km=2.0)


def told(where: Location, **said: Any) -> Report:
    return a_report("r2", location=where, occurred_at=NOON, reported_at=NOON, **said)


def test_a_mine_here_and_an_ambush_two_villages_on_are_two() -> None:
    mine = an_incident(a_report("r1", location=at(0, "lakamane"), **MINE))

    assert (
        match(told(at(16), **AMBUSH), [mine], kinds=KINDS, policy=POLICY.matching).incident_id
        is None
    )
    for where in (at(0, "lakamane"), at(6)):
        report = told(where, **AMBUSH)
        assert match(report, [mine], kinds=KINDS, policy=POLICY.matching).incident_id == mine.id


def test_what_is_called_alike_is_one_event_at_two_names_of_its_surroundings() -> None:
    mine = an_incident(a_report("r1", location=at(0, "lakamane"), **MINE))
    report = told(at(16), **MINE)

    assert match(report, [mine], kinds=KINDS, policy=POLICY.matching).incident_id == mine.id


@pytest.mark.parametrize(
    ("where", "near"), [(at(0), 1.0), (at(11), 1.0), (at(18), 0.0), (KAYES_REGION, 1.0)]
)
def test_a_neighbouring_kind_counts_where_places_may_be_one(where: Location, near: float) -> None:
    mine = an_incident(a_report("r1", location=at(0, "lakamane"), **MINE))

    assert is_by(where, mine, NEAR_KM) == bool(near)
    assert fit_of_kinds(told(where, **AMBUSH), mine, KINDS, NEAR_KM) == (0.0, near)
    assert fit_of_kinds(told(where, **MINE), mine, KINDS, NEAR_KM) == (1.0, 0.0)


TANKERS: dict[str, Any] = {
    "kind": "fuel_interception",
    "actor": "JNIM",
    "target": "fuel_convoy",
    "cargo": "fuel",
    "vehicles": None,
    "figures": None,
    "summary": "Deux citernes brûlées à la sortie de la ville",
    "road": "Diéma-Sandaré",
}
TAKEN: dict[str, Any] = {
    **TANKERS,
    "kind": "abduction",
    "actor": None,
    "target": "civilian vehicle",
    "cargo": "passengers",
    "summary": "Un maire et son chauffeur emmenés par des inconnus",
}


def test_burnt_tankers_and_a_kidnapping_at_one_town_on_one_day_are_two() -> None:
    tankers = an_incident(a_report("r1", location=at(0, "lakamane"), **TANKERS))
    report = told(at(0, "lakamane"), **TAKEN)

    found = match(report, [tankers], kinds=KINDS, policy=POLICY.matching)

    assert found.incident_id is None
    assert fit_of_kinds(report, tankers, KINDS, NEAR_KM) == (-0.5, 0.0)


def test_drivers_taken_from_the_tankers_that_were_burnt_are_of_one_event() -> None:
    tankers = an_incident(a_report("r1", location=at(0, "lakamane"), **TANKERS))
    report = told(at(0, "lakamane"), **(TANKERS | {"kind": "abduction", "summary": ""}))

    found = match(report, [tankers], kinds=KINDS, policy=POLICY.matching)

    assert found.incident_id == tankers.id


def test_advice_of_two_embassies_is_two_and_that_of_one_told_twice_is_one() -> None:
    advice: dict[str, Any] = {"kind": "travel_advisory", "location": KAYES_REGION, "cargo": None}
    washington = an_incident(a_report(**advice, actor="US Embassy", target="civilian"))

    def joined(actor: str | None, kind: str = "travel_advisory") -> bool:
        said = advice | {"kind": kind, "actor": actor, "target": "civilian"}
        report = a_report("r2", **said)
        found = match(report, [washington], kinds=KINDS, policy=POLICY.matching)
        return found.incident_id is not None

    assert joined("US Embassy")
    assert joined(None)
    assert not joined("Italy; Germany")
    # who attacks is told in many ways, and by two names of one attack
    attack: dict[str, Any] = {"kind": "town_attack", "location": LAKAMANE}
    told = an_incident(a_report(**attack, actor="FLA"))
    other = a_report("r3", **attack, actor="JNIM")
    assert match(other, [told], kinds=KINDS, policy=POLICY.matching).incident_id == "i1"
