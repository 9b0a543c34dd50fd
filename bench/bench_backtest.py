"""`sira calibrate` and `sira backtest` on a made-up war: seconds, memory, and what they find.

5,000 incidents, 160 sections, 230 weekly forecasts; the commands as anybody would start them.

    python -m bench.bench_backtest [--seed 7] [--events 5000] [--sections 160]
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from app.roads.geojson import feature_collection
from app.roads.loading import load_network
from bench import conflict

SIRA = Path(sys.executable).with_name("sira")
FIT = ("--from", "2013-01-01", "--to", "2015-07-01")
PLAY = ("--from", "2015-07-01", "--to", "2019-12-02")


def run(*words: str | Path) -> tuple[str, float, float]:
    """Run a command; return its output, its seconds on the clock and of CPU."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run([str(SIRA), *map(str, words)], check=True, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return done.stdout, time.monotonic() - start, cpu


def main() -> None:
    """Measure once and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--events", type=int, default=5000)
    parser.add_argument("--sections", type=int, default=160)
    given = parser.parse_args()
    os.environ.setdefault("SIRA_CONFIG_DIR", str(conflict.CONFIG))
    network = load_network(conflict.CONFIG / "network")
    with tempfile.TemporaryDirectory() as folder:
        events, roads, out = (Path(folder) / name for name in ("e.csv", "r.geojson", "c.toml"))
        found = conflict.events(network, seed=given.seed, count=given.events)
        conflict.write(events, found)
        lines = feature_collection(network)
        mali = [f for f in lines["features"] if "country:ML" in f["properties"]["areas"]]
        roads.write_text(json.dumps(lines | {"features": mali[: given.sections]}))
        common = ("--reports", events, "--network", roads)
        _, clock, cpu = run("calibrate", *common, *FIT, "--out", out)
        print(f"calibrate: {clock:.1f} s, {cpu:.1f} s of CPU")
        text, clock, cpu = run("backtest", *common, *PLAY, "--coefficients", out, "--json")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    said = json.loads(text)
    print(
        f"backtest: {len(found)} events x {said['sections']} sections x {said['steps']} weeks: "
        f"{clock:.1f} s, {cpu:.1f} s of CPU, {peak:.0f} MB at most"
    )
    chance, own = said["chance"], said["rivals"]["own_frequency"]
    print(
        f"Brier {chance['brier']['value']:.4f} (own past frequency {own['brier']:.4f}), "
        f"AUC {chance['auc']['value']:.3f} ({own['auc']:.3f}), "
        f"slope {chance['slope']['value']:.2f} "
        f"({chance['slope']['low']:.2f} to {chance['slope']['high']:.2f})"
    )


if __name__ == "__main__":
    main()
