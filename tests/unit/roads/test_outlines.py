"""What maps are drawn on, from a TopoJSON."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.core.errors import ConfigError
from app.roads.geometry import Position
from app.roads.outlines import Box, box_of, from_topojson, load_outlines

BOX = Box(west=-10, south=10, east=0, north=20)
#: Two squares side by side with a border between them, a coast in the south, a river through both.
TOPOLOGY: dict[str, Any] = {
    "transform": {"scale": [1, 1], "translate": [-12, 8]},
    "arcs": [
        [[7, 4], [0, 8]],
        [[7, 12], [-5, 0], [0, -8], [5, 0]],
        [[7, 4], [5, 0], [0, 8], [-5, 0]],
        [[0, 3], [30, 0]],
        [[3, 6], [8, 2]],
    ],
    "objects": {
        "countries": {
            "geometries": [
                {"type": "Polygon", "arcs": [[0, 1]]},
                {"type": "MultiPolygon", "arcs": [[[2, -1]]]},
            ]
        },
        "coastlines": {"geometries": [{"type": "LineString", "arcs": [3]}]},
        "rivers": {"geometries": [{"type": "MultiLineString", "arcs": [[4]]}]},
    },
}


def test_a_border_is_what_two_countries_share() -> None:
    found = from_topojson(TOPOLOGY, BOX)

    assert found["borders"] == [[-5, 12, -5, 20]]
    assert found["rivers"] == [[-9, 14, -1, 16]]


def test_lines_end_at_the_edge_of_the_map() -> None:
    assert from_topojson(TOPOLOGY, BOX)["coasts"] == [[-10, 11, 0, 11]]


def test_what_was_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "outlines.json"
    path.write_text(json.dumps(from_topojson(TOPOLOGY, BOX)))

    found = load_outlines(path)

    assert found is not None
    assert found.borders == ((Position(12, -5), Position(20, -5)),)
    assert load_outlines(tmp_path / "absent.json") is None


@pytest.mark.parametrize("text", ["", "[]", '{"borders": []}', '{"borders": [[1]], "coasts": []}'])
def test_another_file_stops_the_start_with_its_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "outlines.json"
    path.write_text(text)

    with pytest.raises(ConfigError, match=r"outlines\.json"):
        load_outlines(path)


@pytest.mark.parametrize("topology", [{}, {"arcs": [], "transform": {}}, {"objects": {}}])
def test_another_topology_is_refused(topology: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="not a topology"):
        from_topojson(topology, BOX)


def test_a_box_holds_every_place_with_a_margin() -> None:
    assert box_of([Position(10, -5), Position(14, 2)], margin=1) == Box(
        west=-6, south=9, east=3, north=15
    )
