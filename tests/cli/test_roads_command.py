"""`sira roads export` and the GeoJSON it writes."""

import json
from typing import Any

import pytest
from shapely import from_geojson, get_coordinates  # type: ignore[import-untyped]

from app.roads.geojson import feature_collection
from app.roads.geometry import Position, distance_km
from tests.harness.api import shipped_config
from tests.harness.command import Command


@pytest.fixture
def exported(sira: Command) -> Any:
    file = sira.folder / "roads.geojson"
    sira.ok("roads", "export", file)
    return json.loads(file.read_text(encoding="utf-8"))


def test_every_section_is_written_with_its_ends_and_kilometres(exported: Any) -> None:
    network = shipped_config().network

    assert {feature["id"] for feature in exported["features"]} == set(network.sections)
    assert len(exported["features"]) == len(network.sections)
    for feature in exported["features"]:
        section = network.sections[feature["id"]]
        properties = feature["properties"]
        assert properties["start"] == {"id": section.start, "name": section.start_name}
        assert properties["end"] == {"id": section.end, "name": section.end_name}
        assert properties["km"] == pytest.approx(section.km, abs=0.051)
        assert [route["code"] for route in properties["routes"]] == list(section.corridors)


def test_it_is_geojson_longitude_first(exported: Any) -> None:
    """Source: RFC 7946, 3.1.1, 3.1.4, 3.2, 3.3 and 4 (no `crs`)."""
    assert exported["type"] == "FeatureCollection"
    assert "crs" not in exported
    network = shipped_config().network
    for feature in exported["features"]:
        assert set(feature) == {"type", "id", "geometry", "properties"}
        line = from_geojson(json.dumps(feature["geometry"]))
        assert line.geom_type == "LineString"
        corners = get_coordinates(line)
        assert len(corners) >= 2
        for (lon, lat), point in zip(corners, network.sections[feature["id"]].line, strict=True):
            assert distance_km(Position(lat=lat, lon=lon), point) < 0.001


def test_the_same_network_is_the_same_bytes() -> None:
    network = shipped_config().network

    assert json.dumps(feature_collection(network)) == json.dumps(feature_collection(network))


def test_routes_say_where_on_them_a_section_lies(exported: Any) -> None:
    network = shipped_config().network
    spans: dict[str, float] = {}
    for feature in exported["features"]:
        for route in feature["properties"]["routes"]:
            spans[route["code"]] = max(spans.get(route["code"], 0.0), route["to_km"])

    assert spans == {
        code: pytest.approx(corridor.length_km, abs=1.0)
        for code, corridor in network.corridors.items()
    }


def test_a_place_that_cannot_be_written_to_is_named(sira: Command) -> None:
    assert "/proc/nowhere/r.json" in sira.refused("roads", "export", "/proc/nowhere/r.json")


def test_outlines_are_cut_to_the_network(sira: Command) -> None:
    topology = sira.folder / "world.json"
    far = {"scale": [1, 1], "translate": [0, 0]}
    topology.write_text(
        json.dumps(
            {
                "transform": far,
                "arcs": [[[-10, 12], [4, 0]], [[100, 50], [3, 0]]],
                "objects": {
                    "countries": {"geometries": []},
                    "coastlines": {"geometries": [{"arcs": [0, 1]}]},
                    "rivers": {"geometries": []},
                },
            }
        )
    )
    file = sira.folder / "outlines.json"

    said = sira.ok("roads", "outlines", topology, "--file", file)

    assert "1 lines written" in said.output
    assert json.loads(file.read_text()) == {
        "borders": [],
        "coasts": [[-10, 12, -6, 12]],
        "rivers": [],
    }


def test_what_is_no_topology_is_refused_by_its_name(sira: Command) -> None:
    wrong = sira.folder / "wrong.json"
    wrong.write_text("{}")

    assert "wrong.json: not a topology" in sira.refused("roads", "outlines", wrong)
