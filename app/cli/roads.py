"""`sira roads`."""

import json
from pathlib import Path
from typing import Annotated

import typer

from app.cli.frame import reported
from app.config import load_config
from app.roads.geojson import feature_collection
from app.settings import load_settings

app = typer.Typer(help="The road network.", no_args_is_help=True)


@app.command()
def export(
    file: Annotated[Path, typer.Argument(dir_okay=False, help="Written anew.")],
) -> None:
    """Write every section with its id, ends, kilometres and line as GeoJSON (RFC 7946)."""
    with reported():
        network = load_config(load_settings().config_dir).network
        text = json.dumps(feature_collection(network), ensure_ascii=False, separators=(",", ":"))
        file.write_text(text + "\n", encoding="utf-8")
        typer.echo(f"{len(network.sections)} sections written to {file}")
