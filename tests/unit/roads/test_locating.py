"""What reporters write, and where it is."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.roads.gazetteer import Gazetteer
from app.roads.geometry import Position, distance_km, offset
from app.roads.locating import locate
from app.roads.places import Location, Place, PlaceQuery, Shape, Unplaced
from app.roads.placing import at_position
from tests.harness.roads import asked, far_off, placed

LAKAMANE = Position(14.5095, -9.9099)
KAYES = Position(14.44693, -11.44448)
BAMAKO = Position(12.65, -8.0)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Lakamané", "Lakamané"),
        ("Lakamane", "Lakamané"),
        ("LAKAMANE", "Lakamané"),
        ("lakamané ", "Lakamané"),
        ("Lakamne", "Lakamané"),
        ("Lakaamne", "Lakamané"),
        ("Segou", "Ségou"),
        ("Timbuktu", "Tombouctou"),
        ("Tombouctou", "Tombouctou"),
        ("Menaka", "Ménaka"),
        ("Nioro du Sahel", "Nioro"),
        ("Kani Bonzon", "Kani-Bonzon"),
        ("kani-bonzon", "Kani-Bonzon"),
        ("Bobo Dioulasso", "Bobo-Dioulasso"),
        ("pont de Dabi", "Dabi"),
        ("Dabi bridge", "Dabi"),
        ("ville de Kayes", "Kayes"),
        ("Kayes, quartier Légal Ségou", "Kayes"),
        ("Gawo", "Gao"),
    ],
)
def test_names_are_found_however_they_are_spelt(
    gazetteer: Gazetteer, text: str, label: str
) -> None:
    found = placed(gazetteer, PlaceQuery(place=text))
    assert found.shape is Shape.POINT
    assert found.label == label


def test_misspelt_name_is_told_as_such(gazetteer: Gazetteer) -> None:
    assert placed(gazetteer, PlaceQuery(place="Lakamne")).how == "slip of one letter: Lakamne"


@pytest.mark.parametrize(
    "text", ["entre Diboli et Kayes", "Diboli-Kayes", "between Diboli and Kayes", "Diboli - Kayes",
             "axe Diboli \u2013 Kayes", "RN1 Diboli-Kayes", "Diboli-Kayes road",
             "route Diboli-Kayes", "de Diboli à Kayes", "from Diboli to Kayes"]
)  # fmt: skip
def test_stretches_are_understood(gazetteer: Gazetteer, text: str) -> None:
    found = placed(gazetteer, PlaceQuery(place=text))
    assert found.shape is Shape.ROAD
    assert found.label == "Diboli - Kayes"
    network = gazetteer.network
    assert len(found.section_ids) == 2
    assert set(found.section_ids) <= set(network.corridors["ML-DKR-N"].section_ids)
    assert min(network.distance_to_section_km(found.position, i) for i in found.section_ids) < 1.0
    assert found.radius_km == pytest.approx(46.2, abs=1.0)


@pytest.mark.parametrize(
    "query",
    [
        PlaceQuery(place="RN1 PK 340 vers Kayes"),
        PlaceQuery(road="RN1 PK 340 vers Kayes"),
        PlaceQuery(place="PK 340 RN1", road="RN1"),
        PlaceQuery(place="RN1 340"),
        PlaceQuery(place="rn 1, 340 km vers Kayes"),
        PlaceQuery(road="RN1", km=340.0, towards="Kayes"),
        PlaceQuery(road="RN 1", km=340.0),
        PlaceQuery(road="ML-DKR-N", km=340.0),
        PlaceQuery(road="Bamako-Kayes", km=340.0),
        PlaceQuery(road="Kayes-Bamako", km=340.0, towards="Kayes"),
    ],
)
def test_road_and_kilometre_are_a_spot(gazetteer: Gazetteer, query: PlaceQuery) -> None:
    found = placed(gazetteer, query)
    diema = next(p for p in gazetteer.network.places.values() if p.name == "Diéma")
    assert distance_km(found.position, diema.position) < 4.0


@pytest.mark.parametrize("first", ["Bamako", "Bamako, Mali", "Bamko"])
def test_kilometre_counts_from_the_other_end_towards_the_first(
    gazetteer: Gazetteer, first: str
) -> None:
    found = placed(gazetteer, PlaceQuery(road="RN1", km=92.4, towards=first))
    assert distance_km(found.position, KAYES) < 2.0


@pytest.mark.parametrize(
    ("query", "said"),
    [
        (PlaceQuery(road="RN99", km=10.0), "RN99"),
        (PlaceQuery(road="RN6", km=4_000.0), "km long"),
        (PlaceQuery(road="RN6", km=-5.0), "below 0"),
        (PlaceQuery(road="RN1", km=92.4, towards="Xyzzyplugh"), "'Xyzzyplugh'"),
        (PlaceQuery(road="Diboli-Kayes", km=500.0), "not on it"),
    ],
)
def test_kilometre_that_is_on_no_road_is_asked(
    gazetteer: Gazetteer, query: PlaceQuery, said: str
) -> None:
    assert said in asked(gazetteer, query).detail


@pytest.mark.parametrize("road", ["RN1", "route de Ségou"])
def test_a_road_alone_is_asked_where_on_it(gazetteer: Gazetteer, road: str) -> None:
    assert asked(gazetteer, PlaceQuery(road=road)).detail.startswith(f"Where on {road!r}?")


@pytest.mark.parametrize(
    ("query", "area", "label"),
    [
        (PlaceQuery(region="Kayes"), "region:ML/Kayes", "région de Kayes"),
        (PlaceQuery(region="segou"), "region:ML/Segou", "région de Ségou"),
        (PlaceQuery(region="Nioro"), "cercle:ML/Kayes/Nioro", "cercle de Nioro"),
        (PlaceQuery(region="Diema / Nioro (ex-Kayes)"), "cercle:ML/Kayes/Diema", "cercle de Diéma"),
        (PlaceQuery(place="région de Kayes"), "region:ML/Kayes", "région de Kayes"),
        (PlaceQuery(place="Timbuktu region"), "region:ML/Tombouctou", "région de Tombouctou"),
        (PlaceQuery(place="cercle d'Ansongo"), "cercle:ML/Gao/Ansongo", "cercle d'Ansongo"),
        (PlaceQuery(place="Mali"), "country:ML", "Mali"),
        (PlaceQuery(place="Kayes", precision="region proxy"), "region:ML/Kayes", "région de Kayes"),
        (
            PlaceQuery(place="Not given", region="Menaka / Liptako", precision="region proxy"),
            "cercle:ML/Gao/Menaka",
            "cercle de Ménaka",
        ),
        (
            PlaceQuery(position=KAYES, precision="region proxy"),
            "region:ML/Kayes",
            "région de Kayes",
        ),
    ],
)  # fmt: skip
def test_areas_are_understood(
    gazetteer: Gazetteer, query: PlaceQuery, area: str, label: str
) -> None:
    found = placed(gazetteer, query)
    assert (found.shape, found.area, found.label) == (Shape.AREA, area, label)


def test_town_that_gives_its_name_to_a_region_is_the_town(gazetteer: Gazetteer) -> None:
    assert placed(gazetteer, PlaceQuery(place="Kayes")).shape is Shape.POINT


def test_area_of_a_location_has_sections(gazetteer: Gazetteer) -> None:
    found = placed(gazetteer, PlaceQuery(region="Kayes"))
    assert found.area is not None
    assert len(gazetteer.network.sections_in(found.area)) > 20


def test_displaced_position_yields_to_the_place_named(gazetteer: Gazetteer) -> None:
    aside = offset(LAKAMANE, 130.0, 11.9)
    found = placed(gazetteer, PlaceQuery(place="Lakamane", position=aside))
    assert distance_km(found.position, LAKAMANE) < 0.1


def test_position_stands_for_a_name_nobody_knows(gazetteer: Gazetteer) -> None:
    found = placed(gazetteer, PlaceQuery(place="TINTIBOUGOULA", position=Position(14.2, -10.6)))
    assert found.position == Position(14.2, -10.6)
    assert (found.label, found.how) == ("Tintibougoula", "position; name not known")
    assert found.region == "Kayes"
    near, km = gazetteer.nearest(found.position, 30.0) or pytest.fail("no place near it")
    assert found.told == (near.name, 5 * round(km / 5))


@pytest.mark.parametrize("label", ["Kayes", "kayes", "Kayes - Sadiola"])
def test_a_name_that_is_known_is_told_as_it_is(gazetteer: Gazetteer, label: str) -> None:
    found = at_position(offset(KAYES, 90.0, 35.0), gazetteer, "position", label=label)
    assert found.told == (label, None)


def test_position_out_of_town_is_kept(gazetteer: Gazetteer) -> None:
    aside = offset(KAYES, 90.0, 35.0)
    found = placed(gazetteer, PlaceQuery(place="Kayes", position=aside))
    assert found.position == aside


def test_position_chooses_among_namesakes(gazetteer: Gazetteer) -> None:
    namesakes = [m.place for m in gazetteer.names.exact("farabougou")]
    assert namesakes
    for place in namesakes:
        near = offset(place.position, 200.0, 10.0)
        found = placed(gazetteer, PlaceQuery(place="Farabougou", position=near))
        assert distance_km(found.position, place.position) < 12.0


def test_town_far_from_the_position_is_asked_with_both(gazetteer: Gazetteer) -> None:
    answer = asked(gazetteer, PlaceQuery(place="Kayes", position=BAMAKO))
    assert answer.reason == "ambiguous"
    assert answer.candidates[0].name == "Kayes"
    assert any(distance_km(c.position, BAMAKO) < 20.0 for c in answer.candidates)


def test_region_settles_a_conflict_of_name_and_position(gazetteer: Gazetteer) -> None:
    query = PlaceQuery(place="Kayes", region="Bamako District", position=BAMAKO)
    assert placed(gazetteer, query).position == BAMAKO


@pytest.mark.parametrize(
    ("place", "label"),
    [("Bamako", "district de Bamako"), ("Dakar", "région de Dakar"), ("Kayes", "région de Kayes")],
)
def test_only_the_capital_of_mali_is_a_district(
    gazetteer: Gazetteer, place: str, label: str
) -> None:
    query = PlaceQuery(place=place, precision="region proxy")
    assert placed(gazetteer, query).label == label


def test_village_named_far_from_the_position_is_a_namesake(gazetteer: Gazetteer) -> None:
    query = PlaceQuery(place="Dandoko", position=Position(14.8921, -6.1414))
    assert placed(gazetteer, query).position == query.position


def test_village_outside_the_region_filed_is_asked(gazetteer: Gazetteer) -> None:
    answer = asked(gazetteer, PlaceQuery(place="Dandoko", region="Niono / Segou"))
    assert answer.reason == "ambiguous"
    assert "Dandoko" in [c.name for c in answer.candidates]


def test_swapped_position_is_refused_and_said(gazetteer: Gazetteer) -> None:
    answer = asked(gazetteer, PlaceQuery(position=Position(LAKAMANE.lon, LAKAMANE.lat)))
    assert answer.reason == "outside"
    assert "swapped" in answer.detail


@pytest.mark.parametrize(
    "position",
    [Position(48.8, 2.3), Position(math.nan, 0.0), Position(math.inf, 0.0), Position(91.0, 181.0)],
)
def test_position_elsewhere_is_refused(gazetteer: Gazetteer, position: Position) -> None:
    answer = asked(gazetteer, PlaceQuery(place="Kayes", position=position))
    assert answer.reason == "outside"
    assert "swapped" not in answer.detail
    assert answer.candidates[0].name == "Kayes"


def test_position_alone_is_called_after_the_place_near_it(gazetteer: Gazetteer) -> None:
    found = placed(gazetteer, PlaceQuery(position=offset(LAKAMANE, 0.0, 6.0)))
    assert found.label == "Lakamané"
    assert found.how == "position, 6 km from Lakamané"


def namesakes_apart(gazetteer: Gazetteer) -> list[Place]:
    """Return places of Mali that share their name with one other, far away."""
    by_name: dict[str, list[Place]] = {}
    for place in gazetteer.places.values():
        if place.country == "ML" and place.cercle:
            by_name.setdefault(place.name, []).append(place)
    pairs = [pair for pair in by_name.values() if len(pair) == 2]
    apart = [p for p in pairs if distance_km(p[0].position, p[1].position) > 150.0]
    assert len(apart) > 20
    return [place for pair in apart for place in pair]


def test_region_chooses_among_namesakes(gazetteer: Gazetteer) -> None:
    for place in namesakes_apart(gazetteer):
        query = PlaceQuery(place=place.name, region=f"{place.cercle} / {place.region}")
        assert not far_off(gazetteer, place, query), place


def test_parentheses_choose_among_namesakes(gazetteer: Gazetteer) -> None:
    places = namesakes_apart(gazetteer)
    queries = [PlaceQuery(place=f"{place.name} ({place.cercle})") for place in places]
    assert not any(map(far_off, [gazetteer] * len(places), places, queries))
    found = [isinstance(locate(query, gazetteer), Location) for query in queries]
    assert sum(found) > 0.9 * len(found)


def test_area_without_charted_places_is_around_its_town(gazetteer: Gazetteer) -> None:
    query = PlaceQuery(place="Boundiali", region="Boundiali / Bagoue (Cote d'Ivoire)")
    assert placed(gazetteer, query).label == "Boundiali"


def test_road_chooses_among_namesakes(gazetteer: Gazetteer) -> None:
    assert isinstance(locate(PlaceQuery(place="Segala"), gazetteer), Unplaced)
    found = placed(gazetteer, PlaceQuery(place="Segala", road="RN1 Kayes-Diema"))
    assert distance_km(found.position, Position(14.5638, -10.9746)) < 2.0


def test_two_slips_are_only_offered(gazetteer: Gazetteer) -> None:
    answer = asked(gazetteer, PlaceQuery(place="Lakmne"))
    assert "Lakamané" in [c.name for c in answer.candidates]


def test_two_slips_are_believed_when_the_road_has_the_name(gazetteer: Gazetteer) -> None:
    query = PlaceQuery(place="Lakmne", road="RN1 Kayes-Diema (Lakamane)")
    assert placed(gazetteer, query).label == "Lakamané"


def test_unknown_name_falls_back_on_a_short_road_given_with_it(gazetteer: Gazetteer) -> None:
    found = placed(gazetteer, PlaceQuery(place="Zobekoro (Gao-Ansongo road)"))
    assert (found.shape, found.label) == (Shape.ROAD, "Gao - Ansongo")


def test_unknown_name_on_a_long_road_is_asked(gazetteer: Gazetteer) -> None:
    assert (
        asked(gazetteer, PlaceQuery(place="Zobekoro", road="RN1 Bamako-Kayes")).reason == "unknown"
    )


def test_long_road_is_asked_with_its_towns(gazetteer: Gazetteer) -> None:
    answer = asked(gazetteer, PlaceQuery(place="Bamako-Kayes"))
    assert "613 km" in answer.detail
    assert {"Didiéni", "Lakamané"} & {c.name for c in answer.candidates}


def test_place_in_parentheses_says_where_on_the_road(gazetteer: Gazetteer) -> None:
    found = placed(gazetteer, PlaceQuery(place="Kayes-Diema road (Lakamane)"))
    assert found.label == "Lakamané"


def test_long_road_is_cut_to_the_region_filed(gazetteer: Gazetteer) -> None:
    part = placed(gazetteer, PlaceQuery(place="Segou-Bamako road", region="Baroueli / Segou"))
    assert set(part.section_ids) < set(gazetteer.network.corridors["ML-RN6"].section_ids)
    assert part.radius_km < 60.0


def test_road_alone_is_its_sections(gazetteer: Gazetteer) -> None:
    found = placed(gazetteer, PlaceQuery(road="RN1 Kayes-Diema"))
    assert found.shape is Shape.ROAD
    assert len(found.section_ids) >= 5


def test_distance_and_direction_from_a_town(gazetteer: Gazetteer) -> None:
    found = placed(gazetteer, PlaceQuery(place="12 km au nord de Kayes"))
    kayes = placed(gazetteer, PlaceQuery(place="Kayes")).position
    assert distance_km(found.position, kayes) == pytest.approx(12.0, abs=0.01)
    assert found.position.lat > kayes.lat


@pytest.mark.parametrize(
    ("about", "km"), [("à une trentaine de kilomètres", 30), ("Une cinquantaine de km", 50)]
)
def test_distance_in_round_tens_is_a_number(gazetteer: Gazetteer, about: str, km: int) -> None:
    words, number = (
        placed(gazetteer, PlaceQuery(place=f"{said} de Kayes vers Diboli"))
        for said in (about, f"{km} km")
    )
    assert (words.position, words.aside_km) == (number.position, km)


def test_distance_along_the_road_given(gazetteer: Gazetteer) -> None:
    found = placed(gazetteer, PlaceQuery(place="40 km from Bamako", road="RN6 Bamako-Segou"))
    along, off = gazetteer.network.corridor_km("ML-RN6", found.position)
    assert along == pytest.approx(40.0, abs=1.0)
    assert off < 0.5


def test_distance_without_direction_is_asked(gazetteer: Gazetteer) -> None:
    answer = asked(gazetteer, PlaceQuery(place="40 km from Bamako"))
    assert "which road" in answer.detail
    assert len(answer.candidates) > 2


@pytest.mark.parametrize("query", [PlaceQuery(), PlaceQuery(place=""), PlaceQuery(place="  ")])
def test_nothing_said_is_asked(gazetteer: Gazetteer, query: PlaceQuery) -> None:
    assert asked(gazetteer, query).reason == "unknown"


@given(
    st.builds(
        PlaceQuery,
        place=st.none() | st.text(max_size=400),
        road=st.none() | st.text(max_size=60),
        region=st.none() | st.text(max_size=60),
        km=st.none() | st.floats(allow_nan=True),
        towards=st.none() | st.text(max_size=20),
        position=st.none() | st.builds(Position, st.floats(), st.floats()),
        precision=st.none() | st.sampled_from(["town", "region proxy", "area estimate"]),
    )
)
def test_any_text_gets_an_answer(gazetteer: Gazetteer, query: PlaceQuery) -> None:
    answer = locate(query, gazetteer)
    if isinstance(answer, Location):
        assert gazetteer.network.holds(answer.position)


def test_the_same_query_gets_the_same_answer_and_memory_is_bounded(gazetteer: Gazetteer) -> None:
    query = PlaceQuery(place="Lakamane")
    first = locate(query, gazetteer)
    for number in range(10_000):
        locate(PlaceQuery(place=f"Zzz{number % 50}x", region=str(number)), gazetteer)
    assert locate(query, gazetteer) == first
    assert len(gazetteer.memo) <= 8_192
