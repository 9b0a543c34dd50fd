"""Of a road or a region, the part that is meant; of two names, the one that it happened at."""

import pytest

from app.roads.gazetteer import Gazetteer
from app.roads.geometry import Position, rough_km
from app.roads.locating import locate
from app.roads.places import Location, PlaceQuery, Shape, Unplaced


def located(gazetteer: Gazetteer, place: str, region: str) -> Location:
    found = locate(PlaceQuery(place=place, region=region), gazetteer)
    assert isinstance(found, Location)
    return found


def test_a_cercle_does_not_end_at_the_last_stop_in_it(gazetteer: Gazetteer) -> None:
    part = located(gazetteer, "Kayes-Diéma", "Kayes / Kayes")
    segala = located(gazetteer, "Ségala", "Kayes / Kayes")

    assert rough_km(part.position, segala.position) <= part.radius_km < 60


def test_a_leg_that_leaves_the_region_soon_is_no_part_of_it(gazetteer: Gazetteer) -> None:
    part = located(gazetteer, "Gossi-Gao", "Gao / Gao")
    gossi = located(gazetteer, "Gossi", "Gourma-Rharous / Tombouctou")

    assert rough_km(part.position, gossi.position) > part.radius_km


def test_a_village_that_nobody_knows_on_so_long_a_part_is_asked(gazetteer: Gazetteer) -> None:
    query = PlaceQuery(place="Karaga", region="Kayes / Kayes", road="RN1 Kayes-Diema (Karaga)")

    assert isinstance(locate(query, gazetteer), Unplaced)


@pytest.mark.parametrize(
    ("place", "label"),
    [
        ("Konna, près de Sévaré", "Konna"),
        ("Kaniéra near Lakamané", "Kaniéra"),
        ("pont de Wayerma, près de Sikasso", "Sikasso"),
        ("route de Ségou, près de Fana", "Fana"),
        ("Kayes, près de Gao", "Gao"),
    ],
)
def test_what_lies_near_a_town_is_not_the_town(
    place: str, label: str, gazetteer: Gazetteer
) -> None:
    found = locate(PlaceQuery(place=place), gazetteer)

    assert isinstance(found, Location)
    assert found.label == label


@pytest.mark.parametrize(
    ("precision", "shape"),
    [("area estimate", Shape.POINT), ("region proxy", Shape.AREA), (None, Shape.AREA)],
)
def test_a_position_told_as_where_in_the_region_is_kept(
    precision: str | None, shape: Shape, gazetteer: Gazetteer
) -> None:
    at = Position(14.4, 0.62)
    said = PlaceQuery(place="Tillabéri region", position=at, precision=precision)
    found = locate(said, gazetteer)

    assert isinstance(found, Location)
    assert found.shape is shape
    assert (found.position == at) is (shape is Shape.POINT)
