"""Places as radios and phones tell them: edges of towns, mines among words, other spellings."""

import pytest

from app.roads.gazetteer import Gazetteer
from app.roads.geometry import Position
from app.roads.locating import locate
from app.roads.places import Location, PlaceQuery, Unplaced


def located(gazetteer: Gazetteer, place: str) -> Location:
    found = locate(PlaceQuery(place=place), gazetteer)
    assert isinstance(found, Location), found
    return found


@pytest.mark.parametrize(
    ("said", "mine"),
    [
        ("Fekola mine, Kenieba", "Fekola"),
        ("near the Fekola gold mine", "Fekola"),
        ("Syama gold mine (Fourou)", "Syama"),
        ("Sadiola gold mine", "Sadiola"),
        ("Kalana gold project", "Kalana"),
        ("Site d'orpaillage d'Intahaka", "Intahaka"),
    ],
)
def test_mine_is_known_by_its_name_among_words(said: str, mine: str, gazetteer: Gazetteer) -> None:
    assert located(gazetteer, said).label == mine


@pytest.mark.parametrize(
    ("place", "town"),
    [
        ("sortie de Konna vers Boré", "Konna"),
        ("à l'entrée de Kayes en direction de Diboli", "Kayes"),
        ("sortie de Kati vers Négala", "Kati"),
        ("RN7 à Zantiébougou", "Zantiébougou"),
        ("banlieue de Bamako", "Bamako"),
        ("Soumpi base (Niafunke cercle)", "Soumpi"),
    ],
)
def test_what_is_at_the_edge_of_a_town_is_there_and_not_half_way(
    place: str, town: str, gazetteer: Gazetteer
) -> None:
    assert located(gazetteer, place).label == town


def test_place_named_behind_a_distance_is_where_it_was(gazetteer: Gazetteer) -> None:
    near = located(gazetteer, "à 60 km de Sikasso, près de Loulouni")
    unknown = located(gazetteer, "à 20 km de Diéma vers Nioro, près de Zzqkobo")

    assert (near.label, near.km_from_place) == ("Loulouni", 0)
    assert (unknown.label, unknown.km_from_place) == ("Diéma", 20)


@pytest.mark.parametrize(
    ("written", "name"),
    [("Zantiebugu", "Zantiébougou"), ("Buguni", "Bougouni"), ("Lulouni", "Loulouni")],
)
def test_bambara_spelling_of_a_name_is_that_name(
    written: str, name: str, gazetteer: Gazetteer
) -> None:
    found = located(gazetteer, written)

    assert found.label == name
    assert "slip" not in found.how


def test_seat_is_called_as_its_cercle_is(gazetteer: Gazetteer) -> None:
    assert located(gazetteer, "Macina").label == "Ké-Macina"
    assert located(gazetteer, "Macina (Kayes)").cercle == "Kayes"


@pytest.mark.parametrize(
    ("place", "label"),
    [
        ("entre Bamako et Sénou", "Bamako - Sénou"),
        ("between Goundaka and Bandiagara", "Goundaka - Bandiagara"),
    ],
)
def test_namesake_in_the_cercle_of_the_other_end_is_meant(
    place: str, label: str, gazetteer: Gazetteer
) -> None:
    found = located(gazetteer, place)

    assert found.label == label
    assert found.radius_km < 25


@pytest.mark.parametrize(
    "place",
    [
        "entre les localités de Sandaré et Diéma",
        "entre les villages de Sandaré et de Diéma",
        "between the towns of Sandaré and Diéma",
    ],
)
def test_towns_in_the_words_of_a_communique_are_towns(place: str, gazetteer: Gazetteer) -> None:
    found = locate(PlaceQuery(place=place), gazetteer)

    assert found == locate(PlaceQuery(place="entre Sandaré et Diéma"), gazetteer)
    assert isinstance(found, Location)


@pytest.mark.parametrize(
    ("said", "known"),
    [
        ("Bankass circle", "cercle de Bankass"),
        ("border post of Gogui", "Gogui"),
        ("Faya forest", "forêt de Faya"),
        ("Sikasso region, southern Mali", "région de Sikasso"),
        ("Tillaberi region, Niger", "région de Tillabéri"),
        ("Kolokani cercle, Koulikoro region", "cercle de Kolokani"),
        ("région de Ségou, cercle de Niono", "cercle de Niono"),
        ("Tessalit in the Kidal region", "Tessalit"),
        ("Béma, in the Nioro region", "Béma (Nioro)"),
    ],
)
def test_what_the_press_calls_a_place_and_what_it_lies_in(
    said: str, known: str, gazetteer: Gazetteer
) -> None:
    found = locate(PlaceQuery(place=said), gazetteer)

    assert isinstance(found, Location)
    as_known = located(gazetteer, known)
    assert (found.shape, found.area, found.place_id) == (
        as_known.shape, as_known.area, as_known.place_id,
    )  # fmt: skip


def test_the_cercle_behind_a_name_that_nobody_knows_is_not_its_town(gazetteer: Gazetteer) -> None:
    cercle, commune = "Forêt du Wagadou (Nara)", "Forêt du Wagadou (commune de Mourdiah)"

    assert isinstance(
        locate(PlaceQuery(place=cercle, region="Nara / Koulikoro"), gazetteer), Unplaced
    )
    found = locate(PlaceQuery(place=commune, region="Nara / Koulikoro"), gazetteer)
    assert isinstance(found, Location)
    assert found.label == "Mourdiah"


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ("route de Ségou après Fana", "Fana"),
        ("route de Sikasso juste avant Koumantou", "Koumantou"),
        ("road to Segou just after Fana", "Fana"),
        ("peu après Fana en direction de Ségou", "Fana"),
    ],
)
def test_a_town_before_or_behind_which_it_was_on_a_road_is_near_it(
    said: str, place: str, gazetteer: Gazetteer
) -> None:
    found = located(gazetteer, said)

    assert (found.label, found.radius_km) == (
        place,
        located(gazetteer, f"près de {place}").radius_km,
    )


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ("Kayes, Diboli", "Diboli"),
        ("Mopti (Konna)", "Konna"),
        ("Bamako, Sénou", "Sénou"),
        ("Diboli, Kayes", "Diboli"),
        ("Bamako, Kati", "Bamako"),  # Kati is in no region of Bamako
        ("Kayes (sortie Diboli)", "Kayes"),
        ("Kayes (vers Diboli)", "Kayes"),
    ],
)
def test_a_village_named_behind_its_region_is_meant(
    said: str, place: str, gazetteer: Gazetteer
) -> None:
    """Diboli lies 85 km from the town of Kayes."""
    assert located(gazetteer, said).label == place


@pytest.mark.parametrize(
    ("said", "position", "place"),
    [
        ("Kayes, Diboli", Position(lat=14.47, lon=-12.22), "Diboli"),
        ("Kayes, Diboli", Position(lat=14.44, lon=-11.44), "Kayes"),
        ("Ségou (Niono)", Position(lat=14.25, lon=-5.99), "Niono"),
        ("Ségou (Niono)", Position(lat=13.43, lon=-6.21), "Ségou"),
        ("Kayes, Diboli", Position(lat=15.2, lon=-9.5), None),
    ],
)
def test_a_position_tells_whether_the_village_or_its_region_is_meant(
    said: str, position: Position, place: str | None, gazetteer: Gazetteer
) -> None:
    answer = locate(PlaceQuery(place=said, position=position), gazetteer)

    assert (answer.label if isinstance(answer, Location) else None) == place


@pytest.mark.parametrize("said", ["Kayes, Nioro", "Ségou (Niono)"])
def test_two_seats_of_which_one_may_be_the_region_of_the_other_are_asked(
    said: str, gazetteer: Gazetteer
) -> None:
    answer = locate(PlaceQuery(place=said), gazetteer)

    assert isinstance(answer, Unplaced)
    assert {one.name for one in answer.candidates} == {
        *said.strip(")").replace(" (", ", ").split(", ")
    }
