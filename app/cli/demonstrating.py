"""`sira demo`."""

import asyncio
import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from app.cli.demo_page import as_table, drawn, show
from app.cli.frame import reported, say, the_service
from app.core.clock import ManualClock, SystemClock
from app.demo import Demo, Story
from app.environment import load_settings
from app.settings import Settings

#: The day before the first report.
_BEGINS = datetime(2025, 9, 1, tzinfo=UTC)


def demo(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
    every: Annotated[bool, typer.Option("--all", help="Show every message of everybody.")] = False,
    picture: Annotated[
        Path | None,
        typer.Option(help="Draw its beginning into this SVG file instead.", dir_okay=False),
    ] = None,
) -> None:
    """Play the Kayes blockade of September 2025: what each phone received, when, and why.

    Real reports, invented subscribers; nothing leaves the machine and nothing is kept.
    """
    say("Playing seven weeks of reports through the whole chain: half a minute or so ...")
    story = _play(load_settings())
    if as_json:
        typer.echo(json.dumps(as_table(story), ensure_ascii=False, indent=1))
    elif picture is not None:
        picture.write_text(drawn(story), encoding="utf-8")
    else:
        show(story, Console(highlight=False), every=every)


def _play(settings: Settings) -> Story:
    clock = ManualClock(_BEGINS)
    with tempfile.TemporaryDirectory(prefix="sira-demo-") as folder, reported():
        own = {
            "database_url": f"sqlite:///{folder}/demo.db",
            "var_dir": Path(folder),
            "vault_keys": None,
            "log_level": "WARNING",
            "twilio": None,
            "smtp": None,
        }
        with the_service(settings.model_copy(update=own), clock=clock) as service:
            told = Demo(service, clock).play(settings.config_dir / "demo", now=SystemClock().now())
            return asyncio.run(told)
