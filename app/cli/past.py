"""What `backtest` and `calibrate` share: a file, a window, a network, and what is said of them."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from app.cli.files import whole
from app.cli.frame import fail, say, wrong_file
from app.config import Config, load_config
from app.environment import load_settings
from app.flows.past.backtest import PastRead, read_incidents
from app.roads.geojson import network_of
from app.roads.loading import load_network

#: Sentences about rows said at most; the rest is counted.
_SAID = 20

Reports = Annotated[
    Path,
    typer.Option(
        dir_okay=False,
        callback=whole,
        help="CSV of reports, or a plain list of events with positions.",
    ),
]
From = Annotated[
    str, typer.Option("--from", help="Where the window begins: 2016-07-01 or an instant.")
]
To = Annotated[str, typer.Option("--to", help="Where it ends; not included.")]
NetworkPath = Annotated[
    Path | None,
    typer.Option(
        "--network",
        exists=True,
        help="Other roads: a directory like config/network, or GeoJSON like `sira roads export`.",
    ),
]
EachRow = Annotated[
    bool | None,
    typer.Option(
        "--each-row-an-event/--join-reports",
        help="Rows are events, or reports of which several may speak of one event. "
        "If neither is said: rows with a summary or a page are reports, others events.",
    ),
]


def the_config(network: Path | None) -> Config:
    """Return the configuration, on other roads where they are given."""
    config = load_config(load_settings().config_dir)
    if network is None:
        return config
    shipped = config.directory / "network"
    if network.is_dir():
        return replace(config, network=load_network(network, beside=shipped))
    with wrong_file(network):
        lines = json.loads(network.read_text(encoding="utf-8"))
        return replace(config, network=network_of(lines, beside=config.network))


def the_past(reports: Path, *, config: Config, each_an_event: bool | None) -> PastRead:
    """Return what the file says happened; what had to be guessed is said on stderr."""
    with wrong_file(reports), reports.open(encoding="utf-8-sig", newline="") as lines:
        read = read_incidents(lines, config=config, each_an_event=each_an_event)
    remarks = list(read.remarks())
    for remark in remarks[-_SAID:]:
        say(remark)
    if len(remarks) > _SAID:
        say(f"and {len(remarks) - _SAID} more rows left out")
    if not read.versions:
        fail(f"{reports}: no row of it can be used")
    return read


def instant(text: str, option: str) -> datetime:
    """Return the instant of an option; a day begins at midnight UTC."""
    try:
        found = datetime.fromisoformat(re.sub(r"^(\d{4}-\d{2})$", r"\1-01", text.strip()))
    except ValueError:
        fail(f"{option} {text!r}: a day such as 2016-07-01 is needed")
    return found if found.tzinfo else found.replace(tzinfo=UTC)
