"""A made-up war along real roads, as a plain list of events: seeded, for tests and measurements.

What lists of located violence in the Sahel have in common is put in, and nothing else: few places
see most of it, and for years; it starts and ends there; one attack brings others within days and
kilometres; it grows; a few events fall anywhere; positions are those of towns, days are days. It
proves that the machinery works, never that a rating is right.

    python -m bench.conflict OUT.csv [--seed 7] [--events 4800] [--country ML]
"""

import argparse
import csv
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np

from app.roads.geometry import Position, offset
from app.roads.loading import load_network
from app.roads.network import Network

CONFIG = Path(__file__).parents[1] / "config"
START = datetime(2013, 1, 1, tzinfo=UTC)
YEARS = 7.0
_TOWN = 0.5  # positions that are those of the nearest town
_BRANCHING = 0.25  # events that one event brings
_AFTER_DAYS, _AFTER_KM = 20.0, 8.0
_ANYWHERE = 0.15  # of the first events
_GROWTH = 2.5  # how much more there is of it at the end than at the beginning


class Event(NamedTuple):
    """One event: days since the start, and where."""

    day: float
    position: Position


def events(network: Network, *, seed: int, count: int, country: str = "ML") -> list[Event]:
    """Return about `count` events over seven years, in order."""
    rng = np.random.default_rng(seed)
    days = YEARS * 365.25
    lines = [s.line for s in network.sections.values() if f"country:{country}" in s.areas]
    towns = [p.position for p in network.places.values() if p.country == country]
    firsts = count * (1.0 - _BRANCHING)
    found: list[Event] = []
    sites = 220
    share = rng.lognormal(0.0, 1.1, sites)
    share /= share.sum()
    for part in share:
        begin = rng.uniform(-0.5, 0.8) * days
        end = begin + rng.uniform(0.4, 1.5) * days
        number = rng.poisson(firsts * (1.0 - _ANYWHERE) * part)
        heart = _near(rng, lines, 25.0)
        begin, end = max(begin, 0.0), min(end, days)
        found += [
            Event(begin + day, _around(rng, heart, 4.0))
            for day in _rising(rng, number, end - begin)
        ]
    found += [
        Event(day, _near(rng, lines, 40.0)) for day in _rising(rng, int(firsts * _ANYWHERE), days)
    ]
    whole = [event for first in found for event in _brings(rng, first, days)]
    snapped = [_snapped(rng, event, towns) for event in whole]
    return sorted(snapped, key=lambda event: event.day)


def rows(found: list[Event]) -> Iterator[dict[str, str]]:
    """Yield each event as a row of a plain list."""
    for number, event in enumerate(found):
        day = (START + timedelta(days=event.day)).date()
        yield {
            "report_id": f"E{number:05d}",
            "occurred_at": day.isoformat(),
            "lat": f"{event.position.lat:.4f}",
            "lon": f"{event.position.lon:.4f}",
            "kind": "violence",
        }


def write(path: Path, found: list[Event]) -> None:
    """Write the events as a CSV."""
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, ["report_id", "occurred_at", "lat", "lon", "kind"])
        out.writeheader()
        out.writerows(rows(found))


def _rising(rng: np.random.Generator, number: int, days: float) -> list[float]:
    """Return instants that grow denser evenly."""
    slope = (_GROWTH - 1.0) / (_GROWTH + 1.0)
    drawn = rng.uniform(0, 1, 4 * number)
    kept = drawn[rng.uniform(0, 1, 4 * number) < 0.5 * (1 + slope * (2 * drawn - 1))]
    return [float(day) * days for day in kept[:number]]


def _brings(rng: np.random.Generator, first: Event, days: float) -> Iterator[Event]:
    todo = [first]
    while todo:
        event = todo.pop()
        if event.day > days:
            continue
        yield event
        for _ in range(rng.poisson(_BRANCHING)):
            after = event.day + rng.exponential(_AFTER_DAYS)
            todo.append(Event(after, _around(rng, event.position, _AFTER_KM)))


def _around(rng: np.random.Generator, heart: Position, km: float) -> Position:
    return offset(heart, rng.uniform(0, 360), rng.exponential(km))


def _near(rng: np.random.Generator, lines: list[tuple[Position, ...]], km: float) -> Position:
    line = lines[rng.integers(len(lines))]
    return _around(rng, line[rng.integers(len(line))], km)


def _snapped(rng: np.random.Generator, event: Event, towns: list[Position]) -> Event:
    if rng.uniform() > _TOWN:
        return event
    nearest = min(
        towns,
        key=lambda t: (t.lat - event.position.lat) ** 2 + (t.lon - event.position.lon) ** 2,
    )
    return Event(event.day, nearest)


def main() -> None:
    """Write a file of events."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--events", type=int, default=4800)
    parser.add_argument("--country", default="ML")
    given = parser.parse_args()
    network = load_network(CONFIG / "network")
    found = events(network, seed=given.seed, count=given.events, country=given.country)
    write(given.out, found)
    print(f"{len(found)} events written to {given.out}")


if __name__ == "__main__":
    main()
