"""What a report and a rating cost as the network and its history grow, on SQLite, in one process.

For 30, 300 and 3,000 routes (the shipped network repeated, see big_network.py) and 10^3 to 10^6
incidents of the last ten years: CPU and time of a report at a place along the roads, with all that
it sets off; of rating one section again; of showing a route's rating with its reasons; and of the
first report after a start, when nothing is in memory yet. Medians. At last a rule comes into force:
how long until all roads are rated by it, until the past is weighed by it, and the longest that a
report waits for either.

    python bench/bench_growth.py [--routes 30 300 3000] [--incidents 1000 10000 100000 1000000]
                                 [--reports 150] [--json OUT.json] [--plot OUT.svg]
"""

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from app.alerts.change import Cause
from app.flows import age_out, assess
from app.flows.assess import Changes
from app.flows.rating import rule_books
from app.flows.readers import show_ratings
from app.flows.report_incident import report_incident
from app.flows.reports.filing import Filing, check_and_locate
from app.flows.rules import new_rules, publish_rules, tune_rules
from app.flows.rules.publish_rules import Signed
from app.risk import store as risk_store
from app.running import settle_down
from app.service import Service, open_service
from app.settings import Settings
from bench import serving
from bench.big_network import Past, filed, repeat, spots
from bench.growth_plot import plot
from bench.storm import KINDS

SHIPPED = 29
#: Comes into force at last, under an id of its own.
RULE = {
    "title": "Ambush",
    "title_fr": "Embuscade",
    "when": 'incident.kind == "convoy_ambush"',
    "weight": 1.5,
}
_WARM = 100
_SHOWN = 20
_AT_ONCE = 50
COLUMNS = {
    "report_cpu_ms": "a report, CPU ms",
    "report_ms": "a report, ms",
    "report_p99_ms": "its p99, ms",
    "first_ms": "first report, ms",
    "section_ms": "a section again, ms",
    "shown_ms": "a route shown, ms",
    "rules_s": "roads by new rules, s",
    "rules_ms": "reports wait, ms",
    "weigh_s": "all weighed anew, s",
    "weigh_ms": "reports wait, ms",
    "rss_mib": "memory, MiB",
}


class Timed:
    """Wall time and CPU of calls, in ms."""

    def __init__(self) -> None:
        self.wall: list[float] = []
        self.cpu: list[float] = []

    def call(self, work: Callable[[], Any]) -> Any:
        """Call and keep what it took."""
        wall, cpu = time.perf_counter(), time.process_time()
        result = work()
        self.cpu.append((time.process_time() - cpu) * 1e3)
        self.wall.append((time.perf_counter() - wall) * 1e3)
        return result


def measure(service: Service, reports: int) -> dict[str, float]:
    """Post reports and read ratings; return the medians."""
    chance = random.Random(3)
    where = spots(service.context.config.network, _WARM + reports, chance)
    first, warm, after = Timed(), Timed(), Timed()
    for number, at in enumerate(where):
        timed = first if number == 0 else warm if number < _WARM else after
        kind = chance.choice(list(KINDS))
        timed.call(lambda at=at, kind=kind, n=number: report(service, at, kind, n))  # type: ignore[misc]
    again, shown = Timed(), Timed()
    sections = 0
    while sections < _WARM:
        done = again.call(lambda: service.db.write_now(lambda conn: _age(conn, service)))
        sections += done
        if not done:
            break
    corridors = list(service.context.config.network.corridors.values())
    for corridor in chance.sample(corridors, min(_SHOWN, len(corridors))):
        shown.call(lambda corridor=corridor: _show(service, corridor))  # type: ignore[misc]
    return {
        "report_cpu_ms": statistics.median(after.cpu),
        "report_ms": statistics.median(after.wall),
        "report_p99_ms": statistics.quantiles(after.wall, n=100)[98],
        "first_ms": first.wall[0],
        "section_ms": sum(again.cpu) / max(1, sections),
        "shown_ms": statistics.median(shown.cpu),
        **publish(service),
        "rss_mib": psutil.Process().memory_info().rss / 2**20,
    }


def publish(service: Service) -> dict[str, float]:
    """Put one rule more in force, rate the roads and weigh the past by it."""
    context, now, db = service.context, service.clock.now(), service.db
    change = tune_rules.added(
        {**RULE, "id": f"ambush-after-{db.read_now(risk_store.active_number)}"}
    )
    drafted = db.read_now(lambda conn: publish_rules.draft(conn, change, context=context, now=now))
    signed = Signed(actor="bench", accept="a measurement")
    waits, weighing = Timed(), Timed()
    began, after = time.perf_counter(), ""
    waits.call(
        lambda: db.write_now(
            lambda conn: publish_rules.publish(conn, drafted, signed, context=context, now=now)
        )
    )
    while part := db.read_now(partial(new_rules.warm_next, context=context, now=now)):
        rate = partial(new_rules.rate_part, sections=part, actor="bench", context=context, now=now)
        waits.call(partial(db.write_now, rate))
    rated = time.perf_counter()
    while found := db.read_now(
        partial(new_rules.weigh_next, after=after, context=context, now=now)
    ):
        after = found.section_id
        ready = partial(new_rules.put_weighed, renewal=found, context=context, now=now)
        weighing.call(partial(db.write_now, ready))
    return {
        "rules_s": rated - began,
        "rules_ms": max(waits.wall),
        "weigh_s": time.perf_counter() - rated,
        "weigh_ms": max(weighing.wall, default=0.0),
    }


def report(service: Service, at: Any, kind: str, number: int) -> None:
    """File one report, as the API would."""
    now, context = service.clock.now(), service.context
    filing = Filing(
        filed=filed(at, kind=kind, now=now, note=f"note {number}"),
        key_id="cli",
        trusted=True,
        body_hash=str(number),
    )
    found = check_and_locate(filing, context=context, now=now)
    service.db.write_now(
        lambda conn: report_incident(conn, filing, found, context=context, now=now)
    )


def _age(conn: Any, service: Service) -> int:
    now, context = service.clock.now(), service.context
    return age_out.age_ratings(conn, older_than=timedelta(seconds=2), context=context, now=now)


def _show(service: Service, corridor: Any) -> None:
    service.db.read_now(
        lambda conn: show_ratings.rating(
            conn,
            corridor,
            "fuel",
            at=None,
            language="fr",
            context=service.context,
            now=service.clock.now(),
        )
    )


@contextmanager
def started(config: Path, folder: Path) -> Any:
    """Open the service on the database in `folder`."""
    settings = Settings(
        database_url=f"sqlite:///{folder}/growth.db", var_dir=folder, config_dir=config
    )
    with open_service(settings) as service:
        service.db.read_now(lambda conn: rule_books.active_book(conn, service.context))
        yield service


def grow(routes: int, incidents: list[int], reports: int) -> list[dict[str, float]]:
    """Measure one network at each size of its past."""
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copies = max(1, round(routes / SHIPPED))
        config = repeat(serving.ROOT / "config", folder / "config", copies=copies)
        with started(config, folder) as service:
            past = Past(service.context, folder / "growth.db", now=service.clock.now())
            sections = len(service.context.config.network.sections)
            del service
        for count in sorted(incidents):
            past.grow_to(count)
            # in a process of its own: what it held is no memory of the one that is measured
            subprocess.run([sys.executable, __file__, "--rate-all", config, folder], check=True)
            with started(config, folder) as service:
                settle_down()
                row = {"routes": routes, "sections": sections, "incidents": count}
                rows.append(row | measure(service, reports))
            line(rows[-1])
    return rows


def rate_all(config: Path, folder: Path) -> None:
    """Rate every road once, as each was when its incidents came in one by one."""
    with started(config, folder) as service:
        sections = sorted(service.context.config.network.sections)
        for start in range(0, len(sections), _AT_ONCE):
            some = frozenset(sections[start : start + _AT_ONCE])
            changes = Changes(cause=Cause.AGED, sections=some, backfill=True)
            service.db.write_now(lambda conn, changes=changes: _rate(conn, changes, service))


def _rate(conn: Any, changes: Changes, service: Service) -> None:
    context, now = service.context, service.clock.now()
    assess.assess(conn, changes, actor="bench", context=context, now=now)


def line(row: dict[str, float]) -> None:
    """Print a line."""
    figures = "".join(f"{row[key]:>22.1f}" for key in COLUMNS)
    print(
        f"{row['routes']:7.0f} {row['sections']:9.0f} {row['incidents']:10.0f}{figures}", flush=True
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--routes", type=int, nargs="+", default=[30, 300, 3_000])
    parser.add_argument(
        "--incidents", type=int, nargs="+", default=[1_000, 10_000, 100_000, 1_000_000]
    )
    parser.add_argument("--reports", type=int, default=150)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--rate-all", type=Path, nargs=2, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.rate_all:
        rate_all(*args.rate_all)
        return
    print(" routes  sections  incidents" + "".join(f"{name:>22s}" for name in COLUMNS.values()))
    rows: list[dict[str, float]] = []
    for routes in args.routes:
        rows += grow(routes, args.incidents, args.reports)
        if args.json:
            args.json.write_text(json.dumps(rows, indent=1))
        if args.plot:
            args.plot.write_text(plot(rows))


if __name__ == "__main__":
    main()
