"""Rows of the report CSV, each a filed report or the reason why not."""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from difflib import get_close_matches
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, TypeVar

from app.core.text import from_cell
from app.incidents.cargo import Cargoes
from app.incidents.figures import parse_range
from app.incidents.filed import PRECISIONS, SOURCE_TYPES, FiledReport, check_filed
from app.incidents.kinds import Kinds
from app.incidents.report import Basis
from app.roads.geometry import Position

if TYPE_CHECKING:
    from _csv import Reader

T = TypeVar("T")

#: Column of the file -> field of the filed report, where the text is taken as it stands.
_TEXTS = {
    "report_id": "external_id",
    "place": "place",
    "region": "region",
    "coord_precision": "precision",
    "road": "road",
    "towards": "towards",
    "figures": "figures",
    "cargo": "cargo",
    "actor": "actor",
    "target": "target",
    "source_name": "source_name",
    "source_url": "source_url",
    "language": "language",
}
#: How a source of a type knows, when the file has no `basis`.
_BASIS = {
    "official": Basis.OFFICIAL,
    "reporter": Basis.FIRSTHAND,
    "driver": Basis.FIRSTHAND,
    "social": Basis.RELAYED,
}
_SOURCE_TYPES = {name.lower(): name for name in SOURCE_TYPES}
#: What others call `occurred_on`: passed over, an old event would be taken for one of today.
_DAYS = ("date", "day", "event_date", "date_start")
#: How a cell is written, for those whose program writes it otherwise.
_EXAMPLES = {
    "occurred_on": "2025-01-31",
    "occurred_at": "2025-01-31T14:30:00Z",
    "reported_at": "2025-01-31T14:30:00Z",
    "starts_at": "2025-01-31",
    "lat": "14.5, with a point",
    "lon": "-9.5, with a point",
    "km": "12.5, with a point",
    "basis": " or ".join(Basis),
}
_NEEDED = ("kind",)
#: More than any program writes; each name is held beside all others, and beside ours.
_MOST_COLUMNS = 500
_COLUMNS = frozenset(
    {*_TEXTS, *_EXAMPLES, *_NEEDED, "date_precision", "source_type", "summary"}
    | {"fatalities", "abducted", "vehicles"}
)
#: How alike a column is to one of ours that it is taken for a slip, as difflib counts.
_MISSPELT = 0.85
_SPACES = re.compile(r"[\s-]+")
#: Only the day is known: noon stands for it.
_NOON = time(12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be a report: its line in the file, why, and the row itself."""

    line: int
    reason: str
    row: Mapping[str, str]


class _BadCellError(ValueError):
    """A cell does not say what its column must."""


def read_reports(
    lines: Iterable[str], *, kinds: Kinds, cargoes: Cargoes, now: datetime
) -> Iterator[tuple[int, FiledReport] | BadRow]:
    """Yield each row as (line, filed report), or as a bad row; one bad row spoils no other.

    Columns that are absent or empty are not known; columns that nobody knows are passed over, and
    rows without a word.

    Raises:
        ValueError: The first line is no header of such a file; the message says what it lacks.
    """
    reader = csv.reader(lines, strict=True)
    header = _header(reader)
    for found in _rows(reader, len(header)):
        if isinstance(found, BadRow):
            yield found
            continue
        row = dict(zip_longest(header, (from_cell(cell.strip()) for cell in found), fillvalue=""))
        yield _read(reader.line_num, row, kinds, cargoes, now)


def _header(reader: "Reader") -> list[str]:
    """Return the names of the columns as we write them.

    A column that is not understood is passed over, so what looks like one of ours is refused: an
    old event whose `occured_on` is passed over would be told as one of today.
    """
    try:
        first = next(reader, [])
    except csv.Error as error:
        raise ValueError(f"the first line, which names the columns, is broken: {error}") from None
    named = len(first) - first.count("")  # a spreadsheet may write a thousand empty ones behind
    if named > _MOST_COLUMNS:
        raise ValueError(f"the first line names {named} columns, {_MOST_COLUMNS} are the most")
    header = [_SPACES.sub("_", name.strip().lstrip("\ufeff").lower()) for name in first]
    _refuse_without_needed(header, first)
    if not {"occurred_at", "occurred_on"} & set(header):
        day = next((name for name in _DAYS if name in header), None)
        header = ["occurred_on" if name == day else name for name in header]
    if twice := next((name for name in header if name and header.count(name) > 1), None):
        raise ValueError(f"two columns are called '{twice}': which one counts?")
    _refuse_misspelt(header)
    return header


def _refuse_without_needed(header: Sequence[str], first: Sequence[str]) -> None:
    missing = [name for name in _NEEDED if name not in header]
    if not missing:
        return
    if separator := next((one for one in ";\t" if any(one in name for name in first)), None):
        raise ValueError(f"the columns are separated by {separator!r}: save it as CSV with commas")
    raise ValueError(
        f"the file has no column '{missing[0]}': the first line must name the columns, "
        f"but is '{','.join(first)[:60]}'"
    )


def _refuse_misspelt(header: Sequence[str]) -> None:
    for name in sorted(set(header) - _COLUMNS):
        numbered = name[-1:].isdigit()  # `actor1`, `actor2` of other people's files
        near = get_close_matches(name, _COLUMNS - set(header), n=1, cutoff=_MISSPELT)
        if near and not numbered:
            raise ValueError(f"the column '{name}' is not known; did you mean '{near[0]}'?")


def _rows(reader: "Reader", width: int) -> Iterator[list[str] | BadRow]:
    """Yield the cells of each row that has any; a quote left open swallows rows: that is told."""
    while True:
        begun = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield BadRow(reader.line_num, f"not a row of a CSV: {error}{_since(begun, reader)}", {})
            continue
        if any(cells[width:]):
            reason = f"has more cells than the header{_since(begun, reader)}"
            yield BadRow(reader.line_num, reason, {})
        elif any(cell.strip() for cell in cells):
            yield cells[:width]


def _since(begun: int, reader: "Reader") -> str:
    if begun >= reader.line_num:
        return ""
    return f'; it began on line {begun}: is a quote (") missing or one too many?'


def _read(
    line: int, row: Mapping[str, str], kinds: Kinds, cargoes: Cargoes, now: datetime
) -> tuple[int, FiledReport] | BadRow:
    try:
        filed = parse_row(row, now=now)
    except _BadCellError as error:
        return BadRow(line, str(error), row)
    if wrong := check_filed(filed, kinds=kinds, cargoes=cargoes, now=now, free_text=True):
        reasons = (f"{_column(w['pointer'], row)}: {w['detail']}" for w in wrong)
        return BadRow(line, "; ".join(reasons), row)
    return line, filed


def _column(pointer: str, row: Mapping[str, str]) -> str:
    """Return the column that a fault of the filed report comes from."""
    name = pointer.rpartition("/")[2]
    return "occurred_on" if name == "occurred_at" and not row.get(name) else name


def parse_row(row: Mapping[str, str], *, now: datetime) -> FiledReport:
    """Return the filed report of a row; `now` stands for a `reported_at` that is not given.

    Raises:
        ValueError: A cell cannot be read; the message names its column.
    """
    reported_at = _cell(row, "reported_at", _instant) or now
    occurred_at, instant = _occurred(row)
    precision = row.get("date_precision") or ("instant" if instant else "day")
    source_type = _source_type(row.get("source_type") or "reporter")
    basis = _cell(row, "basis", Basis)
    return FiledReport(
        kind=row.get("kind", ""),
        occurred_at=occurred_at or reported_at,
        reported_at=reported_at,
        # "year", "season": whatever else is said is less exact than a week.
        date_precision=precision if precision in PRECISIONS else "month",
        starts_at=_cell(row, "starts_at", _instant),
        km=_cell(row, "km", float),
        position=_position(row),
        summary=row.get("summary", ""),
        fatalities=parse_range(row.get("fatalities")),
        abducted=parse_range(row.get("abducted")),
        vehicles=parse_range(row.get("vehicles")),
        source_type=source_type,
        basis=basis or _BASIS.get(source_type, Basis.MEDIA),
        **_texts(row),
    )


def _texts(row: Mapping[str, str]) -> dict[str, Any]:
    return {field: row.get(column) or None for column, field in _TEXTS.items()}


def _source_type(text: str) -> str:
    """Return the source type meant; one that nobody knows is trusted as little as any."""
    return _SOURCE_TYPES.get(text.lower(), "social")


def _occurred(row: Mapping[str, str]) -> tuple[datetime | None, bool]:
    """Return when it happened and whether that is an instant, not a day."""
    if text := row.get("occurred_at"):
        return _cell(row, "occurred_at", _instant), len(text) > len("2025-01-31")
    return _cell(row, "occurred_on", _instant), False


def _position(row: Mapping[str, str]) -> Position | None:
    lat, lon = _cell(row, "lat", float), _cell(row, "lon", float)
    if lat is None and lon is None:
        return None
    if lat is None or lon is None:
        raise _BadCellError("lat and lon: one without the other")
    return Position(lat, lon)


def _instant(text: str) -> datetime:
    if len(text) <= len("2025-01-31"):
        return datetime.combine(datetime.fromisoformat(text).date(), _NOON)
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _cell(row: Mapping[str, str], column: str, read: Callable[[str], T]) -> T | None:
    text = row.get(column)
    if not text:
        return None
    try:
        return read(text)
    except ValueError:
        hint = f"; write it as {example}" if (example := _EXAMPLES.get(column)) else ""
        raise _BadCellError(f"{column}: '{text[:40]}' cannot be read{hint}") from None
