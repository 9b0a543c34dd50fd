"""What bears the names of a town and of its quarter is in the town, and on no road."""

import pytest

from app.roads.gazetteer import Gazetteer
from app.roads.geometry import Position, distance_km
from app.roads.locating import locate
from app.roads.places import Location, PlaceQuery, Shape


def located(gazetteer: Gazetteer, place: str, position: Position | None = None) -> Location:
    found = locate(PlaceQuery(place=place, position=position), gazetteer)
    assert isinstance(found, Location), found
    return found


@pytest.mark.parametrize(
    ("place", "label"),
    [
        ("Aéroport de Bamako-Sénou", "Sénou"),
        ("Aéroport international Modibo Keïta de Bamako-Sénou", "Sénou"),
        ("Bamako-Sénou airport", "Sénou"),
        ("camp militaire de Mopti-Sévaré", "Sévaré"),
        ("Aéroport de Kayes-Dag-Dag", "Kayes"),
        ("marché de Kati-Coco", "Kati"),
        ("Marché à bétail de Niono-Coura", "Niono"),
        ("marché de Kani-Bonzon", "Kani-Bonzon"),
    ],
)
def test_airport_or_market_of_a_quarter_is_in_its_town(
    place: str, label: str, gazetteer: Gazetteer
) -> None:
    found = located(gazetteer, place)

    assert (found.shape, found.label) == (Shape.POINT, label)


def test_attack_at_the_airport_is_told_of_where_that_is(gazetteer: Gazetteer) -> None:
    """An attack "between Bamako and Sénou" told those on the road to Kati of nothing they know."""
    at = Position(12.5335, -7.9499)

    found = located(gazetteer, "Aéroport de Bamako-Sénou", at)

    assert found.label == "Sénou"
    assert distance_km(found.position, at) < 5


@pytest.mark.parametrize(
    "place", ["poste de Kouri-Faramana", "camp de San-Tominian", "axe Kayes-Ségala"]
)
def test_what_may_be_on_the_road_between_two_towns_stays_there(
    place: str, gazetteer: Gazetteer
) -> None:
    assert located(gazetteer, place).shape is Shape.ROAD
