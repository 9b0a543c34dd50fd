"""A village that nobody recorded is not one of its name far from what is told with it."""

import pytest

from app.roads.gazetteer import Gazetteer
from app.roads.locating import locate
from app.roads.places import Location, PlaceQuery, Shape, Unplaced
from app.roads.told_distance import told_distance


def asked(said: str, gazetteer: Gazetteer) -> bool:
    return isinstance(locate(PlaceQuery(place=said), gazetteer), Unplaced)


def found(said: str, gazetteer: Gazetteer, **more: str) -> Location:
    answer = locate(PlaceQuery(place=said or None, **more), gazetteer)  # type: ignore[arg-type]
    assert isinstance(answer, Location), answer
    return answer


@pytest.mark.parametrize(
    "said",
    [
        "Sorobilé, route de Nioro",
        "pont de Sorobilé, route de Nioro",
        "sortie de Sorobilé vers Nioro",
        "entrée de Sorobilé direction Kayes",
    ],
)
def test_the_only_one_of_its_name_is_not_believed_far_from_its_road(
    said: str, gazetteer: Gazetteer
) -> None:
    assert asked(said, gazetteer)


@pytest.mark.parametrize(
    ("said", "label"),
    [
        ("Sorobilé, route de Sikasso", "Sorobilé"),
        ("Gao, route de Sévaré", "Gao"),
        ("Sandaré, route de Bamako", "Sandaré"),
        ("Ménaka, route de Gao", "Ménaka"),
        ("Hombori, route de Sévaré", "Hombori"),
    ],
    ids=["near", "a town on it", "from the capital", "a seat of a cercle", "a village on it"],
)
def test_what_the_road_may_lead_to_is_believed(said: str, label: str, gazetteer: Gazetteer) -> None:
    assert found(said, gazetteer).label == label


@pytest.mark.parametrize(("town", "cercle"), [("Diéma", "Diéma"), ("Ambidédi", "Kayes")])
def test_the_town_that_the_edge_looks_to_tells_namesakes_apart(
    town: str, cercle: str, gazetteer: Gazetteer
) -> None:
    assert found(f"sortie de Guémou vers {town}", gazetteer).cercle == cercle


def test_no_stop_of_a_road_is_taken_for_a_village_of_another_commune(gazetteer: Gazetteer) -> None:
    assert found("Kouri, commune de Zantiébougou", gazetteer).cercle == "Bougouni"
    assert asked("Dialabougou, commune de Bangassi-Nangou", gazetteer)


@pytest.mark.parametrize("town", ["Kayes", "Sikasso", "Mopti", "Gao"])
@pytest.mark.parametrize("said", ["cercle de {}", "dans le cercle de {}", "sud du cercle de {}"])
def test_a_cercle_is_not_the_region_of_its_name(said: str, town: str, gazetteer: Gazetteer) -> None:
    answer = found(said.format(town), gazetteer)

    assert (answer.shape, answer.label) == (Shape.AREA, f"cercle de {town}")
    assert found(f"région de {town}", gazetteer).label == f"région de {town}"


def test_the_cercle_named_tells_namesakes_apart(gazetteer: Gazetteer) -> None:
    for said in ("Guémou, cercle de Kayes", "Guémou (cercle de Kayes)"):
        assert found(said, gazetteer).cercle == "Kayes"
    assert found("Guémou", gazetteer, region="cercle de Kayes").cercle == "Kayes"
    assert found("", gazetteer, region="cercle de Kayes").label == "cercle de Kayes"


@pytest.mark.parametrize(
    ("said", "label"),
    [
        ("frontière du Sénégal à Diboli", "Diboli"),
        ("vers la frontière nigérienne, Labezanga", "Labézanga"),
        ("frontière Côte d'Ivoire, Zégoua", "Zégoua"),
        ("entre Boni et Hombori, à Ouro-Koladé", "Ouro-Koladé"),
        ("entre Bougouni et Sikasso à Niéna", "Niéna"),
        ("entre Fana et Ségou, vers Konobougou", "Konobougou"),
    ],
)
def test_the_place_named_behind_a_border_or_a_road_is_meant(
    said: str, label: str, gazetteer: Gazetteer
) -> None:
    assert found(said, gazetteer).label == label


def test_a_border_alone_is_asked_where(gazetteer: Gazetteer) -> None:
    assert asked("vers la frontière du Burkina", gazetteer)


@pytest.mark.parametrize(
    ("village", "region"),
    [
        ("Kafana", None),
        ("Kafana", "Sikasso"),
        ("Danamba", "Banamba / Koulikoro"),
        ("Acharane", None),
    ],
)
def test_a_village_nobody_recorded_is_not_the_town_one_letter_off(
    village: str, region: str | None, gazetteer: Gazetteer
) -> None:
    """Kalana lies 320 km from Kafana, and Tacharan, behind Gao, 360 km from Acharane."""
    answer = locate(PlaceQuery(place=village, region=region), gazetteer)

    assert isinstance(answer, Unplaced), answer


@pytest.mark.parametrize(
    ("misspelt", "town"),
    [("Kangapa", "Kangaba"), ("Mobti", "Mopti"), ("Koutiaba", "Koutiala")],
)
def test_a_slip_of_the_ear_or_in_a_long_name_is_understood(
    misspelt: str, town: str, gazetteer: Gazetteer
) -> None:
    assert found(misspelt, gazetteer).label == town


@pytest.mark.parametrize(
    ("words", "believed"),
    [
        ("Sébabougou, près de Banamba, attaqué", False),
        ("Attack on Sebabougou near Banamba", False),
        ("Sébabougou, à 20 km de Kita, attaqué", False),
        ("Sébabougou attaqué, les habitants fuient vers Banamba", True),
        ("Sébabougou, non loin de Diéma", True),  # in whose cercle it is
        ("Sébabougou, à 700 km de Dakar", True),  # roughly told
        ("Embuscade près de Banamba, puis à Sébabougou", True),
    ],
)
def test_a_village_far_from_what_is_told_to_be_near_is_another_of_its_name(
    words: str, *, believed: bool, gazetteer: Gazetteer
) -> None:
    said = told_distance("Sebabougou", words)
    query = PlaceQuery(place="Sebabougou", told=words, told_distance=said)

    assert isinstance(locate(query, gazetteer), Location) is believed


def test_the_town_of_a_road_is_the_one_of_its_name_near_the_other_end(gazetteer: Gazetteer) -> None:
    named = found("Kamona-Pont (Pogo commune)", gazetteer, road="Niono-Pogo (Kamona-Pont)")
    alone = found("Pogo", gazetteer, road="Niono-Pogo")

    assert {place.region for place in (named, alone)} == {"Ségou"}
    assert found("Pogo", gazetteer, road="Ferkessédougou-Pogo").country == "CI"
    assert found("Dakar", gazetteer, road="Nara-Dakar").country == "SN"


def test_of_two_of_one_name_at_the_end_of_a_road_the_one_much_nearer_is_meant(
    gazetteer: Gazetteer,
) -> None:
    assert found("Pont de Mahina", gazetteer, road="Bafoulabe-Mahina").cercle == "Bafoulabé"
    assert asked("Mahina", gazetteer)


def test_a_village_known_afar_is_not_at_the_end_of_a_road_of_its_name(gazetteer: Gazetteer) -> None:
    answer = locate(PlaceQuery(place="Intahaka", road="Yorosso-Intahaka"), gazetteer)

    assert isinstance(answer, Unplaced)
    assert found("Intahaka", gazetteer, road="Gao-Intahaka").label == "Intahaka"
    assert found("Intahaka", gazetteer, road="Bamako-Intahaka").label == "Intahaka"
