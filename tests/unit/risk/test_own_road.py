"""A danger holds levels on the road that it is known to be of, and on others as it is near them."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.levels import Level
from app.risk.rate import rate
from app.roads.places import Location, Shape
from tests.harness.risk import (
    CARGOES,
    FAMILIES,
    KAYES,
    LAKAMANE,
    NOW,
    SECTION,
    an_incident,
    evidence_of,
    near,
)

OWN, OTHER = (SECTION.id,), ("diema~nioro",)
ROUGH = replace(LAKAMANE, radius_km=12.0)
STRETCH = replace(LAKAMANE, shape=Shape.ROAD, radius_km=130.0)


def level_of(kind: str, where: Location, *elsewhere: Location, km: float = 0.0) -> Level:
    incident = an_incident(kind, location=where, elsewhere=elsewhere)
    return rate(evidence_of(near(incident, km=km)), "goods", now=NOW).level


@pytest.mark.parametrize(
    ("where", "level"),
    [
        (replace(LAKAMANE, along=OWN), Level.HIGH),
        (replace(LAKAMANE, along=OTHER), Level.UNKNOWN),
        (replace(STRETCH, section_ids=OWN), Level.HIGH),
        (replace(STRETCH, section_ids=OTHER), Level.UNKNOWN),
        (replace(KAYES, along=OTHER), Level.UNKNOWN),
        (replace(KAYES, along=OWN), Level.MODERATE),
        (replace(LAKAMANE, along=()), Level.HIGH),
        (LAKAMANE, Level.HIGH),
        (KAYES, Level.MODERATE),
    ],
    ids=["its road", "another", "its stretch", "another stretch", "another road of the area",
         "its road in the area", "one that is not ours", "none named", "an area"],
)  # fmt: skip
def test_carriers_that_stop_one_line_close_no_other(where: Location, level: Level) -> None:
    assert level_of("route_suspended", where) is level


def test_told_of_another_place_too_they_stop_on_its_roads_as_well() -> None:
    assert level_of("route_suspended", replace(LAKAMANE, along=OTHER), LAKAMANE) is Level.HIGH


@pytest.mark.parametrize("kind", ["convoy_ambush", "vehicle_attack", "abduction", "ied"])
def test_a_rough_spot_on_another_road_holds_no_level_here(kind: str) -> None:
    """Buses burnt on the roads to Kayes and Ségou, nobody says where: not on the road to Sikasso.

    That men with guns are about is felt all the same.
    """
    assert level_of(kind, replace(ROUGH, along=OWN)) is Level.HIGH
    assert level_of(kind, replace(ROUGH, along=OTHER)) is Level.MODERATE


def test_an_attack_in_town_is_felt_on_every_road_of_it() -> None:
    assert level_of("convoy_ambush", replace(LAKAMANE, along=OTHER)) is Level.HIGH


def test_attacks_somewhere_in_an_area_are_on_the_road_that_is_named() -> None:
    cercle = replace(KAYES, area="cercle:ML/Kayes/Diema", cercle="Diema")

    assert level_of("abduction", replace(cercle, along=OWN)) is Level.HIGH
    assert level_of("abduction", replace(cercle, along=OTHER)) is Level.UNKNOWN


@pytest.mark.parametrize("kind", ["blockade_threat", "travel_restriction"])
def test_a_blockade_of_an_area_is_of_all_its_roads_whichever_are_named(kind: str) -> None:
    assert level_of(kind, replace(KAYES, along=OTHER)) is level_of(kind, KAYES) is not Level.UNKNOWN


@given(
    kind=st.sampled_from(sorted(code for code in FAMILIES if FAMILIES[code] != "positive")),
    where=st.sampled_from([LAKAMANE, ROUGH, KAYES]),
    cargo=st.sampled_from(CARGOES),
    km=st.floats(0.0, 40.0),
)
def test_naming_another_road_never_raises_a_level_and_naming_this_one_never_lowers_it(
    kind: str, where: Location, cargo: str, km: float
) -> None:
    away = 0.0 if where is KAYES else km

    def told(along: tuple[str, ...] | None) -> Level:
        incident = an_incident(kind, location=replace(where, along=along))
        return rate(evidence_of(near(incident, km=away)), cargo, now=NOW).level

    assert told(OTHER).rank <= told(None).rank <= told(OWN).rank
    assert told(OWN) is told((*OTHER, *OWN))
    assert told(()) is told(None)


@pytest.mark.parametrize("kind", ["convoy_ambush", "vehicle_attack", "flood_damage"])
def test_on_one_of_the_roads_of_a_region_is_a_warning_on_all_of_them(kind: str) -> None:
    cercle = replace(KAYES, area="cercle:ML/Kayes/Diema", cercle="Diema")

    assert level_of(kind, KAYES) is Level.MODERATE
    assert level_of(kind, cercle) is level_of(kind, replace(KAYES, along=OWN)) is Level.HIGH


def test_tankers_burnt_somewhere_in_a_region_are_high_for_fuel_on_its_roads() -> None:
    incident = an_incident("fuel_interception", location=KAYES)

    assert rate(evidence_of(near(incident)), "fuel", now=NOW).level is Level.HIGH
