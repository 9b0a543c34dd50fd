"""Roads, communes and neighbours in the words of radios: what is the scene, what stands beside."""

from dataclasses import replace

import pytest

from app.roads.gazetteer import Gazetteer
from app.roads.geometry import Position, distance_km
from app.roads.places import PlaceQuery, Shape
from app.roads.road_word import with_road_word
from tests.harness.roads import asked, placed


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ("axe Kayes-Diéma, Lakamané", "Lakamané"),
        ("route Kayes-Diéma à Lakamané", "Lakamané"),
        ("on the Kayes-Diéma road at Lakamané", "Lakamané"),
        ("on the road from Kayes to Diéma, near Lakamané", "Lakamané"),
        ("Kayes-Diéma road, Lakamané", "Lakamané"),
        ("RN6, Fana", "Fana"),
        ("Gongasso between Sikasso and Koutiala", "Gongasso"),
        ("Sandaré en venant de Kayes", "Sandaré"),
        ("à l'entrée de Sandaré en venant de Kayes", "Sandaré"),
        ("Sandaré en allant à Diéma", "Sandaré"),
    ],
)
def test_the_scene_is_the_place_and_not_its_road(
    said: str, place: str, gazetteer: Gazetteer
) -> None:
    found = placed(gazetteer, PlaceQuery(place=said))

    assert (found.shape, found.label) == (Shape.POINT, place)


@pytest.mark.parametrize(
    "said",
    [
        "route reliant Kita à Badinko",
        "la route qui relie Kita et Badinko",
        "on the road linking Kita and Badinko",
        "on the Kita-Badinko road",
        "trajet Kita-Badinko",
        "entre Kita-Badinko",
    ],
)
def test_a_road_by_its_two_ends_is_a_stretch(said: str, gazetteer: Gazetteer) -> None:
    found = placed(gazetteer, PlaceQuery(place=said))

    assert (found.shape, found.label) == (Shape.ROAD, "Kita - Badinko")


@pytest.mark.parametrize(
    ("said", "road"),
    [
        ("Sikasso-Niéna road, Sikasso", "Sikasso - Niéna"),
        ("Kolondieba-Kadiana road, Sikasso", "Kolondiéba - Kadiana"),
        ("Kolondiéba-Kadiana, sud du Mali", "Kolondiéba - Kadiana"),
        ("on the Gossi-Hombori road, northern Mali", "Gossi - Hombori"),
        ("Gossi-Hombori axis, Gourma-Rharous", "Gossi - Hombori"),
    ],
)
def test_what_stands_behind_a_road_is_around_it(said: str, road: str, gazetteer: Gazetteer) -> None:
    found = placed(gazetteer, PlaceQuery(place=said))

    assert (found.shape, found.label) == (Shape.ROAD, road)


def test_a_village_with_a_hyphen_in_its_name_is_no_road_in_its_cercle(
    gazetteer: Gazetteer,
) -> None:
    assert placed(gazetteer, PlaceQuery(place="Kani-Bonzon, Bankass")).label == "Kani-Bonzon"


def test_the_place_named_with_a_road_is_where_it_was(gazetteer: Gazetteer) -> None:
    found = placed(gazetteer, PlaceQuery(road="RN7 Sikasso-Bougouni (Niena)"))

    assert (found.shape, found.label) == (Shape.POINT, "Niéna")


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ("Diamou, près de la cimenterie", "Diamou"),
        ("Diamou, near the cement works", "Diamou"),
        ("Lakamané, non loin de la forêt", "Lakamané"),
        ("Boulikessi, près de la frontière du Burkina Faso", "Boulikessi"),
        ("Kadiana, près de la frontière ivoirienne", "Kadiana"),
    ],
)
def test_near_something_nobody_knows_is_in_the_town_that_is_known(
    said: str, place: str, gazetteer: Gazetteer
) -> None:
    assert placed(gazetteer, PlaceQuery(place=said)).label == place


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ("military base in Gossi", "Gossi"),
        ("poste-frontière de Zégoua", "Zégoua"),
        ("en périphérie de Gao", "Gao"),
        ("Dinangourou locality, Koro", "Dinangorou"),
        ("carrière de Diamou", "Diamou"),
        ("Diamou cement plant", "Diamou"),
        ("Fana toll station", "Fana"),
        ("Loulouni en région de Sikasso", "Loulouni"),
    ],
)
def test_what_a_place_is_said_to_be_is_not_its_name(
    said: str, place: str, gazetteer: Gazetteer
) -> None:
    assert placed(gazetteer, PlaceQuery(place=said)).label == place


def test_two_towns_of_one_road_are_no_misspelt_village(gazetteer: Gazetteer) -> None:
    """`Tiou-Koro` was read as Toukoro, 480 km away."""
    for said in ("Tiou-Koro (Kiri)", "Tiou Koro road"):
        assert placed(gazetteer, PlaceQuery(place=said)).label in {"Kiri", "Tiou - Koro"}


@pytest.mark.parametrize(
    "said",
    [
        "Kolondialan (commune de Didiéni)",
        "Kolondialan, commune rurale de Didiéni",
        "hameau de Kolondialan, commune de Didiéni, cercle de Kolokani",
        "Kolondialan, dans la commune rurale de Didiéni",
        "Kolondialan in Didiéni commune",
        "Kolondialan, secteur de Didiéni",
    ],
)
def test_a_hamlet_not_known_is_somewhere_in_its_commune(said: str, gazetteer: Gazetteer) -> None:
    found = placed(gazetteer, PlaceQuery(place=said))

    assert (found.label, found.radius_km, found.aside_km) == ("Didiéni", 20.0, 0.0)


def test_a_village_is_not_its_namesake_far_from_the_commune_named(gazetteer: Gazetteer) -> None:
    found = placed(gazetteer, PlaceQuery(place="Farabacouta (commune de Dioura)", region="Mopti"))

    assert found.label == "Dioura"


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ("Doura près de Markala", "Doura"),  # and not Douna, which some call Doura
        ("Ogossogou près de Bankass", "Ogossogou"),  # one of two, 5 times as near as the other
        ("Nampala près de Diabali", "Nampala"),
    ],
)
def test_near_a_town_is_the_place_named_first(said: str, place: str, gazetteer: Gazetteer) -> None:
    assert placed(gazetteer, PlaceQuery(place=said)).label == place


def test_of_two_near_a_town_is_asked(gazetteer: Gazetteer) -> None:
    found = asked(gazetteer, PlaceQuery(place="Kodala près de Kita"))

    assert len(found.candidates) > 1


@pytest.mark.parametrize(
    ("place", "road"),
    [
        ("Kofara", "Kadiolo-Sikasso"),
        ("Sandougou", "Koutiala-Kouri"),
        ("Rofara", "route de Ségou"),
        ("Roba", None),
    ],
)
def test_a_slip_is_not_believed_far_from_what_is_named(
    place: str, road: str | None, gazetteer: Gazetteer
) -> None:
    """They were Sofara, Dandougou, and Rosso by its variant Roco: 90 to 1,500 km away."""
    asked(gazetteer, PlaceQuery(place=place, road=road))


def test_of_namesakes_the_one_by_the_town_of_its_road_is_meant(gazetteer: Gazetteer) -> None:
    assert placed(gazetteer, PlaceQuery(place="Bamba, sur la route de Bourem")).cercle == "Bourem"


def test_who_says_the_middle_of_a_road_means_no_town_at_its_end(gazetteer: Gazetteer) -> None:
    query = PlaceQuery(place="Gossi", road="RN16 Gossi-Hombori", precision="road segment midpoint")

    assert placed(gazetteer, query).label == "Gossi - Hombori"


def test_a_stretch_holds_the_position_that_is_given_on_it(gazetteer: Gazetteer) -> None:
    """Its sections are all of it, but where on it the report said is not its middle."""
    query = PlaceQuery(place="Ambidédi-Diboli", position=Position(14.55, -11.9))
    found = placed(gazetteer, query)

    assert found.shape is Shape.ROAD
    assert distance_km(found.position, Position(14.55, -11.9)) < 4


@pytest.mark.parametrize("precision", [None, "road segment midpoint"])
def test_a_position_further_aside_of_a_stretch_than_it_is_rough_is_believed(
    precision: str | None, gazetteer: Gazetteer
) -> None:
    """It was put in the middle of our line, as where none was given; all of it is warned."""
    stretch = placed(gazetteer, PlaceQuery(place="Ambidédi-Diboli"))
    given = Position(stretch.position.lat + 0.16, stretch.position.lon)
    found = placed(
        gazetteer, PlaceQuery(place="Ambidédi-Diboli", position=given, precision=precision)
    )

    assert found.position == given
    assert found.section_ids == stretch.section_ids


def test_near_a_town_is_where_a_position_far_from_it_says(gazetteer: Gazetteer) -> None:
    query = PlaceQuery(place="Near Nara", position=Position(15.05, -7.4), region="Nara")
    found = placed(gazetteer, query)

    assert found.position == Position(15.05, -7.4)
    assert found.aside_km is not None


def test_who_means_the_middle_of_a_stretch_is_given_ours(gazetteer: Gazetteer) -> None:
    query = PlaceQuery(place="Ambidédi-Diboli", position=Position(14.55, -11.9))
    middle = placed(gazetteer, PlaceQuery(place="Ambidédi-Diboli")).position
    said = replace(query, position=Position(middle.lat, middle.lon + 0.05))

    assert placed(gazetteer, replace(said, precision="road segment midpoint")).position == middle
    assert placed(gazetteer, said).position != middle


def test_a_name_not_known_is_on_the_road_that_its_words_give(gazetteer: Gazetteer) -> None:
    """`road` filed beside it was heeded, the same words behind a comma were not."""
    for said in ("Mantonya, axe Kayes-Ambidédi", "pont de Mantonya, route Kayes-Ambidédi"):
        assert placed(gazetteer, PlaceQuery(place=said)).label == "Kayes - Ambidédi"


def test_a_short_name_two_letters_off_is_no_slip(gazetteer: Gazetteer) -> None:
    """`Baya` on the road Kayes-Ambidédi was Kayes."""
    found = placed(gazetteer, PlaceQuery(place="Baya", road="Kayes-Ambidédi"))

    assert found.label == "Kayes - Ambidédi"


@pytest.mark.parametrize("said", ["entre Diéma et Didiéni", "entre Ségou et San"])
def test_all_of_a_stretch_is_meant_where_the_news_says_no_more(
    said: str, gazetteer: Gazetteer
) -> None:
    """Of tankers burnt "between Diéma and Didiéni", by two agencies, nobody was warned."""
    found = placed(gazetteer, PlaceQuery(place=said))

    assert found.shape is Shape.ROAD
    assert len(found.section_ids) > 2
    asked(gazetteer, PlaceQuery(place="entre Bamako et Ségou"))  # 230 km are half a country


@pytest.mark.parametrize(
    ("said", "label"),
    [
        ("entre Niono et Diabaly, cercle de Niono", "Niono - Diabali"),
        ("between Kayes and Diboli, Kayes region", "Kayes - Diboli"),
        ("Niono-Diabaly, région de Ségou", "Niono - Diabali"),
        ("entre Boni et Hombori, dans le cercle de Douentza", "Boni - Hombori"),
        ("entre Kayes y Diboli", "Kayes - Diboli"),
        ("Lakamané, dans le cercle de Diéma", "Lakamané"),
        ("cerca de Diboli", "Diboli"),
    ],
)
def test_division_behind_a_stretch_is_no_part_of_its_name(
    said: str, label: str, gazetteer: Gazetteer
) -> None:
    """`Diabaly, cercle de Niono` was the other end of the stretch, and nobody knew it."""
    assert placed(gazetteer, PlaceQuery(place=said)).label == label


@pytest.mark.parametrize(
    "said", ["dans la région de Kayes", "in the Kayes region", "en la región de Kayes"]
)
def test_in_a_region_is_the_region(said: str, gazetteer: Gazetteer) -> None:
    found = placed(gazetteer, PlaceQuery(place=said))

    assert (found.shape, found.label) == (Shape.AREA, "région de Kayes")


def test_distance_told_with_a_region_is_counted(gazetteer: Gazetteer) -> None:
    said = "à 15 km de Kita vers Kéniéba"

    with_region = placed(gazetteer, PlaceQuery(place=f"{said}, région de Kayes"))

    assert with_region.position == placed(gazetteer, PlaceQuery(place=said)).position


def test_a_town_behind_a_road_that_it_is_not_on_is_asked(gazetteer: Gazetteer) -> None:
    found = asked(gazetteer, PlaceQuery(place="Ségou-Bla, San"))

    assert [one.name for one in found.candidates] == ["San", "Ségou", "Bla"]
    region = placed(gazetteer, PlaceQuery(place="Ségou-Bla, Ségou"))
    assert region.label == "Ségou - Bla"


@pytest.mark.parametrize(
    ("said", "label"),
    [
        ("route de Kayes (Ambidédi)", "Ambidédi"),
        ("Nioro road (Diéma)", "Diéma"),
        ("axe de Bamako, Didiéni", "Didiéni"),
    ],
)
def test_a_place_beside_a_road_with_one_end_is_where_on_it(
    said: str, label: str, gazetteer: Gazetteer
) -> None:
    """It was asked where on it, though that was said."""
    found = placed(gazetteer, PlaceQuery(place=said))

    assert (found.shape, found.label) == (Shape.POINT, label)


@pytest.mark.parametrize(
    "said",
    [
        "route de Kayes (Bamako)",
        "route de Kayes (Mali)",
        "Kayes road (région de Kayes)",
        "route de Nioro, Kayes",
        "route de Niono (Ségou)",
    ],
)
def test_what_is_no_spot_of_it_leaves_a_road_with_one_end_open(
    said: str, gazetteer: Gazetteer
) -> None:
    asked(gazetteer, PlaceQuery(place=said))
    asked(gazetteer, PlaceQuery(place="route de Kayes (Ambidédi)", whole_road=True))


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ("Nara (nord)", "Nara"),
        ("Nara (centre)", "Nara"),
        ("Nara (Nord-Est), Mali", "Nara"),
        # regions of Burkina Faso
        ("Gourcy (Nord)", "Gourcy"),
        ("Kaya (Centre-Nord)", "Kaya"),
        ("Toukoto gare", "Toukoto"),
    ],
)
def test_a_part_of_a_town_is_in_it(said: str, place: str, gazetteer: Gazetteer) -> None:
    assert placed(gazetteer, PlaceQuery(place=said)).label == place


@pytest.mark.parametrize(
    ("said", "road"),
    [
        ("Markala-Niono rooad", "Markala - Niono"),
        ("MARKALA-NIONO RAOD", "Markala - Niono"),
        ("Bourem-Gao rad", "Bourem - Gao"),
        ("rote Markala-Niono", "Markala - Niono"),
        ("Sevare-Bandiagara rod (RN15)", "Sévaré - Bandiagara"),
    ],
)
def test_a_slip_in_the_word_road_is_one(said: str, road: str, gazetteer: Gazetteer) -> None:
    found = placed(gazetteer, PlaceQuery(place=said))

    assert (found.shape, found.label) == (Shape.ROAD, road)


@pytest.mark.parametrize("said", ["Markala-Niono Rond", "Markala-Niono mardi"])
def test_no_other_word_behind_two_towns_is_read_as_road(said: str) -> None:
    assert with_road_word(said) == said


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ("Fana poste de contrôle", "Fana"),
        ("Kita gendarmerie", "Kita"),
        ("FANA COMMISSARIAT", "Fana"),
        ("Diéma station total", "Diéma"),
        ("poste de contrôle de Fana", "Fana"),
    ],
)
def test_what_is_in_a_town_may_stand_behind_its_name(
    said: str, place: str, gazetteer: Gazetteer
) -> None:
    assert placed(gazetteer, PlaceQuery(place=said)).label == place
