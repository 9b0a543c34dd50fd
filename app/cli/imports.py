"""`sira import`."""

import csv
import stat
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, TextIO

import typer
from rich.progress import Progress, track

from app.cli.files import InputFile
from app.cli.frame import done, say, screen, the_service, wrong_file
from app.core.text import as_cell
from app.flows.import_reports import import_reports
from app.incidents.csvfile import BadRow
from app.roads import store as place_store
from app.roads.importing import BadPlace, parse_places
from app.roads.places import Place
from app.service import Service

#: So much of a line that is too long for a CSV is kept for who mends it.
_LONGEST_SHOWN = 10_000

app = typer.Typer(help="Reports and places from files.", no_args_is_help=True)


@app.command()
def reports(
    file: InputFile,
    *,
    alert: Annotated[
        bool, typer.Option(help="Tell subscribers. Without it history is filled in silently.")
    ] = False,
) -> None:
    """Import a CSV of reports. Bad rows are listed and kept aside; the rest is imported.

    Columns: kind, and what is known of report_id, reported_at, occurred_on (or occurred_at),
    place, lat, lon, road, km, towards, region, summary, cargo, actor, target, fatalities, abducted,
    vehicles, figures, source_name, source_type, source_url, basis. UTF-8, with commas. A report_id
    that came before with the same words is not imported again. Exit 1 when every row was bad.
    """
    with the_service() as service:
        with wrong_file(file):
            outcomes, bad = _import(service, file, alert=alert)
        for row in bad:
            say(f"line {row.line}: {row.reason}")
        if bad:
            aside = _keep_aside(file, bad)
            say(f"bad rows are kept in {aside}: mend them there and import that file")
        done(
            f"{outcomes['placed']} placed, {outcomes['asked']} kept for a moderator to place, "
            f"{outcomes['known']} known before, {len(bad)} bad"
        )
        if bad and not outcomes:
            raise typer.Exit(1)


def _import(service: Service, file: Path, *, alert: bool) -> tuple[Counter[str], list[BadRow]]:
    outcomes: Counter[str] = Counter()
    bad: list[BadRow] = []
    with file.open(encoding="utf-8-sig", newline="") as lines, Progress(console=screen()) as bar:
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
    """Write bad rows, whole, beside their file, with line and reason, ready to be mended.

    What other people wrote is opened in a spreadsheet now, which must not run it. Nobody reads it
    there who may not read it in the file.
    """
    aside = file.with_suffix(".bad.csv")
    aside.touch(mode=stat.S_IMODE(file.stat().st_mode) & 0o666)
    reasons = {row.line: row.reason for row in bad}
    with (
        file.open(encoding="utf-8-sig", newline="") as lines,
        aside.open("w", encoding="utf-8", newline="") as out,
    ):
        rows, writer = _rows_by_line(lines), csv.writer(out)
        _, [(_, header)] = next(rows)
        kept = [at for at, name in enumerate(header) if name not in {"line", "reason"}]
        writer.writerow(["line", "reason", *(header[at] for at in kept)])
        for last, found in rows:
            for line, cells in found if last in reasons else ():
                own = [cells[at] for at in kept if at < len(cells)]
                rest = (*own, *cells[len(header) :])
                writer.writerow([line, reasons[last], *map(as_cell, rest)])
    return aside


def _rows_by_line(lines: TextIO) -> Iterator[tuple[int, list[tuple[int, list[str]]]]]:
    """Yield (last line of a row, its (line, cells)).

    Of what a quote left open has swallowed, every line is a row of its own.
    """
    told: list[str] = []
    reader = csv.reader(_noted(lines, told), strict=True)
    while True:
        told.clear()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            first = reader.line_num - len(told) + 1
            yield reader.line_num, [(first + at, _loosely(line)) for at, line in enumerate(told)]
            continue
        yield reader.line_num, [(reader.line_num, cells)]


def _noted(lines: Iterable[str], told: list[str]) -> Iterator[str]:
    for line in lines:
        told.append(line)
        yield line


def _loosely(line: str) -> list[str]:
    """Return the cells of a line that may be broken; of one that is too long, its beginning."""
    try:
        return next(csv.reader([line.rstrip("\r\n")]), [])
    except csv.Error:
        return line[:_LONGEST_SHOWN].split(",")


@app.command()
def places(file: InputFile) -> None:
    """Import a GeoNames country dump, or a CSV with the columns of config/network/gazetteer.csv."""
    with the_service() as service:
        good: list[Place] = []
        bad: list[BadPlace] = []
        with wrong_file(file):
            for place in track(parse_places(file), console=screen(), description="Reading"):
                if isinstance(place, BadPlace):
                    bad.append(place)
                else:
                    good.append(place)
        saved = service.db.write_now(lambda conn: place_store.save_places(conn, good))
        for one in bad:
            say(f"line {one.line}: {one.reason}")
        done(f"{saved} places imported, {len(bad)} lines bad; restart `serve` to use them")
        if not saved:
            raise typer.Exit(1)
