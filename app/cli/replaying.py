"""`sira replay`."""

import csv
import json
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import track

from app.alerts import store as alert_store
from app.alerts.records import AlertFilter
from app.cli.files import InputFile, writable
from app.cli.frame import reported, say, screen, the_service, wrong_file
from app.config import read_rules
from app.core.clock import ManualClock, SystemClock
from app.core.text import as_cell
from app.environment import load_settings
from app.flows.past.replay import Played, Replay
from app.service import Service

#: More alerts than any replay raises.
_ALL = 1_000_000
_BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)
#: Time passes hour by hour: a slip of the pen (9999) would not come to an end.
_FARTHEST = timedelta(days=3653)


def replay(
    file: InputFile,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
    assignments: Annotated[
        Path | None,
        typer.Option(
            dir_okay=False,
            callback=writable,
            help="Write report_id,incident_id,lat,lon,outcome here.",
        ),
    ] = None,
    rules: Annotated[
        Path | None,
        typer.Option(help="By the rules in this file, in a new database; config/rules.toml else."),
    ] = None,
    alerts: Annotated[
        Path | None,
        typer.Option(
            dir_okay=False,
            callback=writable,
            help="Write the alerts here: at,route,cargo,type,before,level,reason,...",
        ),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(help="Let time pass up to then (UTC) after the last report."),
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(help="Play into this database; a new one, thrown away, if not given."),
    ] = None,
) -> None:
    """Play a CSV of reports through the whole chain on a clock of its own."""
    now = SystemClock().now()
    if until is not None and until.replace(tzinfo=UTC) > now + _FARTHEST:
        raise typer.BadParameter(
            f"'{until.date()}' is more than ten years from now.", param_hint="--until"
        )
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
        tables = read_rules(rules) if rules is not None else None
        with the_service(settings, clock=clock, rules=tables) as service:
            played = Replay(db=service.db, context=service.context, clock=clock)
            rows = _play(played, file)
            if until is not None:
                played.pass_time(until.replace(tzinfo=UTC))
            if alerts is not None:
                _write_alerts(alerts, service)
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
        parts = value.items() if isinstance(value, dict) else ()
        typer.echo(f"{name}: {', '.join(f'{part} {count}' for part, count in parts) or value or 0}")


def _play(played: Replay, file: Path) -> list[Played]:
    with wrong_file(file), file.open(encoding="utf-8-sig", newline="") as lines:
        rows = played.play(lines, now=SystemClock().now())
        return list(track(rows, console=screen(), description="Playing"))


def _write_assignments(path: Path, played: Replay, rows: Sequence[Played]) -> None:
    incidents = played.incidents()
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["report_id", "incident_id", "lat", "lon", "outcome"])
        for row in rows:
            out.writerow(
                [
                    as_cell(row.filed.external_id or row.report_id),
                    incidents.get(row.report_id, ""),
                    "" if row.lat is None else row.lat,
                    "" if row.lon is None else row.lon,
                    row.outcome,
                ]
            )


def _write_alerts(path: Path, service: Service) -> None:
    """Write every alert in the order raised: what a preview of the same rules lists."""
    found = service.db.read_now(
        lambda conn: alert_store.list_alerts(conn, AlertFilter(), after=None, limit=_ALL)
    )
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(
            ["at", "route", "cargo", "type", "before", "level", "certainty", "reason", "rule_set"]
        )
        for one in reversed(found):
            out.writerow(
                [
                    one.created_at.isoformat(),
                    one.route,
                    one.cargo,
                    one.type.value,
                    one.before.value,
                    one.level.value,
                    one.certainty.value,
                    one.reason.value,
                    one.rule_set,
                ]
            )
