"""Try the matching of reports in memory: parse, locate, match, join; no database.

    python bench/match_offline.py TRUTH.csv FILED.csv [--fit] [--errors] [--network DIR]

Prints pairwise F1 of the reports as they are (TRUTH), as the field files them (FILED), and of the
latter with half of actors, cargoes and figures left out; whole and by month. With `--fit`, weights
are fitted on all months but one and scored on that one, month by month, and the weights fitted on
all are printed for config/policy/incidents.toml. Places: the gazetteer of `--network`, else the
true ones, displaced where the file has none.
"""

import argparse
import hashlib
import random
import sys
import tomllib
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from app.incidents import cargo, csvfile, kinds, policy
from app.incidents.filed import FiledReport
from app.incidents.incident import Incident
from app.incidents.joining import join, open_incident
from app.incidents.matching import (
    FEATURES,
    cell_for,
    cells_to_search,
    compare,
    is_somewhere_in,
    match,
)
from app.incidents.nearness import holds
from app.incidents.origins import marks_of, origin_of
from app.incidents.policy import IncidentPolicy, Weights
from app.incidents.reading import read_report
from app.incidents.report import Report
from app.roads.gazetteer import Gazetteer
from app.roads.geometry import Position
from app.roads.loading import load_network
from app.roads.locating import locate as find
from app.roads.places import Location, Shape
from bench.score_replay import pairs, read

ROOT = Path(__file__).parent.parent
#: How hard fitted weights are held to PRIOR: what is known before any data. Located reports are
#: mostly within 10 km, slips of the day mostly within one; the rest starts from nothing.
RIDGE = 1.0
PRIOR = {"far": -4.0, "days_apart": -4.0}
FIELDS_LEFT_OUT = ("actor", "target", "cargo", "fatalities", "abducted", "vehicles", "road")
Rows = Mapping[str, Mapping[str, str]]
Locate = Callable[[FiledReport, Mapping[str, str]], Location | None]


def toml(path: str) -> dict[str, object]:
    """Return a file of config/ as a table."""
    return tomllib.loads((ROOT / "config" / path).read_text(encoding="utf-8"))


KINDS = kinds.parse(toml("kinds.toml"), file="kinds.toml")
CARGOES = cargo.parse(toml("cargoes.toml"), file="cargoes.toml")
POLICY = policy.parse(toml("policy/incidents.toml"), file="incidents.toml", cargoes=CARGOES)


@dataclass
class Stream:
    """Located reports in the order told, and the event each is of."""

    reports: list[Report]
    event: dict[str, str]
    asked: int


@dataclass
class Known:
    """The incidents so far, found by cell like the store finds them."""

    by_cell: dict[int, dict[str, Incident]]

    def find(self, report: Report, policy: IncidentPolicy) -> list[Incident]:
        """Return what the store's query would."""
        dated = ("instant", "day")
        window = timedelta(days=policy.matching.window_days)
        near = timedelta(days=policy.matching.near_days)
        families, own = KINDS.families_near(report.kind), cell_for(report.location)
        found = []
        searched = set(cells_to_search(report.location))
        anywhere = is_somewhere_in(report.location, report.family)
        for cell, kept in self.by_cell.items():
            for incident in kept.values():
                inside = anywhere and holds(report.location, incident.location)
                if cell not in searched and not inside:
                    continue
                both = report.date_precision in dated and incident.date_precision in dated
                apart = abs(incident.occurred_at - report.occurred_at)
                if incident.family in families and apart <= (near if both else window):
                    found.append((cell != own, -incident.occurred_at.timestamp(), incident))
        found.sort(key=lambda entry: entry[:2])
        return [incident for _, _, incident in found[: policy.matching.limit]]

    def put(self, incident: Incident, before: Incident | None) -> None:
        """Keep the newest version under its cell."""
        if before is not None:
            del self.by_cell[cell_for(before.location)][before.id]
        self.by_cell[cell_for(incident.location)][incident.id] = incident


def stream(filed_path: Path, truth: Rows, locate: Locate, *, sparse: float = 0.0) -> Stream:
    """Return the reports of a file, located, in the order they were told.

    `sparse` is the share of actors, targets, cargoes and figures left out: in the files every
    report has those of its event, in the field it has not.
    """
    rand = random.Random(7)
    now = datetime.now(UTC)
    reports: list[Report] = []
    asked = 0
    with filed_path.open(newline="", encoding="utf-8") as lines:
        for row in csvfile.read_reports(lines, kinds=KINDS, cargoes=CARGOES, now=now):
            if isinstance(row, csvfile.BadRow):
                raise SystemExit(f"line {row.line}: {row.reason}")
            _, filed = row
            if sparse:
                left_out = [name for name in FIELDS_LEFT_OUT if rand.random() < sparse]
                nothing: dict[str, Any] = dict.fromkeys(left_out)
                filed = replace(filed, **nothing)
            name = filed.external_id or ""
            location = locate(filed, truth[name])
            if location is None:
                asked += 1
                continue
            reports.append(
                read_report(
                    filed,
                    report_id=name,
                    location=location,
                    origin=origin_of(filed, reporter="bench", policy=POLICY.origins),
                    marks=marks_of(filed, _hashed, common=POLICY.matching.common),
                    received_at=filed.reported_at,
                    kinds=KINDS,
                    cargoes=CARGOES,
                )
            )
    reports.sort(key=lambda report: report.reported_at)
    return Stream(reports, {name: row["event_ref"] for name, row in truth.items()}, asked)


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def online(reports: Stream, policy: IncidentPolicy) -> dict[str, str]:
    """Return the incident of each report when they come one at a time."""
    known, said = Known(defaultdict(dict)), {}
    for report in reports.reports:
        candidates = known.find(report, policy)
        found = match(report, candidates, kinds=KINDS, policy=policy.matching)
        before = next((c for c in candidates if c.id == found.incident_id), None)
        after = (
            open_incident(report, incident_id=report.id, policy=policy, kinds=KINDS)
            if before is None
            else join(before, report, policy=policy, kinds=KINDS)
        )
        known.put(after, before)
        said[report.id] = after.id
    return said


def f1(
    said: Mapping[str, str], event: Mapping[str, str], month: str | None = None
) -> tuple[int, int, int]:
    """Return (pairs right, pairs said, pairs true), of one month's events if given."""
    of = [r for r in said if month is None or event[r].startswith(month)]
    return (
        pairs((said[r], event[r]) for r in of),
        pairs(said[r] for r in of),
        pairs(event[r] for r in of),
    )


def as_text(counts: tuple[int, int, int]) -> str:
    """Return the counts as precision, recall and F1."""
    right, said, true = counts
    precision, recall = right / max(said, 1), right / max(true, 1)
    return f"P {precision:.3f}  R {recall:.3f}  F1 {2 * right / max(said + true, 1):.3f}"


def examples(reports: Stream, policy: IncidentPolicy) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Return (event, features, same event) of each report with each candidate, joined truly."""
    known = Known(defaultdict(dict))
    now_of: dict[str, Incident] = {}
    events, rows, same = [], [], []
    for report in reports.reports:
        event = reports.event[report.id]
        candidates = known.find(report, policy)
        for candidate, row in zip(
            candidates,
            compare(report, candidates, kinds=KINDS, policy=policy.matching),
            strict=True,
        ):
            events.append(event)
            rows.append(row)
            same.append(candidate.id == event)
        before = now_of.get(event)
        after = (
            open_incident(report, incident_id=event, policy=policy, kinds=KINDS)
            if before is None
            else join(before, report, policy=policy, kinds=KINDS)
        )
        known.put(after, before)
        now_of[event] = after
    return events, np.array(rows), np.array(same, dtype=float)


def fit(rows: np.ndarray, same: np.ndarray) -> np.ndarray:
    """Return the weights of a ridge logistic regression (Newton); the bias is not shrunk."""
    prior = np.array([PRIOR.get(name, 0.0) for name in FEATURES])
    ridge = np.full(rows.shape[1], RIDGE)
    ridge[0] = 1e-6
    weights = prior.copy()
    for _ in range(50):
        chance = 1 / (1 + np.exp(-rows @ weights))
        slope = rows.T @ (chance - same) + ridge * (weights - prior)
        bend = (rows.T * (chance * (1 - chance))) @ rows + np.diag(ridge)
        step = np.linalg.solve(bend, slope)
        weights = weights - step
        if np.abs(step).max() < 1e-6:  # noqa: PLR2004 - converged
            break
    return weights


def with_weights(policy: IncidentPolicy, weights: np.ndarray) -> IncidentPolicy:
    """Return the policy with other weights."""
    named = Weights(**dict(zip(FEATURES, map(float, weights), strict=True)))
    return replace(policy, matching=replace(policy.matching, weights=named))


def months_of(reports: Stream) -> list[str]:
    """Return the months of the events: the first eight letters of an event's name."""
    return sorted({reports.event[report.id][:8] for report in reports.reports})


def cross_validate(streams: Mapping[str, Stream], wanted: Sequence[str] = ()) -> None:
    """Print the score of each month by weights fitted on the others, and the weights of all."""
    parts = {name: examples(reports, POLICY) for name, reports in streams.items()}
    months = months_of(next(iter(streams.values())))
    total: dict[str, np.ndarray] = {name: np.zeros(3, dtype=int) for name in streams}
    for month in months:
        keep = [
            np.array([not e.startswith(month) for e in events]) for events, _, _ in parts.values()
        ]
        weights = fit(
            np.concatenate([rows[k] for (_, rows, _), k in zip(parts.values(), keep, strict=True)]),
            np.concatenate([same[k] for (_, _, same), k in zip(parts.values(), keep, strict=True)]),
        )
        line = []
        for name, reports in streams.items():
            counts = f1(online(reports, with_weights(POLICY, weights)), reports.event, month)
            total[name] += counts
            line.append(f"{name}: {as_text(counts)}")
            if month in wanted:
                print_errors(reports, online(reports, with_weights(POLICY, weights)), month)
        print(f"  left out {month}   " + "   ".join(line))
    for name in streams:
        print(f"  all left-out months, {name}: {as_text(tuple(total[name]))}")
    weights = fit(
        np.concatenate([rows for _, rows, _ in parts.values()]),
        np.concatenate([same for _, _, same in parts.values()]),
    )
    print("fitted on all:")
    for name, weight in zip(FEATURES, weights, strict=True):
        print(f"  {name} = {weight:.2f}")
    for name, reports in streams.items():
        said = online(reports, with_weights(POLICY, weights))
        print(f"  {name}: {as_text(f1(said, reports.event))}")


def true_places(seed: int) -> Locate:
    """Return a stand-in for the gazetteer: the true place, displaced where none was filed."""
    rand = random.Random(seed)
    shapes = {
        "road segment midpoint": (Shape.ROAD, 15.0),
        "area estimate": (Shape.POINT, 12.0),
        "region proxy": (Shape.AREA, 0.0),
    }

    def locate(filed: FiledReport, true: Mapping[str, str]) -> Location:
        shape, radius = shapes.get(true["coord_precision"], (Shape.POINT, 2.0))
        off = 0.0 if filed.position else 0.05
        position = Position(
            float(true["lat"]) + rand.gauss(0, off), float(true["lon"]) + rand.gauss(0, off)
        )
        return Location(
            shape=shape,
            position=position,
            radius_km=radius,
            label=true["place"],
            place_id=true["place"] if shape is Shape.POINT and not off else None,
            area=f"region:ML/{true['place']}" if shape is Shape.AREA else None,
            country="ML",
            region=true["region"].split("/")[-1].strip(),
        )

    return locate


def gazetteer_places(directory: Path) -> Locate:
    """Return the product's own locating, with the places of `directory`."""
    gazetteer = Gazetteer(load_network(directory))

    def locate(filed: FiledReport, _true: Mapping[str, str]) -> Location | None:
        found = find(filed.place_query(KINDS), gazetteer)
        return found if isinstance(found, Location) else None

    return locate


def print_errors(reports: Stream, said: Mapping[str, str], month: str = "") -> None:
    """Print the events that were split and the incidents that mix events."""
    said = {r: i for r, i in said.items() if reports.event[r].startswith(month)}
    by_event: dict[str, set[str]] = defaultdict(set)
    by_incident: dict[str, set[str]] = defaultdict(set)
    for report, incident in said.items():
        by_event[reports.event[report]].add(incident)
        by_incident[incident].add(reports.event[report])
    for event, incidents in by_event.items():
        if len(incidents) > 1:
            sizes = {i: sum(said[r] == i for r in said) for i in sorted(incidents)}
            print(f"  split {event}: {sizes}")
    for incident, events in by_incident.items():
        if len(events) > 1:
            print(f"  mixed {incident}: {sorted(events)}")


def main() -> None:
    """Print the figures asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("truth", type=Path)
    parser.add_argument("filed", type=Path)
    parser.add_argument("--fit", action="store_true")
    parser.add_argument("--errors", action="store_true")
    parser.add_argument("--errors-of", nargs="*", default=[], metavar="MONTH")
    parser.add_argument("--network", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    truth = {row["report_id"]: row for row in read(given.truth)}
    locate = gazetteer_places(given.network) if given.network else true_places(given.seed)
    streams = {
        "as they are": stream(given.truth, truth, locate),
        "as filed": stream(given.filed, truth, locate),
        "as filed, sparse": stream(given.filed, truth, locate, sparse=0.5),
    }
    for name, reports in streams.items():
        said = online(reports, POLICY)
        print(
            f"{name}: {len(said)} placed, {reports.asked} asked; {as_text(f1(said, reports.event))}"
        )
        for month in months_of(reports):
            print(f"  {month}  {as_text(f1(said, reports.event, month))}")
        if given.errors:
            print_errors(reports, said)
    if given.fit:
        cross_validate(streams, given.errors_of)


if __name__ == "__main__":
    main()
