"""The shipped network: sections, areas, reach, and the documented distances."""

import math
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from app.core.errors import ConfigError
from app.roads.gazetteer import Gazetteer
from app.roads.geometry import Position, distance_to_line_km, offset
from app.roads.loading import load_network
from app.roads.network import Network
from app.roads.places import Location, Shape

LAKAMANE = Position(14.5095, -9.9099)


def place_id(network: Network, name: str) -> str:
    return next(p.id for p in network.places.values() if p.name == name)


def test_a_region_of_many_places_is_in_memory_once(network: Network) -> None:
    regions = [place.region for place in network.places.values()]

    assert len({id(region) for region in regions}) == len(set(regions))


@pytest.mark.parametrize(
    ("start", "end", "km"),
    [
        ("Bamako", "Kayes", 614),
        ("Bamako", "Ségou", 235),
        ("Bamako", "Sikasso", 364),
        ("Bamako", "Mopti", 635),
        ("Bamako", "Gao", 1_192),
        ("Sikasso", "Ségou", 293),
        ("Ségou", "Mopti", 396),
        ("Mopti", "Gao", 582),
        ("Bamako", "Abidjan", 1_238),
    ],
)
def test_distances_along_the_road_are_the_documented_ones(
    network: Network, gazetteer: Gazetteer, start: str, end: str, km: float
) -> None:
    way = gazetteer.stretches.way(place_id(network, start), place_id(network, end))
    assert way is not None
    assert way[1] == pytest.approx(km, rel=0.035)


def test_northern_corridor_is_as_long_as_documented(network: Network) -> None:
    assert network.corridors["ML-DKR-N"].length_km == pytest.approx(1_387, rel=0.035)


def test_sections_are_at_most_about_fifty_km(network: Network) -> None:
    assert max(section.km for section in network.sections.values()) <= 60.0


def test_sections_of_a_corridor_cover_it_without_gap(network: Network) -> None:
    for corridor in network.corridors.values():
        ends = [0.0, *(end for _, end in corridor.section_km)]
        starts = [start for start, _ in corridor.section_km]
        assert starts == pytest.approx(ends[:-1], abs=0.01)
        assert ends[-1] == pytest.approx(corridor.length_km, abs=0.01)


def test_sections_follow_one_another_on_the_ground(network: Network) -> None:
    for corridor in network.corridors.values():
        lines = [network.sections[i].line for i in corridor.section_ids]
        for a, b in pairwise(lines):
            assert {a[0], a[-1]} & {b[0], b[-1]}, corridor.code


def test_section_ids_name_their_ends_in_sorted_order(network: Network) -> None:
    for section in network.sections.values():
        first, second = section.id.split("~")[:2]
        assert (first, second) == (section.start, section.end)
        assert first < second
        if section.part == (1, 1):
            assert section.line[0] == network.places[section.start].position
            assert section.line[-1] == network.places[section.end].position


def test_corridors_share_sections(network: Network) -> None:
    shared = set(network.corridors["ML-RN7"].section_ids) & set(
        network.corridors["ML-ABJ"].section_ids
    )
    assert sum(network.sections[i].km for i in shared) > 300.0
    assert all({"ML-RN7", "ML-ABJ"} <= set(network.routes_of(i)) for i in shared)


def test_every_main_stop_ends_a_section(network: Network) -> None:
    ends = {end for s in network.sections.values() for end in (s.start, s.end)}
    assert network.main_stops <= ends


def test_only_documented_road_numbers_are_kept(network: Network) -> None:
    numbers = {section.road for section in network.sections.values()}
    assert numbers == {None, "RN1", "RN3", "RN6", "RN7", "RN16", "RN30"}


def test_rn6_ends_at_sevare(network: Network) -> None:
    last = network.sections[network.corridors["ML-RN6"].section_ids[-1]]
    assert {last.start_name, last.end_name} == {"Sévaré", "Mopti"}
    assert last.road is None


def test_stretch_near_lakamane_is_on_rn1_in_kayes(network: Network) -> None:
    near = network.sections_within(LAKAMANE, 5.0)
    assert near
    section = network.sections[near[0][0]]
    assert section.road == "RN1"
    assert {"country:ML", "region:ML/Kayes", "cercle:ML/Kayes/Diema"} <= section.areas
    assert "Lakamané" in network.stretch_names(section.id)


def test_distances_to_sections_agree_however_asked(network: Network) -> None:
    for section_id, km in network.sections_within(LAKAMANE, 120.0):
        assert network.distance_to_section_km(LAKAMANE, section_id) == pytest.approx(km)


def test_area_reaches_all_its_sections_at_no_distance(network: Network) -> None:
    area = Location(
        shape=Shape.AREA, position=LAKAMANE, radius_km=0.0, label="", area="region:ML/Kayes"
    )
    reached = network.reach(area, 20.0)
    assert set(reached) == set(network.sections_in("region:ML/Kayes"))
    assert set(reached.values()) == {0.0}
    assert all("region:ML/Kayes" in network.sections[i].areas for i in reached)


@pytest.mark.parametrize("count", [1, 4, 9])
def test_stretch_reaches_its_sections_and_what_lies_near_its_middle(
    network: Network, count: int
) -> None:
    """What was done somewhere between two towns was not done in them."""
    named = network.corridors["ML-DKR-N"].section_ids[14 - count : 14 + count]
    road = Location(
        shape=Shape.ROAD, position=LAKAMANE, radius_km=20.0, label="", section_ids=named
    )

    reached = network.reach(road, 60.0)

    assert all(reached.pop(one) == 0.0 for one in named)
    assert all(
        km == pytest.approx(network.distance_to_section_km(LAKAMANE, one)) and km <= 60.0
        for one, km in reached.items()
    )


def test_corridors_with_other_stops_on_one_road_are_one_road(network: Network) -> None:
    """Both go by Kolokani, and only one of them has a stop there."""
    north, nioro = (set(network.corridors[code].section_ids) for code in ("ML-DKR-N", "ML-RN4"))
    by_kolokani = [one for one in north if "Kolokani" in network.stretch_names(one)]

    road = network.same_road(by_kolokani)

    assert set(by_kolokani) < set(road) <= north | nioro
    assert not nioro.isdisjoint(road)


def test_roads_that_only_meet_are_not_one(network: Network) -> None:
    """At Bamako, Kayes and Sévaré many begin side by side."""
    alone = {
        code: set(network.corridors[code].section_ids)
        for code in ("ML-RN6", "ML-RN7", "ML-RN5", "ML-NARA", "ML-KYS-KEN", "ML-KYS-KTA", "ML-RN15")
    }
    for code, own in alone.items():
        beside = {
            route
            for one in network.same_road(sorted(own))
            if one not in own
            for route in network.routes_of(one)
        }
        assert beside.isdisjoint(alone.keys() - {code})


def test_point_reaches_what_is_within_and_nothing_else(network: Network) -> None:
    point = Location(shape=Shape.POINT, position=LAKAMANE, radius_km=2.0, label="")
    reached = network.reach(point, 60.0)
    for section in network.sections.values():
        km = distance_to_line_km(LAKAMANE, section.line)
        assert (section.id in reached) == (km <= 60.0)


def test_several_places_reach_what_each_of_them_does(network: Network) -> None:
    here = Location(shape=Shape.POINT, position=LAKAMANE, radius_km=2.0, label="")
    there = replace(here, position=Position(LAKAMANE.lat, LAKAMANE.lon + 0.3))

    both = network.reach_any((here, there), 20.0)

    one, other = network.reach(here, 20.0), network.reach(there, 20.0)
    assert both.keys() == one.keys() | other.keys()
    for section_id, km in both.items():
        assert km == min(one.get(section_id, km), other.get(section_id, km))


def test_kilometres_along_a_route_are_those_of_its_stops(network: Network) -> None:
    kayes = place_id(network, "Kayes")
    km = network.stop_km("ML-DKR-N", kayes)
    assert km == 613.3
    assert network.position_at("ML-DKR-N", km) == network.places[kayes].position


def test_kilometre_beyond_the_end_is_refused(network: Network) -> None:
    with pytest.raises(ValueError, match="not on it"):
        network.position_at("ML-RN6", 900.0)


def test_place_on_route_is_found_by_position(network: Network) -> None:
    aside = offset(network.position_at("ML-RN6", 100.0), 0.0, 5.0)
    along, off = network.corridor_km("ML-RN6", aside)
    assert along == pytest.approx(100.0, abs=5.0)
    assert off <= 5.5


def test_section_knows_its_kilometres_on_a_route(network: Network) -> None:
    corridor = network.corridors["ML-RN16"]
    spans = [network.km_on_route(i, "ML-RN16") for i in corridor.section_ids]
    assert spans == list(corridor.section_km)
    with pytest.raises(KeyError):
        network.km_on_route(corridor.section_ids[0], "ML-DKR-N")


FILES = {
    "places.csv": (
        "place_id,name,alt_names,country,region,cercle,lat,lon,population,feature\n"
        "a,Aa,,ML,Kayes,Kayes,14.0,-9.0,,\nb,Bb,,ML,Kayes,Kayes,14.0,-8.0,,\n"
        "c,Cc,,ML,Kayes,Kayes,14.0,-7.0,,\n"
    ),
    "gazetteer.csv": "place_id,name,alt_names,country,region,cercle,lat,lon,population,feature\n",
    "corridors.csv": "corridor,title,road_refs,length_km\nR,Aa - Cc,RN1,216\n",
    "corridor_stops.csv": (
        "corridor,seq,km,place_id,name,main_stop,leg_to_next\n"
        "R,1,0,a,Aa,1,surveyed\nR,2,50,b,Bb,1,schematic\nR,3,216,c,Cc,1,\n"
    ),
    "countries.toml": (
        '[ML]\nnames = ["Mali"]\nbox = { south = 10, west = -13, north = 25, east = 5 }\n'
    ),
    "divisions.toml": "",
    "roads.toml": '[[road]]\nnumber = "RN1"\ncorridor = "R"\nfrom = "a"\nto = "b"\n',
}


def written(directory: Path) -> Path:
    for name, text in FILES.items():
        (directory / name).write_text(text, encoding="utf-8")
    return directory


def test_long_leg_without_stops_is_cut_in_equal_parts(tmp_path: Path) -> None:
    network = load_network(written(tmp_path))
    parts = [s for s in network.sections.values() if s.part != (1, 1)]
    assert [s.id for s in parts] == ["b~c~1", "b~c~2", "b~c~3", "b~c~4"]
    assert all(math.isclose(s.km, 41.5) and s.schematic and s.road is None for s in parts)
    assert network.sections["a~b"].road == "RN1"


@pytest.mark.parametrize(
    ("name", "before", "after", "said"),
    [
        ("places.csv", "14.0,-8.0", "x,-8.0", "places.csv, line 3"),
        ("places.csv", "14.0,-8.0", "140,-8.0", "not on Earth"),
        ("corridor_stops.csv", "R,3,216,c", "R,3,216,z", "corridor_stops.csv, line 4"),
        ("corridor_stops.csv", "R,3,216", "R,3,21", "must not fall"),
        ("corridors.csv", "R,Aa", "S,Aa", "corridors.csv, line 2"),
        ("roads.toml", 'to = "b"', 'to = "z"', "roads.toml, road RN1"),
        ("roads.toml", 'from = "a"', 'from = "c"', "before `to`"),
        ("countries.toml", "south = 10", "south = 'x'", "countries.toml, ML"),
        ("countries.toml", "[ML]", "[ML", "countries.toml"),
        ("countries.toml", "names", "name", "countries.toml, ML: 'names' is missing"),
        ("roads.toml", "number", "numbr", "roads.toml, road: 'number' is missing"),
        (
            "places.csv",
            "place_id,name",
            "place,nom",
            "line 1: the column place_id, name is",
        ),
        ("corridor_stops.csv", ",", ";", "line 1: the column corridor, place_id, km"),
        ("corridor_stops.csv", "R,3,216,c,Cc,1,", "R,3,216,c", "line 4: the row ends too early"),
        ("corridors.csv", "corridor,", "code,", "corridors.csv, line 1: the column corridor"),
    ],
)
def test_wrong_files_are_refused_by_name(
    tmp_path: Path, name: str, before: str, after: str, said: str
) -> None:
    path = written(tmp_path) / name
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(ConfigError, match=said):
        load_network(tmp_path)


def test_a_row_cut_short_and_letters_of_another_code_are_told_by_line(tmp_path: Path) -> None:
    places = written(tmp_path) / "places.csv"
    text = places.read_text(encoding="utf-8")
    places.write_text(text[: text.rindex(",ML")], encoding="utf-8")
    with pytest.raises(ConfigError, match=r"places\.csv, line \d+: the row ends too early"):
        load_network(tmp_path)

    places.write_bytes(text.replace("Aa", "Aé").encode("latin-1"))
    with pytest.raises(ConfigError, match=r"places\.csv, line 2: not UTF-8"):
        load_network(tmp_path)


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"divisions\.toml: No such file"):
        load_network(tmp_path)
