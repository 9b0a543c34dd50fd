"""Reads the network of config/network."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from sys import intern

from app.core.errors import ConfigError
from app.core.reading import read_text, read_toml
from app.roads.areas import Country
from app.roads.geometry import Position
from app.roads.network import Network, Stop
from app.roads.places import Place
from app.roads.sections import RoadNumber, Route, cut


def load_network(directory: Path, *, beside: Path | None = None) -> Network:
    """Return the network that the files of `directory` describe.

    Args:
        directory: With the files.
        beside: Where to look for what `directory` does not have of countries, divisions, road
            numbers and further places: roads may be given without them.

    Raises:
        ConfigError: A file is missing or wrong; the message names file and row or key.
    """

    def found(name: str) -> Path:
        path = directory / name
        return path if beside is None or path.exists() else beside / name

    countries = _countries(found("countries.toml"), found("divisions.toml"))
    places = {place.id: place for place in _places(directory / "places.csv")}
    routes = _routes(directory, places)
    numbers = _numbers(found("roads.toml"), routes, strict=beside is None)
    sections, corridors = cut(routes, places, numbers)
    return Network(
        sections=sections,
        corridors=corridors,
        places=places.values(),
        countries=countries,
        nearby_places=_places(found("gazetteer.csv")),
        numbered={(n.corridor, n.number): (n.start, n.end) for n in numbers},
    )


def place_of(row: Mapping[str, str]) -> Place:
    """Return the place of a row with the columns of `gazetteer.csv`.

    Raises:
        KeyError: A column is missing.
        ValueError: A value is not what its column needs.
    """
    position = Position(lat=float(row["lat"]), lon=float(row["lon"]))
    if not position.on_earth:
        raise ValueError(f"lat {row['lat']}, lon {row['lon']} is not on Earth")
    name = row["name"].strip()
    place_id = row["place_id"].strip()
    country = intern(row["country"].strip())
    if not name or not place_id or len(country) != 2:  # noqa: PLR2004 - ISO 3166-1 alpha-2
        raise ValueError("place_id, name and a two-letter country are needed")
    population = (row.get("population") or "").strip()
    return Place(
        id=place_id,
        name=name,
        alt_names=tuple(a for a in (row.get("alt_names") or "").split("|") if a),
        country=country,
        region=_often(row, "region"),
        cercle=_often(row, "cercle"),
        position=position,
        population=int(population) if population else None,
        feature=_often(row, "feature"),
    )


def _often(row: Mapping[str, str], column: str) -> str | None:
    """Return what stands in many rows; in memory it is there once."""
    return intern((row.get(column) or "").strip()) or None


def _places(path: Path) -> Iterator[Place]:
    for line, row in _rows(path, ("place_id", "name", "country", "lat", "lon")):
        try:
            yield place_of(row)
        except ValueError as error:
            raise ConfigError(f"{path}, line {line}: {error}") from error


def _routes(directory: Path, places: Mapping[str, Place]) -> list[Route]:
    path = directory / "corridor_stops.csv"
    stops: dict[str, list[Stop]] = {}
    schematic = False
    columns = ("corridor", "place_id", "km", "main_stop", "leg_to_next")
    for line, row in _rows(path, columns):
        place = places.get(row["place_id"])
        if place is None:
            raise ConfigError(f"{path}, line {line}: {row['place_id']!r} is not in places.csv")
        try:
            known = stops.setdefault(row["corridor"], [])
            stop = Stop(
                place_id=place.id,
                name=place.name,
                km=float(row["km"]),
                main=row["main_stop"] == "1",
                schematic=bool(known) and schematic,
            )
            schematic = row["leg_to_next"] == "schematic"
        except ValueError as error:
            raise ConfigError(f"{path}, line {line}: {error}") from error
        if known and stop.km < known[-1].km:
            raise ConfigError(f"{path}, line {line}: kilometres must not fall")
        known.append(stop)
    routes = []
    path = directory / "corridors.csv"
    for line, row in _rows(path, ("corridor", "title", "road_refs")):
        code = row["corridor"]
        if len(stops.get(code, ())) < 2:  # noqa: PLR2004 - a road has two ends
            raise ConfigError(f"{path}, line {line}: corridor {code!r} has no two stops")
        routes.append(
            Route(
                code=code,
                title=row["title"],
                road_refs=row["road_refs"],
                stops=tuple(stops[code]),
            )
        )
    return routes


def _numbers(path: Path, routes: list[Route], *, strict: bool) -> list[RoadNumber]:
    """Return the road numbers; unless `strict`, those of roads that are not here are left out."""
    by_code = {route.code: [stop.place_id for stop in route.stops] for route in routes}
    numbers = []
    for entry in read_toml(path).get("road", []):
        if not strict and not {entry.get("from"), entry.get("to")} <= set(
            by_code.get(entry.get("corridor"), ())
        ):
            continue
        try:
            number = RoadNumber(
                number=entry["number"],
                corridor=entry["corridor"],
                start=entry["from"],
                end=entry["to"],
            )
            ids = by_code[number.corridor]
            in_order = ids.index(number.start) < ids.index(number.end)
        except (KeyError, ValueError) as error:
            where = f"{path}, road {entry.get('number', '')}".rstrip()
            raise ConfigError(f"{where}: {_lacking(error)}") from error
        if not in_order:
            raise ConfigError(f"{path}, road {number.number}: `from` must come before `to`")
        numbers.append(number)
    return numbers


def _countries(path: Path, divided: Path) -> list[Country]:
    divisions = read_toml(divided)
    countries = []
    for code, entry in read_toml(path).items():
        try:
            countries.append(
                Country(
                    code=code,
                    names=tuple(entry["names"]),
                    **{side: float(entry["box"][side]) for side in _SIDES},
                    capital=entry.get("capital"),
                    divisions={k: tuple(v) for k, v in divisions.get(code, {}).items()},
                )
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ConfigError(f"{path}, {code}: {_lacking(error)}") from error
    return countries


def _lacking(error: Exception) -> str:
    """Return what is wrong with an entry: a `KeyError` says a name, and no more."""
    return f"{error} is missing or not known" if isinstance(error, KeyError) else str(error)


_SIDES = ("south", "west", "north", "east")


def _rows(path: Path, needed: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield (line number, row) of a CSV file; each has all columns that are `needed`."""
    reader = csv.DictReader(io.StringIO(read_text(path), newline=""))
    if missing := [name for name in needed if name not in (reader.fieldnames or ())]:
        raise ConfigError(
            f"{path}, line 1: the column {', '.join(missing)} is missing; columns are separated by"
            " commas, and named as in the shipped file"
        )
    for row in reader:
        if any(row[name] is None for name in needed):
            raise ConfigError(f"{path}, line {reader.line_num}: the row ends too early")
        yield reader.line_num, row
