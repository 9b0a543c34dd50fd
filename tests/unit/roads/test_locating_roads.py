"""Places by the way from one town to another, at a border, and where two things said disagree."""

from dataclasses import replace

import pytest

from app.roads.gazetteer import Gazetteer
from app.roads.geometry import Position, distance_km
from app.roads.places import PlaceQuery
from tests.harness.roads import asked, placed


@pytest.mark.parametrize(
    ("text", "start", "end", "km"),
    [
        ("Sandaré, à 15 km de Sandaré vers Diéma", "Sandaré", "Diéma", 15.0),
        ("à 15 km de Sandare, route de Diema", "Sandaré", "Diéma", 15.0),
        ("20 km de Kayes sur la route de Diboli", "Kayes", "Diboli", 20.0),
        ("20 km from Kayes on the road to Diboli", "Kayes", "Diboli", 20.0),
        ("20 km from Kayes on the Diboli road", "Kayes", "Diboli", 20.0),
        ("20 km from Kayes on the Kayes-Diboli highway", "Kayes", "Diboli", 20.0),
        ("à 30 km de Bla sur l'axe Bla-Koutiala", "Bla", "Koutiala", 30.0),
        ("30 km de bla, route Koutiala-Bla", "Bla", "Koutiala", 30.0),
        ("40 km de Segou sur la route Bamako - Ségou", "Ségou", "Bamako", 40.0),
        ("30 km après Diéma en direction de Nioro", "Diéma", "Nioro", 30.0),
        ("Bla, 12 km from Bla towards San", "Bla", "San", 12.0),
        ("20 km avant Kayes en venant de Bamako", "Kayes", "Bamako", 20.0),
        ("20km before Kayes coming from Bamako", "Kayes", "Bamako", 20.0),
        ("12 km de la ville de Sandaré vers Diéma", "Sandaré", "Diéma", 12.0),
    ],
)
def test_distance_from_a_town_towards_another(
    gazetteer: Gazetteer, text: str, start: str, end: str, km: float
) -> None:
    found = placed(gazetteer, PlaceQuery(place=text))

    assert found.how.startswith(f"km {km:g} from {start} to {end}")
    straight = distance_km(found.position, placed(gazetteer, PlaceQuery(place=start)).position)
    assert 0.7 * km < straight <= km + 1.0


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Ségou vers Bla", "Ségou - Bla"),
        ("Diboli frontière Sénégal", "Diboli"),
        ("Diboli (frontière Sénégal)", "Diboli"),
        ("Kidira, Senegal border", "Kidira"),
        ("poste frontière de Diboli", "Diboli"),
        ("Zégoua, poste frontière", "Zégoua"),
        ("juste après Diéma", "Diéma"),
        ("carrefour de Diéma", "Diéma"),
        ("à hauteur de Diéma", "Diéma"),
        ("à la hauteur de Sandare", "Sandaré"),
        ("au niveau de Diéma", "Diéma"),
        ("au niveau du village de Lakamané", "Lakamané"),
        ("au niveau du poste de péage de la ville de Fana", "Fana"),
        ("au village de Lakamané", "Lakamané"),
        ("à proximité de Diéma", "Diéma"),
        ("à côté de Diéma", "Diéma"),
        ("aux abords de Diéma", "Diéma"),
        ("aux alentours de Diéma", "Diéma"),
        ("aux portes de Kayes", "Kayes"),
        ("du côté de Kolokani", "Kolokani"),
        ("en face de Sandaré", "Sandaré"),
        ("pas loin de Diéma", "Diéma"),
        ("tout près de Diéma", "Diéma"),
        ("peu avant Diéma", "Diéma"),
        ("un peu après Diéma", "Diéma"),
        ("à quelques km de Diéma", "Diéma"),
        ("quelques kilomètres après Diéma", "Diéma"),
        ("à l'entrée sud de Kolokani", "Kolokani"),
        ("sortie nord de Kolokani", "Kolokani"),
        ("au marché de Fana", "Fana"),
        ("au camp militaire de Diéma", "Diéma"),
        ("gare routière de Kayes", "Kayes"),
        ("centre-ville de Kayes", "Kayes"),
        ("mine d'or de Sadiola", "Sadiola"),
        ("Diéma et environs", "Diéma"),
        ("Kayes centre", "Kayes"),
        ("in the vicinity of Diema", "Diéma"),
        ("just outside Diema", "Diéma"),
        ("Diema military camp", "Diéma"),
        ("Fana toll", "Fana"),
        ("sur la RN1 à hauteur de Sandaré", "Sandaré"),
        ("RN1, à hauteur de Lakamané", "Lakamané"),
        ("axe Diéma-Sandaré, au niveau de Lakamané", "Lakamané"),
        ("route Sikasso-Koutiala à hauteur de Zangasso", "Sangasso"),
        ("entre Kayes et Diéma, près de Lakamané", "Lakamané"),
        ("entrée de Bamako côté Ségou", "Bamako"),
        ("Kayes → Diboli", "Kayes - Diboli"),
        ("Kayes > Diboli", "Kayes - Diboli"),
        ("axe routier Ségou-Niono", "Ségou - Niono"),
        ("nord de la région de Kayes", "région de Kayes"),
        ("between Kayes and Diema, near Lakamane", "Lakamané"),
        ("on the RN6 at Fana", "Fana"),
        ("gendarmerie de Diéma", "Diéma"),
        ("dépôt de carburant de Kayes", "Kayes"),
        ("marché à bétail de Kati", "Kati"),
        ("customs post Zegoua", "Zégoua"),
        ("Kayes-Nord", "Kayes"),
        ("Total station Kayes", "Kayes"),
        ("the Diema to Nioro road", "Diéma - Nioro"),
        ("Diéma Nioro", "Diéma - Nioro"),
        ("route Diéma Nioro", "Diéma - Nioro"),
        ("Sikasso Zégoua frontière", "Sikasso - Zégoua"),
        ("frontière ivoirienne Zégoua", "Zégoua"),
        ("Diboli border crossing", "Diboli"),
        ("entre Sandaré et Diéma sur la nationale 1", "Sandaré - Diéma"),
        ("N'Tillit", "I-n-Tillit"),
    ],
)
def test_ordinary_ways_to_name_a_place(gazetteer: Gazetteer, text: str, label: str) -> None:
    assert placed(gazetteer, PlaceQuery(place=text)).label == label


@pytest.mark.parametrize(
    "text",
    [
        "Bourouboula, cercle de Kayes",  # a village that nobody recorded may be 100 km from Kayes
        "Bourouboula de Kayes",
        "convoi de Kayes",
        "loin de Kayes",
    ],
)
def test_a_town_at_the_end_is_not_where_it_happened(gazetteer: Gazetteer, text: str) -> None:
    assert asked(gazetteer, PlaceQuery(place=text)).reason == "unknown"


def test_another_place_named_with_a_distance_is_the_place(gazetteer: Gazetteer) -> None:
    found = placed(gazetteer, PlaceQuery(place="Lakamané, à 40 km de Diéma vers Sandaré"))
    assert found.label == "Lakamané"


def test_a_village_nobody_recorded_is_no_misspelt_town_far_from_its_road(
    gazetteer: Gazetteer,
) -> None:
    """Kobri, near Nioro, is one letter from Kouri, 620 km away on the border of Burkina Faso."""
    bare = PlaceQuery(place="Kobri", road="Nioro-Sandare")
    assert asked(gazetteer, bare).reason == "ambiguous"

    near_nioro = Position(15.05, -9.75)
    found = placed(gazetteer, replace(bare, position=near_nioro))
    assert (found.label, found.position) == ("Kobri", near_nioro)


def test_a_misspelt_town_is_meant_where_the_road_names_it(gazetteer: Gazetteer) -> None:
    query = PlaceQuery(place="Kolondiea", road="RN7 Sikasso-Zegoua; Kolondieba")
    assert placed(gazetteer, query).label == "Kolondiéba"


def test_a_town_well_written_and_far_from_the_position_is_asked_whatever_the_road(
    gazetteer: Gazetteer,
) -> None:
    query = PlaceQuery(place="Kouri", road="Nioro-Sandare", position=Position(15.05, -9.75))
    assert "which is right" in asked(gazetteer, query).detail


def test_a_place_far_from_the_kilometre_given_is_asked(gazetteer: Gazetteer) -> None:
    answer = asked(gazetteer, PlaceQuery(place="Sandare", road="RN1", km=12.5))

    assert answer.reason == "ambiguous"
    assert "which is right" in answer.detail
    assert answer.candidates[0].name == "Sandaré"


def test_a_place_near_the_kilometre_given_stays_at_the_kilometre(gazetteer: Gazetteer) -> None:
    found = placed(gazetteer, PlaceQuery(place="Diema", road="Diema-Nioro", km=20.0))

    assert found.how.startswith("km 20 from Diéma to Nioro")


def test_a_distance_from_a_village_that_has_namesakes_counts_from_the_one_meant(
    gazetteer: Gazetteer,
) -> None:
    """Not from the beginning of a road that has nothing to do with it, 350 km away."""
    village = placed(gazetteer, PlaceQuery(place="Kourouma", region="Sikasso"))
    query = PlaceQuery(place="20 km from Kourouma", road="Sikasso-Kourouma", region="Sikasso")

    found = placed(gazetteer, query)

    assert found.how.startswith("km 20 from Kourouma to Sikasso")
    assert distance_km(found.position, village.position) <= 21.0


def test_a_place_in_parentheses_behind_the_road_says_where_on_it(gazetteer: Gazetteer) -> None:
    query = PlaceQuery(place="RN16 Hombori-Gao road", road="RN16 Hombori-Gao (Gossi)")

    assert placed(gazetteer, query).label == "Gossi"


@pytest.mark.parametrize("region", ["Kadiolo / Sikasso", "Sikasso / Kadiolo"])
def test_a_cercle_and_its_region_may_stand_in_either_order(
    gazetteer: Gazetteer, region: str
) -> None:
    assert placed(gazetteer, PlaceQuery(place="Fourou", region=region)).label == "Fourou"


def test_a_place_that_the_road_names_too_is_meant_in_spite_of_a_wrong_cercle(
    gazetteer: Gazetteer,
) -> None:
    query = PlaceQuery(place="Tessit", road="Ansongo-Tessit", region="Ansongo / Gao")

    assert placed(gazetteer, query).label == "Tessit"


def test_a_name_that_begins_with_in_is_no_slip_of_what_follows(gazetteer: Gazetteer) -> None:
    """In Delimane lies 1,300 km from Yélimané."""
    answer = asked(gazetteer, PlaceQuery(place="In Delimane"))

    assert answer.reason == "unknown"
    assert placed(gazetteer, PlaceQuery(place="in Yelimane")).label == "Yélimané"


@pytest.mark.parametrize(
    ("text", "km", "turned"),
    [
        ("15 km W of Diema", 15.0, (0, -1)),
        ("15 km E de Diéma", 15.0, (0, 1)),
        ("Kolokani, 8 km au sud", 8.0, (-1, 0)),
        ("Kolokani (8 km au nord)", 8.0, (1, 0)),
    ],
)
def test_a_distance_with_a_point_of_the_compass(
    gazetteer: Gazetteer, text: str, km: float, turned: tuple[int, int]
) -> None:
    town = placed(gazetteer, PlaceQuery(place="Kolokani" if "Kolokani" in text else "Diéma"))

    spot = placed(gazetteer, PlaceQuery(place=text)).position

    assert distance_km(town.position, spot) == pytest.approx(km, rel=0.01)
    north, east = spot.lat - town.position.lat, spot.lon - town.position.lon
    assert north * turned[0] + east * turned[1] > max(abs(north), abs(east)) * 0.99


def test_before_a_town_ahead_is_not_on_the_way_beyond_it(gazetteer: Gazetteer) -> None:
    """Who heads for Nioro and is 30 km before Diéma has Diéma ahead; beyond it is Nioro's side."""
    assert asked(gazetteer, PlaceQuery(place="30 km avant Diéma vers Nioro")).reason == "ambiguous"
    beyond = PlaceQuery(place="30 km après Kayes en venant de Bamako")
    assert asked(gazetteer, beyond).reason == "ambiguous"


@pytest.mark.parametrize(
    "text",
    [
        "Kassela, RN6",
        "Kassela (RN6)",
        "Kassela on RN6",
        "Kassela le long de la RN6",
        "Kasséla, sur la route nationale 6",
        "Kassela, Bamako-Ségou road",
    ],
)
def test_the_road_given_with_a_name_tells_namesakes_apart(gazetteer: Gazetteer, text: str) -> None:
    assert asked(gazetteer, PlaceQuery(place="Kassela")).reason == "ambiguous"

    found = placed(gazetteer, PlaceQuery(place=text))

    _, km_off = gazetteer.network.corridor_km("ML-RN6", found.position)
    assert (found.label, km_off < 5.0) == ("Kasséla", True)


def test_the_number_of_the_road_filed_tells_namesakes_apart(gazetteer: Gazetteer) -> None:
    by_number = placed(gazetteer, PlaceQuery(place="Kassela", road="RN6"))
    heading = placed(gazetteer, PlaceQuery(place="5 km after Kassela towards Segou"))

    assert distance_km(by_number.position, heading.position) == pytest.approx(5.0, abs=1.0)


@pytest.mark.parametrize(
    ("text", "a", "b"),
    [
        ("à mi-chemin entre Sandaré et Diéma", "Sandaré", "Diéma"),
        ("halfway between Kayes and Diema", "Kayes", "Diéma"),
        ("mi-chemin Diéma Nioro", "Diéma", "Nioro"),
    ],
)
def test_halfway_is_the_middle_of_the_road(gazetteer: Gazetteer, text: str, a: str, b: str) -> None:
    found = placed(gazetteer, PlaceQuery(place=text))
    ends = [placed(gazetteer, PlaceQuery(place=name)).position for name in (a, b)]

    first, second = (distance_km(found.position, end) for end in ends)
    assert first == pytest.approx(second, rel=0.25)
    assert found.radius_km < 0.2 * (first + second)


def test_the_border_of_a_country_is_not_the_whole_country(gazetteer: Gazetteer) -> None:
    assert asked(gazetteer, PlaceQuery(place="vers la frontière du Sénégal")).reason == "unknown"
    assert placed(gazetteer, PlaceQuery(place="Sénégal")).area == "country:SN"


def test_a_place_nobody_recorded_is_not_some_village_one_letter_away(gazetteer: Gazetteer) -> None:
    """The dam of Gouina is near Kayes, the village of Gouana 460 km from it."""
    answer = asked(gazetteer, PlaceQuery(place="Gouina"))

    assert answer.reason == "unknown"
    assert [candidate.name for candidate in answer.candidates] == ["Gouana"]
    assert placed(gazetteer, PlaceQuery(place="Gouina", region="Dioila")).label == "Gouana"


@pytest.mark.parametrize(
    ("text", "km"),
    [
        ("Diéma", None),
        ("gendarmerie de Diéma", None),
        ("près de Diéma", 0),
        ("2 km de Diéma", 0),
        ("5 km de Diéma", 5),
        ("au sud de Diéma", 0),
        ("30 km au nord-est de Bougouni", 30),
        ("12 km de Kayes vers Diéma", 12),
        ("Kolokani, 2 km au sud", 0),
        ("Sandaré-Diéma", None),
        ("région de Kayes", None),
    ],
)
def test_how_far_it_is_from_the_place_it_is_called_after(
    gazetteer: Gazetteer, text: str, km: int | None
) -> None:
    assert placed(gazetteer, PlaceQuery(place=text)).km_from_place == km


def test_what_is_counted_from_a_town_is_called_after_the_town(gazetteer: Gazetteer) -> None:
    """A driver knows Kayes; the village nearest to the spot is known to those who live there."""
    found = placed(gazetteer, PlaceQuery(place="20 km de Kayes vers Diéma"))

    assert (found.label, found.km_from_place) == ("Kayes", 20)
    assert found.place_id is None
    kayes = placed(gazetteer, PlaceQuery(place="Kayes")).position
    assert distance_km(found.position, kayes) == pytest.approx(20, rel=0.25)


@pytest.mark.parametrize(("off", "km"), [(0.01, None), (0.06, 0), (0.16, 20)])
def test_a_bare_position_is_near_the_place_it_is_called_after_or_in_it(
    gazetteer: Gazetteer, off: float, km: int | None
) -> None:
    tessalit = placed(gazetteer, PlaceQuery(place="Tessalit")).position

    found = placed(gazetteer, PlaceQuery(position=replace(tessalit, lat=tessalit.lat + off)))

    assert (found.label, found.km_from_place) == ("Tessalit", km)


def test_a_position_is_called_after_a_town_not_after_a_quarter_of_it(gazetteer: Gazetteer) -> None:
    """The middle of Bamako as newspapers have it is that of its quarter Médina Koura."""
    found = placed(gazetteer, PlaceQuery(position=Position(12.65, -8.0)))

    assert (found.label, found.km_from_place) == ("Bamako", 0)


def test_an_estimate_of_where_it_was_is_not_in_the_place_nearest_to_it(
    gazetteer: Gazetteer,
) -> None:
    tessalit = placed(gazetteer, PlaceQuery(place="Tessalit")).position

    found = placed(gazetteer, PlaceQuery(position=tessalit, precision="area estimate"))

    assert (found.label, found.km_from_place) == ("Tessalit", 0)


def test_a_position_out_of_the_town_named_is_so_far_from_it(gazetteer: Gazetteer) -> None:
    kayes = placed(gazetteer, PlaceQuery(place="Kayes")).position
    out_of_town = replace(kayes, lat=kayes.lat + 0.27)

    found = placed(gazetteer, PlaceQuery(place="Kayes", position=out_of_town))

    assert (found.label, found.km_from_place) == ("Kayes", 30)


def test_distance_from_a_town_amid_the_road_named_is_asked(gazetteer: Gazetteer) -> None:
    answer = asked(gazetteer, PlaceQuery(place="15 km de Fana sur la route Bamako-Fana-Ségou"))

    assert answer.detail == "15 km from Fana, on which road?"


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Kéleya, entre Bougouni et Bamako", "Kéléya"),
        ("à Koumantou, entre Bougouni et Sikasso", "Koumantou"),
        ("Kaniera, between Kayes and Diema", "Kaniéra"),
        ("convoi attaqué, entre Diboli et Kayes", "Diboli - Kayes"),
        ("Between Bougouni and Sikasso", "Bougouni - Sikasso"),
    ],
)
def test_village_named_before_the_towns_it_lies_between_is_the_spot(
    gazetteer: Gazetteer, text: str, label: str
) -> None:
    assert placed(gazetteer, PlaceQuery(place=text)).label == label


def test_village_that_does_not_lie_between_the_towns_named_is_asked(gazetteer: Gazetteer) -> None:
    answer = asked(gazetteer, PlaceQuery(place="Konna, entre Bougouni et Sikasso"))

    assert "Bougouni - Sikasso" in answer.detail
