"""The journeys answer against brute force, for 10,000 samples of closed sections, and its time.

    python bench/bench_journeys.py [--samples 10000] [--seed N] [--json]

Each sample closes a random share of the sections of the shipped network, rates others, and asks
for up to five ways between one of ten pairs of towns. Brute force knows every simple path of the
network (`tests/harness/ways.py`) and ranks them all. Exits 1 at the first answer that differs.
"""

import argparse
import json
import random
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from app.risk.journeys import find_journeys
from tests.harness.api import shipped_config
from tests.unit.risk.test_journeys_exact import NOW, PAIRS, a_standing, compare, the_graph


def main() -> int:
    """Compare and measure; return 1 when an answer differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=20_250_904)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rng = random.Random(options.seed)
    graph, policy = the_graph(), shipped_config().journeys
    spots = {spot.name: spot for spot in graph.spots.values()}
    wall, cpu, none = [], [], 0
    for number in range(options.samples):
        start, end = PAIRS[number % len(PAIRS)]
        states, limit = a_standing(rng), rng.randint(1, 5)
        began, began_cpu = time.perf_counter(), time.process_time()
        found = find_journeys(
            graph, spots[start], spots[end], states, policy=policy, now=NOW, limit=limit
        )
        wall.append((time.perf_counter() - began) * 1_000)
        cpu.append((time.process_time() - began_cpu) * 1_000)
        none += not found or not found[0].open
        if number % 1_000 == 0:
            print(f"{number} alike", file=sys.stderr, flush=True)
        try:
            compare(start, end, states, limit, found)
        except AssertionError:
            print(f"sample {number}, {start} - {end}, limit {limit}: differs from brute force")
            return 1
    figures = {
        "samples": options.samples,
        "equal": options.samples,
        "answered_none": none,
        **_figures("cpu_ms", cpu),
        **_figures("wall_ms", wall),
    }
    print(json.dumps(figures) if options.json else _lines(figures))
    return 0


def _figures(name: str, times: list[float]) -> dict[str, float]:
    ordered = sorted(times)
    return {
        f"{name}_median": round(statistics.median(ordered), 2),
        f"{name}_p99": round(ordered[int(len(ordered) * 0.99)], 2),
        f"{name}_max": round(ordered[-1], 2),
    }


def _lines(figures: dict[str, float]) -> str:
    return "\n".join(f"{name}: {value}" for name, value in figures.items())


if __name__ == "__main__":
    sys.exit(main())
