"""Mines, forests and villages of the news: where they are, not at a village called alike."""

import pytest

from app.roads.gazetteer import Gazetteer
from app.roads.geometry import Position, distance_km
from app.roads.locating import locate
from app.roads.places import Location, PlaceQuery, Unplaced

#: Beyond this a driver is sent round the wrong danger.
NEAR_KM = 12.0


def located(gazetteer: Gazetteer, place: str) -> Location:
    found = locate(PlaceQuery(place=place), gazetteer)
    assert isinstance(found, Location), found
    return found


@pytest.mark.parametrize(
    ("place", "at"),
    [
        ("Fekola", Position(12.54, -11.36)),
        ("Mine de Loulo", Position(13.04, -11.41)),
        ("Loulo-Gounkoto", Position(12.95, -11.39)),
        ("Mine d'or de Morila", Position(11.68, -6.84)),
        ("Forêt de Faya", Position(12.59, -7.52)),
        ("Farabougou (cercle de Niono)", Position(14.89, -6.14)),
        ("Mondoro", Position(14.67, -1.95)),
        ("Tessit", Position(15.22, 0.29)),
        ("Talataye", Position(16.53, 1.5)),
        ("Fassala", Position(15.56, -5.52)),
        ("Sélingué", Position(11.63, -8.23)),
        ("poste de Hérémakono (Sikasso)", Position(11.11, -5.35)),
        ("barrage de Manantali", Position(13.2, -10.43)),
        ("Oussoubidiagna", Position(14.25, -10.47)),
        ("Gao, pont de Ouabaria", Position(16.22, -0.07)),
    ],
)
def test_mine_or_forest_is_where_the_country_knows_it(
    place: str, at: Position, gazetteer: Gazetteer
) -> None:
    assert distance_km(located(gazetteer, place).position, at) <= NEAR_KM


def test_mine_is_around_its_position_and_in_the_country_of_its_neighbour(
    gazetteer: Gazetteer,
) -> None:
    mine, between = located(gazetteer, "Syama"), located(gazetteer, "Loulo-Gounkoto")

    assert (mine.radius_km, mine.km_from_place) == (12.0, 0)
    assert (between.country, between.region) == ("ML", "Kayes")


@pytest.mark.parametrize("place", ["Fekala", "Fourau"])
def test_another_letter_is_no_slip_of_a_village_that_nobody_else_knows(
    place: str, gazetteer: Gazetteer
) -> None:
    """A mine that nobody recorded may be so near in letters, and hundreds of kilometres away."""
    assert isinstance(locate(PlaceQuery(place=place), gazetteer), Unplaced)
    assert located(gazetteer, "Koutuala").label == "Koutiala"  # a town known beyond its cercle
    assert located(gazetteer, "Fouru").label == "Fourou"  # a letter left out


@pytest.mark.parametrize("place", ["Kobri", "Neguela", "Bouni"])
def test_letter_that_sounds_otherwise_is_no_slip_of_a_town_either(
    place: str, gazetteer: Gazetteer
) -> None:
    """Each is one letter from a main town, 100 to 700 km from the village that is meant."""
    assert isinstance(locate(PlaceQuery(place=place), gazetteer), Unplaced)


def test_famous_village_and_its_namesake_are_asked(gazetteer: Gazetteer) -> None:
    asked = locate(PlaceQuery(place="Farabougou"), gazetteer)

    assert isinstance(asked, Unplaced)
    assert {one.cercle for one in asked.candidates} == {"Niono", "Barouéli"}


def test_a_border_post_is_no_hamlet_of_its_name_at_the_other_end_of_the_country(
    gazetteer: Gazetteer,
) -> None:
    """Tankers held at Hérémakono, behind Sikasso, were told of near Bamako."""
    asked = locate(PlaceQuery(place="Heremakono"), gazetteer)
    told = locate(PlaceQuery(place="Heremakono", road="Sikasso-Orodara"), gazetteer)

    assert isinstance(asked, Unplaced)
    assert {candidate.cercle for candidate in asked.candidates} == {"Kati", "Sikasso"}
    assert isinstance(told, Location)
    assert told.cercle == "Sikasso"
