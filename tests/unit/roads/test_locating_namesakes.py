"""A name that several places bear is asked back unless nobody could mean another."""

from app.roads.gazetteer import Gazetteer
from app.roads.locating import locate
from app.roads.places import Location, PlaceQuery, Unplaced


def test_border_post_does_not_hide_the_villages_of_its_name(gazetteer: Gazetteer) -> None:
    asked = locate(PlaceQuery(place="Moussala"), gazetteer)

    assert isinstance(asked, Unplaced)
    assert asked.reason == "ambiguous"
    assert {one.cercle for one in asked.candidates} >= {"Kayes", "Yélimané"}


def test_town_is_meant_before_villages_of_its_name(gazetteer: Gazetteer) -> None:
    found = locate(PlaceQuery(place="Kayes"), gazetteer)

    assert isinstance(found, Location)
    assert found.region == "Kayes"
