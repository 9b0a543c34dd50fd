"""The command `sira`."""

import asyncio
import csv
import json
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console as Terminal
from rich.progress import track

from app import running
from app.accounts import store as accounts_store
from app.accounts.keys import Scope
from app.config import load_config, read_rules
from app.core.clock import ManualClock, SystemClock
from app.core.errors import ConfigError, DomainError
from app.core.logging import configure
from app.flows import tune_rules
from app.flows.import_reports import import_reports
from app.flows.replay import Played, Replay
from app.incidents.csvfile import BadRow
from app.risk import store as risk_store
from app.risk.checking import problem_table
from app.roads import store as place_store
from app.roads.importing import BadRow as BadPlace
from app.roads.importing import parse_places
from app.service import Service, open_service
from app.settings import Settings, load_settings
from app.subscribers.vault import VaultKeyError

app = typer.Typer(
    help="Early warning for the roads of the Sahel.", no_args_is_help=True, add_completion=False
)
keys = typer.Typer(help="API keys.", no_args_is_help=True)
imports = typer.Typer(help="Reports and places from files.", no_args_is_help=True)
rules = typer.Typer(help="Rules.", no_args_is_help=True)
app.add_typer(keys, name="keys")
app.add_typer(imports, name="import")
app.add_typer(rules, name="rules")

screen = Terminal(stderr=True)
File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)]


@contextmanager
def _reported() -> Iterator[None]:
    """Say what is wrong and how to mend it, without a traceback."""
    try:
        yield
    except (ConfigError, VaultKeyError, DomainError, OSError, ValueError) as error:
        screen.print(f"sira: {error}", markup=False, highlight=False, style="red")
        raise typer.Exit(1) from error


@contextmanager
def _service(settings: Settings | None = None, **options: Any) -> Iterator[Service]:
    with _reported():
        found = settings or load_settings()
        configure(found.log_level)
        with open_service(found, **options) as service:
            yield service


@app.command()
def serve(
    host: str = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8000,
    *,
    api_only: Annotated[bool, typer.Option(help="No worker and no clock.")] = False,
) -> None:
    """Serve the API, with worker and clock in the same process."""
    with _service() as service:
        first = running.first_key(service)
        running.announce(service, first, host=host, port=port, write=typer.echo)
        running.serve(service, host=host, port=port, api_only=api_only)


@app.command()
def worker() -> None:
    """Send messages and run the clock, without the API. Stops gracefully on SIGTERM."""
    with _service() as service:
        asyncio.run(running.work(service))


@app.command()
def migrate() -> None:
    """Bring the database to this version and seed the rules where there are none."""
    with _service() as service:
        number = service.db.read_now(risk_store.active_number)
        typer.echo(f"database at this version, rule set {number} in force")


@keys.command("create")
def create_key(
    scope: Annotated[Scope, typer.Option()],
    organisation: Annotated[str | None, typer.Option(help="Its id.")] = None,
    name: str = "made on the command line",
) -> None:
    """Make an API key and print it, alone, on standard output. It is not shown again."""
    with _service() as service:
        _, key = service.db.write_now(
            lambda conn: accounts_store.create_key(
                conn,
                scope=scope,
                organisation_id=organisation,
                name=name,
                expires_at=None,
                now=service.clock.now(),
            )
        )
        typer.echo(key)


@imports.command("reports")
def import_report_file(
    file: File,
    *,
    alert: Annotated[
        bool, typer.Option(help="Tell subscribers. Without it history is filled in silently.")
    ] = False,
) -> None:
    """Import a CSV of reports. Bad rows are listed and kept aside; the rest is imported."""
    with _service() as service:
        bad: list[BadRow] = []
        outcomes: Counter[str] = Counter()
        with file.open(encoding="utf-8-sig", newline="") as lines:
            total = sum(1 for _ in lines) - 1
            lines.seek(0)
            rows = import_reports(
                service.db,
                lines,
                backfill=not alert,
                context=service.context,
                now=service.clock.now,
            )
            for row in track(rows, total=total, console=screen, description="Importing"):
                if isinstance(row, BadRow):
                    bad.append(row)
                else:
                    outcomes[row.outcome] += 1
        for row in bad:
            screen.print(f"line {row.line}: {row.reason}", markup=False, highlight=False)
        if bad:
            aside = _keep_aside(file, bad)
            screen.print(f"bad rows are kept in {aside}", markup=False, highlight=False)
        typer.echo(
            f"{outcomes['placed']} placed, {outcomes['asked']} kept for a moderator to place, "
            f"{outcomes['known']} known before, {len(bad)} bad"
        )


@imports.command("places")
def import_place_file(file: File) -> None:
    """Import a GeoNames country dump, or a CSV with the columns of config/network/gazetteer.csv."""
    with _service() as service:
        bad: list[BadPlace] = []
        places = []
        for place in track(parse_places(file), console=screen, description="Reading"):
            if isinstance(place, BadPlace):
                bad.append(place)
            else:
                places.append(place)
        saved = service.db.write_now(lambda conn: place_store.save_places(conn, places))
        for one in bad:
            screen.print(f"line {one.line}: {one.reason}", markup=False, highlight=False)
        typer.echo(f"{saved} places imported, {len(bad)} lines bad; restart `serve` to use them")


@rules.command("check")
def check_rules(file: File) -> None:
    """Say what is wrong with a rules file, by line and column; exit 1 when something is."""
    with _reported():
        config = load_config(load_settings().config_dir)
        found, problems = tune_rules.check(read_rules(file), config)
    for problem in problems:
        table = problem_table(problem)
        where = f"line {table['line']}, column {table['column']}: " if table["line"] else ""
        hint = f" (meant: {table['suggestion']})" if table["suggestion"] else ""
        typer.echo(f"{table['rule']}{table['field']}: {where}{table['message']}{hint}")
    if problems:
        raise typer.Exit(1)
    typer.echo(f"{len(found)} rules, all good")


@app.command()
def replay(
    file: File,
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
    with tempfile.TemporaryDirectory(prefix="sira-replay-") as folder, _reported():
        settings = load_settings().model_copy(
            update={
                "database_url": database or f"sqlite:///{folder}/replay.db",
                "var_dir": Path(folder) if database is None else load_settings().var_dir,
            }
        )
        started = time.monotonic()
        clock = ManualClock(datetime(1970, 1, 1, tzinfo=UTC))
        with _service(settings, clock=clock) as service, file.open(encoding="utf-8-sig") as lines:
            played = Replay(db=service.db, context=service.context, clock=clock)
            rows = list(
                track(
                    played.play(lines, now=SystemClock().now()),
                    console=screen,
                    description="Playing",
                )
            )
            figures = played.figures(rows)
            if assignments is not None:
                _write_assignments(assignments, played, rows)
    figures["seconds"] = round(time.monotonic() - started, 2)
    if as_json:
        typer.echo(json.dumps(figures, ensure_ascii=False, indent=1))
        return
    for name, value in figures.items():
        typer.echo(f"{name}: {value}")
    for row in played.bad:
        screen.print(f"line {row.line}: {row.reason}", markup=False, highlight=False)


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


def _keep_aside(file: Path, bad: Sequence[BadRow]) -> Path:
    """Write bad rows beside their file, with line and reason, ready to be mended."""
    aside = file.with_suffix(".bad.csv")
    columns = list(dict.fromkeys(name for row in bad for name in row.row))
    with aside.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, ["line", "reason", *columns], restval="")
        writer.writeheader()
        for row in bad:
            writer.writerow({**row.row, "line": row.line, "reason": row.reason})
    return aside


def main() -> None:
    """Run the command."""
    app()


if __name__ == "__main__":
    main()
