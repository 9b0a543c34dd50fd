"""48 hours of a real storm for many people: what each of them got, and what it cost.

    python -m bench.storm_people --reports mali_2025/reports.csv [--people 5000]

The reports of the fullest 48 hours of September 2025 are played on a fast clock through the whole
chain, with providers that lose some messages (`tests/harness/storm.py`). Ten days before are played
too, so that the roads are what they were; nobody has subscribed by then. Afterwards a moderator
withdraws sixty alerts, and three days pass, so that everything that waited has left.
"""

import argparse
import sys
import tempfile
import time
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.db import migrate
from app.db.engine import Database
from tests.harness.storm import Storm
from tests.harness.storm_findings import reckon

_HOURS = timedelta(hours=48)


def main() -> None:
    """Play and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=Path, required=True)
    parser.add_argument("--people", type=int, default=5_000)
    parser.add_argument("--organisations", type=int, default=20)
    args = parser.parse_args()
    header, *lines = args.reports.read_text(encoding="utf-8").splitlines()
    told = sorted(
        (_at(line), line) for line in lines if "2025-09-01" <= line.split(",")[2] < "2025-10"
    )
    begins = max(
        (at for at, _ in told),
        key=lambda start: sum(start <= at < start + _HOURS for at, _ in told),
    )
    before = [line for at, line in told if begins - timedelta(days=10) <= at < begins]
    storm_lines = [line for at, line in told if begins <= at < begins + _HOURS]
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/sira.db"
        migrate.upgrade(url)
        db = Database(url)
        storm = Storm(
            db,
            people=args.people,
            organisations=args.organisations,
            began_at=begins - timedelta(days=11),
        )
        storm.play([header, *before])
        storm.open_doors()
        storm.call_lists()
        storm.budget([None, 0.05, 0.6, 2.0, 6.0], reserve=30.0)
        started = time.process_time()
        played = storm.play([header, *storm_lines])
        storm.withdraw(60)
        storm.pass_time(timedelta(days=3))
        seconds = time.process_time() - started
        print(f"{played} reports from {begins:%d %B %H:%M} on, {args.people} people")
        found = reckon(storm)
        for one in fields(found):
            value = getattr(found, one.name)
            print(f"{one.name:18} {dict(value) if isinstance(value, dict) else value}")
        print(f"{'CPU seconds':18} {seconds:.0f}")
        db.close()
    print(f"{'wrong':18} {found.wrong or 'nothing'}")
    sys.exit(bool(found.wrong))


def _at(line: str) -> datetime:
    return datetime.fromisoformat(line.split(",")[2]).astimezone(UTC)


if __name__ == "__main__":
    main()
