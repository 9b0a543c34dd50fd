"""Scores how reports are placed: `score_places.py TRUTH.csv FILED.csv [--bad]`.

Both files have the columns of the report CSV and the same `report_id`s. Prints how many were
placed and asked back, and how far the placed ones lie from the truth.
"""

import argparse
import csv
import sys
import time
from collections.abc import Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from app.roads.gazetteer import Gazetteer
from app.roads.geometry import Position, distance_km
from app.roads.loading import load_network
from app.roads.locating import locate
from app.roads.places import Location, PlaceQuery, Unplaced

NETWORK = Path(__file__).parent.parent / "config" / "network"
RIGHT_KM, WRONG_KM = 10.0, 25.0


def query_of(row: Mapping[str, str]) -> PlaceQuery:
    """Return what a CSV row says of its place."""
    has_position = bool(row["lat"] and row["lon"])
    return PlaceQuery(
        place=row["place"] or None,
        position=Position(float(row["lat"]), float(row["lon"])) if has_position else None,
        road=row["road"] or None,
        region=row["region"] or None,
        precision=row["coord_precision"] or None,
    )


def main() -> None:
    """Print the figures."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("truth", type=Path)
    options.add_argument("filed", type=Path)
    options.add_argument("--bad", action="store_true", help="list what was misplaced or asked")
    args = options.parse_args()
    with args.truth.open(encoding="utf-8") as file:
        truth = {row["report_id"]: row for row in csv.DictReader(file)}
    with args.filed.open(encoding="utf-8") as file:
        filed = list(csv.DictReader(file))
    gazetteer = Gazetteer(load_network(NETWORK))
    started = time.perf_counter()
    answers = [locate(query_of(row), gazetteer) for row in filed]
    seconds = time.perf_counter() - started
    off: list[float] = []
    for row, answer in zip(filed, answers, strict=True):
        right = truth[row["report_id"]]
        km = None
        if isinstance(answer, Location):
            km = distance_km(Position(float(right["lat"]), float(right["lon"])), answer.position)
            off.append(km)
        if args.bad and (km is None or km > RIGHT_KM):
            print(account(row, answer, km))
    report(len(filed), off, seconds)


def account(row: Mapping[str, str], answer: Location | Unplaced, km: float | None) -> str:
    """Return a line that tells what was said and what was understood."""
    said = " | ".join(row[c] for c in ("place", "region", "road", "coord_precision", "lat"))
    if isinstance(answer, Location):
        return f"{km:6.1f} km  {said}  ->  {answer.label} ({answer.how})"
    names = ", ".join(c.name for c in answer.candidates[:4])
    return f"    asked  {said}  ->  {answer.reason}: {answer.detail} [{names}]"


def report(reports: int, off: list[float], seconds: float) -> None:
    """Print counts and shares; `off` holds how far each placed report is from the truth."""
    asked = reports - len(off)
    right = sum(km <= RIGHT_KM for km in off)
    wrong = sum(km > WRONG_KM for km in off)
    print(f"reports          {reports}")
    print(f"placed           {len(off)}")
    print(f"asked back       {asked} ({asked / reports:.1%})")
    print(f"within 10 km     {right} ({right / len(off):.1%} of placed)")
    print(f"beyond 25 km     {wrong} ({wrong / len(off):.1%} of placed)")
    print(f"seconds          {seconds:.3f} ({seconds / reports * 1e6:.0f} us each)")


if __name__ == "__main__":
    main()
