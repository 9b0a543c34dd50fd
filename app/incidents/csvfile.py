"""Rows of the report CSV, each a filed report or the reason why not."""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import TypeVar

from app.incidents.cargo import Cargoes
from app.incidents.figures import parse_range
from app.incidents.filed import PRECISIONS, SOURCE_TYPES, FiledReport, check_filed
from app.incidents.kinds import Kinds
from app.incidents.report import Basis
from app.roads.geometry import Position

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
    "lat": "14.5, with a point",
    "lon": "-9.5, with a point",
    "km": "12.5, with a point",
}
_NEEDED = ("kind",)
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

    Columns that are absent or empty are not known; columns that nobody knows are passed over.

    Raises:
        ValueError: The file has no header with a `kind` column.
    """
    reader = csv.DictReader(lines)
    header = [name.strip().lstrip("\ufeff") for name in reader.fieldnames or ()]
    if missing := [name for name in _NEEDED if name not in header]:
        if separator := next((one for one in ";\t" if any(one in name for name in header)), None):
            raise ValueError(
                f"the columns are separated by {separator!r}: save it as CSV with commas"
            )
        raise ValueError(f"the file has no column '{missing[0]}'")
    if not {"occurred_at", "occurred_on"} & set(header):
        day = next((name for name in _DAYS if name in header), None)
        header = ["occurred_on" if name == day else name for name in header]
    reader.fieldnames = header
    for cells in _rows(reader):
        if isinstance(cells, BadRow):
            yield cells
            continue
        row = {key: (cells.get(key) or "").strip() for key in header}
        yield _read(reader.line_num, row, kinds, cargoes, now)


def _rows(reader: "csv.DictReader[str]") -> Iterator[Mapping[str, str] | BadRow]:
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield BadRow(reader.line_num, f"not a row of a CSV: {error}", {})
            continue
        if None in cells:
            yield BadRow(reader.line_num, "has more cells than the header", {})
            continue
        yield cells


def _read(
    line: int, row: Mapping[str, str], kinds: Kinds, cargoes: Cargoes, now: datetime
) -> tuple[int, FiledReport] | BadRow:
    try:
        filed = parse_row(row, now=now)
    except _BadCellError as error:
        return BadRow(line, str(error), row)
    if wrong := check_filed(filed, kinds=kinds, cargoes=cargoes, now=now, free_text=True):
        reasons = (f"{w['pointer'].removeprefix('/')}: {w['detail']}" for w in wrong)
        return BadRow(line, "; ".join(reasons), row)
    return line, filed


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
        km=_cell(row, "km", float),
        position=_position(row),
        summary=row.get("summary", ""),
        fatalities=parse_range(row.get("fatalities")),
        abducted=parse_range(row.get("abducted")),
        vehicles=parse_range(row.get("vehicles")),
        source_type=source_type,
        basis=basis or _BASIS.get(source_type, Basis.MEDIA),
        **{field: row.get(column) or None for column, field in _TEXTS.items()},
    )


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
        hint = f": as {example}" if (example := _EXAMPLES.get(column)) else ""
        raise _BadCellError(f"{column}: '{text[:40]}' cannot be read{hint}") from None
