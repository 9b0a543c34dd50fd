"""`sira understand`."""

import csv
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Annotated

import typer

from app.cli.files import writable
from app.cli.frame import done, fail, reported, say, wrong_file
from app.config import load_config
from app.core.clock import SystemClock
from app.core.text import as_cell
from app.environment import load_settings
from app.flows.messages.understand import in_columns
from app.flows.messages.understand import understand as read
from app.roads.gazetteer import Gazetteer
from app.subscribers.understood import Standing

#: The column of the messages: the first of these that a file has.
_TEXT = ("text", "message", "body")
_ADDED = ("action", "kind", "places", "route", "cargo", "choices", "reply", "dated")

_Read = Callable[[str, str | None], dict[str, str]]


def understand(
    text: Annotated[str | None, typer.Argument(help="A message as it would come in.")] = None,
    *,
    file: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, readable=True, help="A CSV with a column `text`."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(dir_okay=False, callback=writable, help="Written anew.")
    ] = None,
    language: Annotated[
        str | None, typer.Option(help="That the sender has chosen, as `fr`.")
    ] = None,
) -> None:
    """Show how an inbound message is understood and answered; nothing is changed.

    Without a database there is no news of any road: answers to questions say so.
    """
    if (text is None) == (file is None) or (file is None) != (out is None):
        fail("give a TEXT, or both --file IN.csv and --out OUT.csv")
    with reported():
        read_one = _reader(language)
        if text is not None:
            for name, value in read_one(text, None).items():
                typer.echo(f"{name}: {value}")
        elif file is not None and out is not None:
            done(f"{_read_all(file, out, read_one)} messages read, written to {out}")


def _reader(chosen: str | None) -> _Read:
    config = load_config(load_settings().config_dir)
    if chosen is not None and chosen not in config.templates.languages:
        fail(f"--language: one of {', '.join(sorted(config.templates.languages))}")
    gazetteer, now = Gazetteer(config.network), SystemClock().now()

    def read_one(text: str, language: str | None) -> dict[str, str]:
        known = language if language in config.templates.languages else None
        standing = Standing(language=known or chosen)
        understood = read(text, standing, config=config, gazetteer=gazetteer, now=now)
        return in_columns(understood, config)

    return read_one


def _read_all(file: Path, out: Path, read_one: _Read) -> int:
    with wrong_file(file), file.open(encoding="utf-8-sig", newline="") as lines:
        rows = csv.DictReader(lines)
        columns = list(rows.fieldnames or ())
        column = next((name for name in _TEXT if name in columns), None)
        if column is None:
            raise ValueError(f"needs a column {' or '.join(_TEXT)}")
        for name in set(columns) & set(_ADDED):
            say(f"{file}: the column {name!r} gives way to what was understood")
        kept = [name for name in columns if name not in _ADDED]
        answers = [
            {name: row[name] for name in kept} | read_one(row[column], row.get("language"))
            for row in _whole_rows(rows)
        ]
    with out.open("w", encoding="utf-8", newline="") as written:
        table = csv.DictWriter(written, [*kept, *_ADDED])
        table.writeheader()
        table.writerows(
            {name: as_cell(value) for name, value in answer.items()} for answer in answers
        )
    return len(answers)


def _whole_rows(rows: "csv.DictReader[str]") -> Iterator[Mapping[str, str]]:
    try:
        for row in rows:
            if None in row:
                raise ValueError(f"line {rows.line_num} has a comma too many: quote the text")
            yield {name: value or "" for name, value in row.items()}
    except csv.Error as error:
        raise ValueError(f"line {rows.line_num}: {error}") from error
