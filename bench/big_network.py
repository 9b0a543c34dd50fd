"""A road network many times the size of `config/network`, and years of history upon it.

The network is the shipped one again and again, each copy moved to another part of the globe. The
past is made of incidents as reports would have opened them, at places along the roads (a third of
them up to 60 km off), spread evenly over ten years; they are copied straight into SQLite's tables.
"""

import csv
import json
import random
import re
import shutil
import sqlite3
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice, product
from pathlib import Path
from typing import Any

from app.core.ids import new_id
from app.flows.context import Context
from app.incidents.codec import encode_incident
from app.incidents.filed import FiledReport
from app.incidents.joining import open_incident
from app.incidents.matching import cell_for
from app.incidents.reading import read_report
from app.roads.geometry import Position
from app.roads.locating import locate
from app.roads.network import Network
from app.roads.places import Location, PlaceQuery
from bench.storm import KINDS

YEARS = 10
_TEMPLATES = 4_000
_OFF_ROAD_DEG = 0.55
_LONGITUDES, _LATITUDES = range(-150, 151, 25), (0, 17, -17, 34, -34, 45, -51, 62)
_COPIED = ("corridors.csv", "corridor_stops.csv", "places.csv")


def repeat(config: Path, into: Path, *, copies: int) -> Path:
    """Write a configuration with so many copies of the network of `config`; return `into`."""
    shutil.copytree(config, into)
    moves = list(islice(_moves(), copies))
    for name in _COPIED:
        with (config / "network" / name).open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        with (into / "network" / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, fieldnames=list(rows[0]))
            writer.writeheader()
            for number, move in enumerate(moves):
                writer.writerows(_moved(row, number, move) for row in rows)
    countries = into / "network" / "countries.toml"
    world = "box = { south = -85.0, west = -180.0, north = 85.0, east = 180.0 }"
    countries.write_text(re.sub(r"box = \{.*\}", world, countries.read_text(), count=1))
    return into


def _moves() -> Iterator[tuple[float, float]]:
    yield 0.0, 0.0
    for lat, lon in product(_LATITUDES, _LONGITUDES):
        if (lat, lon) != (0, 0):
            yield float(lat), float(lon)


def _moved(row: dict[str, str], number: int, move: tuple[float, float]) -> dict[str, str]:
    if not number:
        return row
    moved = dict(row)
    for key in ("corridor", "place_id"):
        if key in moved:
            moved[key] = f"{moved[key]}-{number}"
    if "lat" in moved:
        moved["lat"] = f"{float(row['lat']) + move[0]:.5f}"
        moved["lon"] = f"{float(row['lon']) + move[1]:.5f}"
        moved["name"] = f"{row['name']} {number}"
        moved["alt_names"] = ""
    return moved


def spots(network: Network, count: int, chance: random.Random) -> list[Position]:
    """Return positions at stops of the roads, a third of them away from the road."""
    places = network.places
    stops = sorted({s.place_id for c in network.corridors.values() for s in c.stops})
    found = []
    for number in range(count):
        at = places[chance.choice(stops)].position
        off = _OFF_ROAD_DEG if number % 3 == 0 else 0.03
        found.append(
            Position(at.lat + chance.uniform(-off, off), at.lon + chance.uniform(-off, off))
        )
    return found


def filed(at: Position, *, kind: str, now: datetime, note: str) -> FiledReport:
    """Return a report as it would be filed."""
    return FiledReport(
        kind=kind,
        occurred_at=now - timedelta(hours=2),
        reported_at=now,
        position=at,
        summary=f"Camions arretes, {note}",
        vehicles=None,
        source_type="reporter",
    )


class Past:
    """Adds incidents that lie back, until there are as many as wanted."""

    def __init__(self, context: Context, database: Path, *, now: datetime) -> None:
        self._database, self._now = database, now
        self._chance = random.Random(7)
        self._made = 0
        self._templates = [
            found
            for number, at in enumerate(spots(context.config.network, _TEMPLATES, random.Random(8)))
            if (found := self._template(context, at, number)) is not None
        ]

    def grow_to(self, count: int) -> None:
        """Add what is missing."""
        with sqlite3.connect(self._database) as conn:
            conn.execute("PRAGMA synchronous=OFF")
            while self._made < count:
                batch = [self._one() for _ in range(min(20_000, count - self._made))]
                for table, columns in _COLUMNS.items():
                    marks = ", ".join("?" * len(columns))
                    conn.executemany(
                        f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})",
                        [row for one in batch for row in one[table]],
                    )
                conn.commit()
            conn.execute("ANALYZE")

    def _template(self, context: Context, at: Position, number: int) -> Any:
        config = context.config
        kind = list(KINDS)[number % len(KINDS)]
        report = filed(at, kind=kind, now=self._now, note=str(number))
        location = locate(PlaceQuery(position=at), context.gazetteer)
        if not isinstance(location, Location):
            return None
        claim = read_report(
            report,
            report_id=new_id(self._now),
            location=location,
            origin=f"{number:064x}",
            received_at=self._now,
            kinds=config.kinds,
            cargoes=config.cargoes,
            marks=(),
            known_source=True,
        )
        incident = open_incident(
            claim, incident_id=new_id(self._now), policy=config.incidents, kinds=config.kinds
        )
        book = next(iter(context.books.values()))
        reach = config.network.reach(location, book.reach_km)
        return incident, json.dumps(encode_incident(incident)), reach, cell_for(location)

    def _one(self) -> dict[str, list[tuple[Any, ...]]]:
        incident, facts, reach, cell = self._chance.choice(self._templates)
        self._made += 1
        at = self._now - timedelta(days=self._chance.uniform(4, YEARS * 365))
        number = str(uuid.UUID(int=self._made))
        said, stored = at.isoformat().replace("+00:00", "Z"), f"{at:%Y-%m-%d %H:%M:%S.%f}"
        for key in ("occurred_at", "first_reported_at", "last_reported_at"):
            facts = re.sub(rf'"{key}": "[^"]*"', f'"{key}": "{said}"', facts)
        facts = facts.replace(incident.id, number)
        where = incident.location.position
        return {
            "incident": [
                (
                    *(number, incident.version, incident.kind, incident.family.value, "open"),
                    *(stored, stored, where.lat, where.lon, cell, incident.credibility),
                    *(facts, stored),
                )
            ],
            "incident_version": [(number, 1, stored, "clock", facts)],
            "exposure": [(number, section, stored, km, 1) for section, km in reach.items()],
        }


_COLUMNS = {
    "incident": (
        "id",
        "version",
        "kind",
        "family",
        "status",
        "occurred_at",
        "last_reported_at",
        "lat",
        "lon",
        "cell",
        "credibility",
        "facts",
        "updated_at",
    ),
    "incident_version": ("incident_id", "version", "known_at", "cause", "facts"),
    "exposure": ("incident_id", "section_id", "occurred_at", "distance_km", "live"),
}
