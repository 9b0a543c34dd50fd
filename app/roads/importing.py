"""Reads places of any country: a GeoNames country dump (tabs) or a CSV like ours."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TextIO

from app.core.text import without_turns
from app.roads.areas import division_name
from app.roads.geometry import Position
from app.roads.loading import place_of
from app.roads.places import Place

#: Columns of a GeoNames dump: https://download.geonames.org/export/dump/readme.txt
_COLUMNS = 19
_ID, _NAME, _ALT, _LAT, _LON, _CLASS, _CODE, _COUNTRY = 0, 1, 3, 4, 5, 6, 7, 8
_ADMIN1, _ADMIN2, _POPULATION = 10, 11, 14
_NEEDED = {"place_id", "name", "country", "lat", "lon"}
#: Divisions kept beside populated places: regions and cercles.
_DIVISIONS = {"ADM1", "ADM2"}
#: Abandoned, historical and destroyed places: only namesakes of living ones.
_GONE = {"PPLQ", "PPLH", "PPLCH", "PPLW"}
#: Names longer than this are sentences or addresses, not what a reporter writes.
_LONGEST_NAME = 60
#: What the columns of table `place` hold.
_LONGEST_ID, _LONGEST_TEXT, _LONGEST_FEATURE = 64, 120, 10
_MOST_PEOPLE = 2**31 - 1
#: What stands in place of bytes that are no UTF-8.
_UNREADABLE = "\ufffd"
_LATIN_END = 0x250
_EXTENDED = range(0x1E00, 0x1F00)
_MARKS = "'\u2019\u02bc- .()"


@dataclass(frozen=True, slots=True)
class BadPlace:
    """A line that could not be read, and why."""

    line: int
    reason: str


def parse_geonames(path: Path) -> Iterator[Place | BadPlace]:
    """Yield the populated places and divisions of a GeoNames country dump, bad lines between.

    Admin codes become names by the division rows of the same file. Raises OSError.
    """
    names = _division_names(path)
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        for number, cells in _lines(file):
            if len(cells) != _COLUMNS:
                yield BadPlace(number, f"{len(cells)} columns, {_COLUMNS} expected")
            elif cells[_CODE] in _DIVISIONS or (cells[_CLASS] == "P" and cells[_CODE] not in _GONE):
                yield _geoname(number, cells, names)


def parse_csv(path: Path) -> Iterator[Place | BadPlace]:
    """Yield the places of a CSV with the columns of `config/network/gazetteer.csv`.

    Only `place_id, name, country, lat, lon` must be there. Raises OSError.
    """
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        reader = csv.DictReader(file)
        missing = _NEEDED - set(reader.fieldnames or ())
        if missing:
            yield BadPlace(1, f"columns missing: {', '.join(sorted(missing))}")
            return
        for row in reader:
            yield _csv_place(reader.line_num, row)


def parse_places(path: Path) -> Iterator[Place | BadPlace]:
    """Yield the places of a file of either kind, told apart by its first line."""
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        first = file.readline()
    return parse_geonames(path) if first.count("\t") == _COLUMNS - 1 else parse_csv(path)


def _csv_place(line: int, row: dict[str, str]) -> Place | BadPlace:
    if any(value is None for value in row.values()) or None in row:
        return BadPlace(line, "not as many cells as columns")
    try:
        return _checked(line, place_of(row))
    except ValueError as error:
        return BadPlace(line, str(error))


def _lines(file: TextIO) -> Iterator[tuple[int, list[str]]]:
    """Yield the cells of each line; GeoNames quotes nothing, so a quote is a letter."""
    for number, line in enumerate(file, start=1):
        if line.strip():
            yield number, line.rstrip("\r\n").split("\t")


def _division_names(path: Path) -> dict[tuple[str, ...], str]:
    """Return names by (country, admin1) and (country, admin1, admin2)."""
    names: dict[tuple[str, ...], str] = {}
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        for _, cells in _lines(file):
            if len(cells) == _COLUMNS and cells[_CODE] in _DIVISIONS:
                smaller = (cells[_ADMIN2],) if cells[_CODE] == "ADM2" else ()
                names[cells[_COUNTRY], cells[_ADMIN1], *smaller] = division_name(cells[_NAME])
    return names


def _geoname(line: int, cells: list[str], names: dict[tuple[str, ...], str]) -> Place | BadPlace:
    code = (cells[_COUNTRY], cells[_ADMIN1])
    try:
        position = Position(lat=float(cells[_LAT]), lon=float(cells[_LON]))
        people = int(cells[_POPULATION] or 0)
    except ValueError as error:
        return BadPlace(line, str(error))
    if not position.on_earth or not cells[_NAME] or not cells[_ID].isdigit():
        return BadPlace(line, "an id, a name and a position on Earth are needed")
    place = Place(
        id=f"gn:{cells[_ID]}",
        name=cells[_NAME],
        alt_names=tuple(_usable(cells[_ALT].split(","), cells[_NAME])),
        country=cells[_COUNTRY],
        region=names.get(code),
        cercle=names.get((*code, cells[_ADMIN2])),
        position=position,
        population=people or None,
        feature=cells[_CODE] or None,
    )
    return _checked(line, place)


def _checked(line: int, place: Place) -> Place | BadPlace:
    """Return the place, its names as they read, when the database can hold it."""
    place = replace(
        place,
        name=without_turns(place.name),
        alt_names=tuple(map(without_turns, place.alt_names)),
        region=without_turns(place.region) if place.region else None,
        cercle=without_turns(place.cercle) if place.cercle else None,
    )
    texts = (place.id, place.name, place.country, place.region or "", place.cercle or "")
    if any("\0" in text for text in (*texts, *place.alt_names)):
        return BadPlace(line, "a NUL byte is no letter")
    if any(_UNREADABLE in text for text in (*texts, *place.alt_names)):
        return BadPlace(line, "a letter is not UTF-8: save the file as UTF-8")
    longest = (_LONGEST_ID, _LONGEST_TEXT, 2, _LONGEST_TEXT, _LONGEST_TEXT)
    if any(len(text) > most for text, most in zip(texts, longest, strict=True)):
        return BadPlace(
            line, f"a name is longer than {_LONGEST_TEXT} letters, or the id or country"
        )
    if len(place.feature or "") > _LONGEST_FEATURE or (place.population or 0) > _MOST_PEOPLE:
        return BadPlace(line, "the feature code or the population is too long")
    return place


def _usable(variants: Iterable[str], name: str) -> Iterator[str]:
    """Yield the variants a reporter may write: in Latin letters, no links, each once."""
    seen = {name, ""}
    for variant in variants:
        if variant in seen or len(variant) > _LONGEST_NAME:
            continue
        seen.add(variant)
        if all(_is_latin(letter) for letter in variant):
            yield variant


def _is_latin(letter: str) -> bool:
    if letter in _MARKS:
        return True
    return letter.isalpha() and (ord(letter) < _LATIN_END or ord(letter) in _EXTENDED)
