"""`sira import`."""

import csv
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress, track

from app.cli.frame import InputFile, say, screen, the_service, wrong_file
from app.flows.import_reports import import_reports
from app.incidents.csvfile import BadRow
from app.roads import store as place_store
from app.roads.importing import BadRow as BadPlace
from app.roads.importing import parse_places
from app.roads.places import Place
from app.service import Service

app = typer.Typer(help="Reports and places from files.", no_args_is_help=True)


@app.command()
def reports(
    file: InputFile,
    *,
    alert: Annotated[
        bool, typer.Option(help="Tell subscribers. Without it history is filled in silently.")
    ] = False,
) -> None:
    """Import a CSV of reports. Bad rows are listed and kept aside; the rest is imported."""
    with the_service() as service:
        with wrong_file(file):
            outcomes, bad = _import(service, file, alert=alert)
        for row in bad:
            say(f"line {row.line}: {row.reason}")
        typer.echo(
            f"{outcomes['placed']} placed, {outcomes['asked']} kept for a moderator to place, "
            f"{outcomes['known']} known before, {len(bad)} bad"
        )
        if bad:
            aside = _keep_aside(file, bad)
            say(f"bad rows are kept in {aside}: mend them there and import that file")
            if not outcomes:
                raise typer.Exit(1)


def _import(service: Service, file: Path, *, alert: bool) -> tuple[Counter[str], list[BadRow]]:
    outcomes: Counter[str] = Counter()
    bad: list[BadRow] = []
    with file.open(encoding="utf-8-sig", newline="") as lines, Progress(console=screen) as bar:
        task = bar.add_task("Importing", total=sum(1 for _ in lines))
        lines.seek(0)
        for row in import_reports(
            service.db,
            lines,
            backfill=not alert,
            context=service.context,
            now=service.clock.now,
        ):
            bar.update(task, completed=row.line)
            if isinstance(row, BadRow):
                bad.append(row)
            else:
                outcomes[row.outcome] += 1
    return outcomes, bad


def _keep_aside(file: Path, bad: Sequence[BadRow]) -> Path:
    """Write bad rows, whole, beside their file, with line and reason, ready to be mended."""
    aside = file.with_suffix(".bad.csv")
    reasons = {row.line: row.reason for row in bad}
    with file.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.reader(lines)
        header = [name for name in next(reader) if name not in {"line", "reason"}]
        lines.seek(0)
        rows = csv.DictReader(lines)
        with aside.open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(
                out, ["line", "reason", *header], restval="", extrasaction="ignore"
            )
            writer.writeheader()
            for row in rows:
                if rows.line_num in reasons:
                    found = {"line": rows.line_num, "reason": reasons[rows.line_num]}
                    writer.writerow(row | found)
    return aside


@app.command()
def places(file: InputFile) -> None:
    """Import a GeoNames country dump, or a CSV with the columns of config/network/gazetteer.csv."""
    with the_service() as service:
        good: list[Place] = []
        bad: list[BadPlace] = []
        with wrong_file(file):
            for place in track(parse_places(file), console=screen, description="Reading"):
                if isinstance(place, BadPlace):
                    bad.append(place)
                else:
                    good.append(place)
        saved = service.db.write_now(lambda conn: place_store.save_places(conn, good))
        for one in bad:
            say(f"line {one.line}: {one.reason}")
        typer.echo(f"{saved} places imported, {len(bad)} lines bad; restart `serve` to use them")
        if not saved:
            raise typer.Exit(1)
