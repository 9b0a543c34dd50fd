"""Score an assignments file against the truth: places found, and incidents made of the reports.

    python bench/score_replay.py ASSIGNMENTS.csv REPORTS.csv [--json]

ASSIGNMENTS has `report_id,incident_id,lat,lon,outcome` (outcome `placed` or `asked`), as
`sira replay --assignments` writes it; REPORTS has the true `lat`, `lon` and `event_ref`.
"""

import argparse
import csv
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from pyproj import Geod

GEOD = Geod(ellps="WGS84")
NEAR_KM, FAR_KM = 10.0, 25.0


def pairs(groups: Iterable[object]) -> int:
    """Return in how many pairs two of the same group stand together."""
    return sum(n * (n - 1) // 2 for n in Counter(groups).values())


def pairwise(said: Mapping[str, str], truth: Mapping[str, str]) -> dict[str, float]:
    """Return precision, recall and F1 of saying "these two reports are of one event"."""
    both = pairs((said[report], truth[report]) for report in said)
    together, true = pairs(said.values()), pairs(truth[report] for report in said)
    precision = both / together if together else 1.0
    recall = both / true if true else 1.0
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return {"precision": precision, "recall": recall, "f1": f1}


def score(
    assignments: Sequence[Mapping[str, str]], reports: Sequence[Mapping[str, str]]
) -> dict[str, float]:
    """Return every figure of a replay, shares 0..1."""
    truth = {row["report_id"]: row for row in reports}
    placed = [row for row in assignments if row["outcome"] == "placed"]
    off = [km_off(row, truth[row["report_id"]]) for row in placed]
    said = {row["report_id"]: row["incident_id"] for row in placed}
    answered = {row["report_id"] for row in assignments}
    return {
        "reports": len(reports),
        "placed": len(placed),
        "asked": sum(row["outcome"] == "asked" for row in assignments),
        "missing": len(truth.keys() - answered),
        "within_10_km": sum(km <= NEAR_KM for km in off) / max(len(off), 1),
        "over_25_km": sum(km > FAR_KM for km in off) / max(len(off), 1),
        "incidents": len(set(said.values())),
        "events": len({truth[report]["event_ref"] for report in said}),
        **pairwise(said, {report: truth[report]["event_ref"] for report in said}),
    }


def km_off(row: Mapping[str, str], true: Mapping[str, str]) -> float:
    """Return how far a placed report is from its true position, km."""
    lon, lat = float(row["lon"]), float(row["lat"])
    return float(GEOD.inv(lon, lat, float(true["lon"]), float(true["lat"]))[2]) / 1000


def read(path: Path) -> list[Mapping[str, str]]:
    """Return the rows of a CSV."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def main() -> None:
    """Print the figures of one replay."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("assignments", type=Path)
    parser.add_argument("reports", type=Path)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    figures = score(read(given.assignments), read(given.reports))
    if given.json:
        print(json.dumps(figures))
        return
    print(f"reports        {figures['reports']:.0f}")
    print(f"placed         {figures['placed']:.0f}   asked back {figures['asked']:.0f}   "
          f"missing {figures['missing']:.0f}")  # fmt: skip
    print(f"within 10 km   {figures['within_10_km']:.1%} of the placed   (aim: 90 %)")
    print(f"over 25 km     {figures['over_25_km']:.1%} of the placed   (aim: at most 3 %)")
    print(f"incidents      {figures['incidents']:.0f} made of {figures['events']:.0f} events")
    print(f"pairwise       precision {figures['precision']:.3f}   recall {figures['recall']:.3f}   "
          f"F1 {figures['f1']:.3f}   (aim: 0.90)")  # fmt: skip


if __name__ == "__main__":
    main()
