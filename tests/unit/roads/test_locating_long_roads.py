"""A road too long to be one place: where on it is asked, unless nobody can say."""

import pytest

from app.roads.gazetteer import Gazetteer
from app.roads.locating import locate
from app.roads.places import MIDPOINT, LongRoad, PlaceQuery, Shape, Unplaced
from app.roads.placing import somewhere_on, spread
from tests.harness.roads import placed


def asked(gazetteer: Gazetteer, place: str, precision: str | None = None) -> Unplaced:
    found = locate(PlaceQuery(place=place, precision=precision), gazetteer)
    assert isinstance(found, Unplaced)
    return found


@pytest.mark.parametrize(
    ("place", "ends"),
    [
        ("Kayes-Diéma", {"Kayes", "Diéma"}),
        ("entre Bamako et Sikasso", {"Bamako", "Sikasso"}),
        ("axe Ségou-Bamako", {"Bamako", "Ségou"}),
    ],
)
def test_it_is_asked_with_both_ends_and_that_nobody_knows(
    place: str, ends: set[str], gazetteer: Gazetteer
) -> None:
    found = asked(gazetteer, place)

    assert found.road is not None
    assert {gazetteer.places[one].name for one in found.road.ends} == ends
    assert ends <= {one.name for one in found.candidates}
    assert len(found.candidates) <= 8


@pytest.mark.parametrize("place", ["Kayes-Diéma", "Bamako-Sikasso", "axe Bamako-Ségou"])
def test_where_nobody_knows_it_is_all_of_it(place: str, gazetteer: Gazetteer) -> None:
    road = asked(gazetteer, place).road
    assert isinstance(road, LongRoad)

    by_word = placed(gazetteer, PlaceQuery(place=place, precision=MIDPOINT))
    by_choice = somewhere_on(road.ends, gazetteer)

    assert by_choice is not None
    assert by_word.shape is by_choice.shape is Shape.ROAD
    assert by_word.section_ids == by_choice.section_ids
    assert by_word.label == by_choice.label == road.label
    assert not by_word.whole, "it is of a spot on it, and not of all of it"


@pytest.mark.parametrize("place", ["Bamako-Gao", "Bamako-Kayes", "Ségou-Gao"])
def test_half_a_country_is_no_road_that_can_be_warned(place: str, gazetteer: Gazetteer) -> None:
    road = asked(gazetteer, place, MIDPOINT).road

    assert road is None or road.somewhere is None


def test_a_road_that_is_gone_is_nowhere(gazetteer: Gazetteer) -> None:
    assert somewhere_on(("gn:0", "gn:1"), gazetteer) is None


@pytest.mark.parametrize("most", [2, 3, 5, 8])
@pytest.mark.parametrize("there", [1, 2, 3, 7, 8, 20])
def test_what_is_offered_is_spread_from_end_to_end(most: int, there: int) -> None:
    found = spread(range(there), most)

    assert len(found) == min(most, there) == len(set(found))
    assert (found[0], found[-1]) == (0, there - 1)
    assert list(found) == sorted(found)
