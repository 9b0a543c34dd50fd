"""Of a long road, the part in the region filed: by the villages beside it, not by its stops."""

from app.roads.gazetteer import Gazetteer
from app.roads.geometry import rough_km
from app.roads.locating import locate
from app.roads.places import Location, PlaceQuery, Unplaced


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
