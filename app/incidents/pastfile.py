"""A file of what happened, read for the past alone: reports, or a plain list of events.

Lists of events come from many hands. What the report CSV demands is therefore forgiven here where
it can be known what was meant: other names of columns, a kind in words of their own, a missing
`reported_at`. Every such guess is counted, to be said.
"""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import MAXYEAR, UTC, datetime, time, timedelta

from app.incidents.csvfile import BadRow, parse_row
from app.incidents.filed import FiledReport
from app.incidents.kinds import Kinds
from app.incidents.report import Family

#: Column of the report CSV -> what others call it. The first that a file has is taken.
_CALLED: Mapping[str, tuple[str, ...]] = {
    "report_id": ("report_id", "id", "event_id", "event_id_cnty"),
    "occurred_at": ("occurred_at", "occurred_on", "day", "date", "event_date", "date_start"),
    "reported_at": ("reported_at", "known_at"),
    "kind": ("kind", "event_type", "type"),
    "lat": ("lat", "latitude"),
    "lon": ("lon", "lng", "long", "longitude"),
    "place": ("place", "location"),
    "region": ("region", "admin1"),
    "summary": ("summary", "notes"),
}
_DAY = len("2025-01-31")
_MIDNIGHTS = ("T00:00:00", " 00:00:00", "T00:00", " 00:00")
_UNTOLD = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRow:
    """A row that can be used.

    Attributes:
        is_claim: It has words or a page of its own: several rows may speak of one event. A row
            without either is a record of an event.
        event: Of which event it speaks, as the file itself says.
    """

    line: int
    filed: FiledReport
    is_claim: bool
    event: str


@dataclass(slots=True, kw_only=True)
class PastFile:
    """The rows of a file by the time they were known, and what had to be guessed.

    Attributes:
        no_report_time: Rows without `reported_at`: taken as known when their day was over.
        strange_kinds: Kinds that nobody here knows, counted; taken as `generic_kind`.
        one_each: By the file's own word no two rows are of one event, though they have words: each
            is taken as a record.
    """

    generic_kind: str
    rows: list[PastRow] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)
    no_report_time: int = 0
    strange_kinds: Counter[str] = field(default_factory=Counter)
    one_each: bool = False


def read_past(lines: Iterable[str], *, kinds: Kinds) -> PastFile:
    """Return the rows of a CSV of reports or of events, in the order they became known.

    An event of which only the day is known stands at noon. Without `reported_at` it is taken as
    known when that day (UTC) was over: no forecast for the day itself can have used it.

    Raises:
        ValueError: The file has no header with a day and a place.
    """
    past = PastFile(generic_kind=_generic(kinds))
    for line, cells in _cells(lines, past):
        try:
            row = _read(line, cells, past, kinds)
        except ValueError as error:
            past.bad.append(BadRow(line, str(error), cells))
            continue
        past.rows.append(row)
    past.rows.sort(key=lambda row: (row.filed.reported_at, row.filed.occurred_at, row.line))
    if any(row.is_claim for row in past.rows) and _one_each(past.rows):
        past.one_each = True
        past.rows = [replace(row, is_claim=False) for row in past.rows]
    return past


def _one_each(rows: Sequence[PastRow]) -> bool:
    """Return whether every row names its event, and none that another row names.

    A list of one source is such a list, too: it does not report an event to itself twice.
    """
    events = {row.event for row in rows}
    if "" not in events:
        return len(events) == len(rows)
    sources = {row.filed.source_name for row in rows}
    return len(rows) > 1 and len(sources) == 1 and None not in sources


def _generic(kinds: Kinds) -> str:
    """Return the kind that stands for violence of no known kind: the first that is configured."""
    return next(kind.code for kind in kinds if kind.family is Family.HOSTILE and kind.serious)


def _cells(lines: Iterable[str], past: PastFile) -> Iterator[tuple[int, dict[str, str]]]:
    lines = iter(lines)
    first = next(lines, "").lstrip("\ufeff")
    separator = max(",;\t", key=first.count)
    header = [name.strip().lower() for name in next(csv.reader([first], delimiter=separator), [])]
    names = _names(header)
    reader = csv.reader(lines, delimiter=separator)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            past.bad.append(BadRow(reader.line_num + 1, f"not a row of a CSV: {error}", {}))
            continue
        if not any(cells):
            continue
        found = dict(zip(header, (cell.strip() for cell in cells), strict=False))
        yield reader.line_num + 1, found | {ours: found.get(name, "") for ours, name in names}


def _names(header: list[str]) -> list[tuple[str, str]]:
    """Return our name and the file's of each column that it calls otherwise."""
    found = {
        ours: next((name for name in called if name in header), None)
        for ours, called in _CALLED.items()
    }
    if found["occurred_at"] is None and found["reported_at"] is None:
        raise ValueError("the file has no column 'occurred_at' (or 'day', 'date')")
    places = ("lat", "place", "road", "region")
    if not any(found.get(name) or name in header for name in places):
        raise ValueError("the file has no column 'lat' and 'lon', nor 'place'")
    return [(ours, name) for ours, name in found.items() if name is not None and name != ours]


def _read(line: int, cells: dict[str, str], past: PastFile, kinds: Kinds) -> PastRow:
    occurred, day = _without_midnight(cells.get("occurred_at", ""))
    told, told_day = _without_midnight(cells.get("reported_at", ""))
    given = cells | {"occurred_at": occurred, "reported_at": told}
    filed = parse_row(given, now=_UNTOLD)
    if not occurred and not told:
        raise ValueError("occurred_at: neither when it happened nor when it was told")
    if not (filed.position or filed.place or filed.region or filed.road):
        raise ValueError("place: neither a position nor a name")
    if filed.position is not None and not filed.position.on_earth:
        raise ValueError(f"lat {filed.position.lat}, lon {filed.position.lon} is not on Earth")
    if filed.occurred_at.year == MAXYEAR:  # "no end", as other lists write it: has no day after it
        raise ValueError(f"occurred_at: '{occurred[:_DAY]}' is no day on which something happened")
    over = datetime.combine(filed.occurred_at.date(), time(tzinfo=UTC)) + timedelta(days=1)
    if not told:
        past.no_report_time += 1
        filed = replace(filed, reported_at=over if day else max(over, filed.occurred_at))
    elif day and told_day and filed.reported_at < over:
        filed = replace(filed, reported_at=over)  # "known on the day" is: when it was over
    if filed.kind not in kinds:
        past.strange_kinds[filed.kind or "(none)"] += 1
        filed = replace(filed, kind=past.generic_kind)
    is_claim = bool(filed.summary or filed.source_url)
    return PastRow(
        line=line, filed=filed, is_claim=is_claim, event=cells.get("event_ref", "").strip()
    )


def _without_midnight(text: str) -> tuple[str, bool]:
    """Return the text, and whether it is a day: midnight sharp is how programs write days."""
    text = text.strip()
    if len(text) > _DAY and text[_DAY:].split(".")[0].removesuffix("Z") in _MIDNIGHTS:
        return text[:_DAY], True
    return text, 0 < len(text) <= _DAY
