"""`sira replay`."""

import csv
import json
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import track

from app.cli.frame import InputFile, reported, say, screen, the_service, wrong_file
from app.core.clock import ManualClock, SystemClock
from app.flows.replay import Played, Replay
from app.settings import load_settings

_BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)


def replay(
    file: InputFile,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
    assignments: Annotated[
        Path | None, typer.Option(help="Write report_id,incident_id,lat,lon,outcome here.")
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(help="Play into this database; a new one, thrown away, if not given."),
    ] = None,
) -> None:
    """Play a CSV of reports through the whole chain on a clock of its own."""
    with tempfile.TemporaryDirectory(prefix="sira-replay-") as folder, reported():
        settings = load_settings()
        own = {
            "database_url": f"sqlite:///{folder}/replay.db",
            "var_dir": Path(folder),
            "log_level": "WARNING",  # keys made for a minute are no news
        }
        settings = settings.model_copy(
            update={"database_url": database} if database is not None else own
        )
        started = time.monotonic()
        clock = ManualClock(_BEFORE_ALL)
        with the_service(settings, clock=clock) as service:
            played = Replay(db=service.db, context=service.context, clock=clock)
            rows = _play(played, file)
            figures = played.figures(rows)
            if assignments is not None:
                _write_assignments(assignments, played, rows)
    figures["seconds"] = round(time.monotonic() - started, 2)
    for row in played.bad:
        say(f"line {row.line}: {row.reason}")
    if as_json:
        typer.echo(json.dumps(figures, ensure_ascii=False, indent=1))
        return
    for name, value in figures.items():
        typer.echo(f"{name}: {value}")


def _play(played: Replay, file: Path) -> list[Played]:
    with wrong_file(file), file.open(encoding="utf-8-sig", newline="") as lines:
        rows = played.play(lines, now=SystemClock().now())
        return list(track(rows, console=screen, description="Playing"))


def _write_assignments(path: Path, played: Replay, rows: Sequence[Played]) -> None:
    incidents = played.incidents()
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["report_id", "incident_id", "lat", "lon", "outcome"])
        for row in rows:
            out.writerow(
                [
                    row.filed.external_id or row.report_id,
                    incidents.get(row.report_id, ""),
                    "" if row.lat is None else row.lat,
                    "" if row.lon is None else row.lon,
                    row.outcome,
                ]
            )
