"""Reports that are at odds with themselves: what two of their parts agree on stands."""

import pytest

from app.roads.gazetteer import Gazetteer
from app.roads.geometry import Position
from app.roads.locating import locate
from app.roads.places import Location, PlaceQuery, Shape, Unplaced


def found(gazetteer: Gazetteer, **said: object) -> Location:
    answer = locate(PlaceQuery(**said), gazetteer)  # type: ignore[arg-type]
    assert isinstance(answer, Location), answer
    return answer


@pytest.mark.parametrize(
    ("place", "road", "region", "label"),
    [
        ("Dioumara", "RN3 Didieni-Diema", "Kolokani / Koulikoro", "Dyoumara"),
        ("Sandare", "RN1 Kayes-Diema", "Yelimane / Kayes", "Sandaré"),
        ("Nossombougou", "Kati-Kolokani", "Banamba / Koulikoro", "Nossombougou"),
    ],
)
def test_a_stop_of_the_road_given_is_meant_whatever_cercle_was_filed(
    gazetteer: Gazetteer, place: str, road: str, region: str, label: str
) -> None:
    assert found(gazetteer, place=place, road=road, region=region).label == label


def test_a_name_off_the_road_given_and_out_of_the_region_is_asked(gazetteer: Gazetteer) -> None:
    said = PlaceQuery(place="Kolongo", road="Markala-Macina", region="Macina / Segou")

    assert isinstance(locate(said, gazetteer), Unplaced)


@pytest.mark.parametrize(
    ("place", "road"),
    [
        ("route Konobougou-Segou", "RN6 Bamako-Segou (Konobougou)"),
        ("Kona-Sevare road", "RN16 Sevare-Douentza (Konna)"),
    ],
)
def test_the_end_of_a_stretch_named_with_its_road_is_no_spot_on_it(
    gazetteer: Gazetteer, place: str, road: str
) -> None:
    assert found(gazetteer, place=place, road=road).shape is Shape.ROAD


def test_a_spot_between_the_ends_named_with_the_road_is_where_it_was(gazetteer: Gazetteer) -> None:
    said = found(gazetteer, place="route Fana-Segou", road="RN6 Bamako-Segou (Konobougou)")

    assert (said.shape, said.label) == (Shape.POINT, "Konobougou")


@pytest.mark.parametrize(
    ("place", "label"),
    [
        ("Konobogou - Segou", "Konobougou - Ségou"),
        ("Hombory-Gossi", "Hombori - Gossi"),
        ("Kadiolo-Zegua", "Kadiolo - Zégoua"),
    ],
)
def test_one_end_of_a_road_may_be_misspelt(gazetteer: Gazetteer, place: str, label: str) -> None:
    assert found(gazetteer, place=place).label == label


@pytest.mark.parametrize("place", ["Sirakoro-Niaré", "Dogo-Tomo", "Hombory-Gosi"])
def test_a_name_of_two_that_is_like_some_road_is_asked(gazetteer: Gazetteer, place: str) -> None:
    assert isinstance(locate(PlaceQuery(place=place), gazetteer), Unplaced)


def test_a_position_on_the_way_to_the_town_named_is_believed(gazetteer: Gazetteer) -> None:
    said = {"place": "Kita", "road": "Diema-Kita", "precision": "area estimate"}

    near = found(gazetteer, **said, position=Position(13.75, -9.35))
    far = locate(PlaceQuery(**said, position=Position(15.6, -7.0)), gazetteer)  # type: ignore[arg-type]

    assert near.position == Position(13.75, -9.35)
    assert near.aside_km == pytest.approx(80, abs=8)
    assert isinstance(far, Unplaced)


def test_the_position_of_a_cercle_s_town_stands_for_that_cercle(gazetteer: Gazetteer) -> None:
    yorosso = Position(12.358, -4.777)
    said = {"place": "Zoumbalaka", "region": "Yorosso / Sikasso", "precision": "region proxy"}

    assert found(gazetteer, **said, position=yorosso).label == "cercle de Yorosso"
    assert found(gazetteer, **said).label == "région de Sikasso"
