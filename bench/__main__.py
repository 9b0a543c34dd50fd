"""`make bench`: every measurement that needs nothing but this machine, one after the other.

    python -m bench [NAME ...]     only these; `-l` lists them

Ten minutes on a quiet machine. Those that score matching and placing take files by argument; the
long ones (a million recipients or incidents, a soak) are run by themselves: see README.md.
"""

import subprocess
import sys
from pathlib import Path

BENCHES = {
    "reports": ("bench_reports.py", "--rounds", "2"),
    "alert": ("bench_alert.py", "--rounds", "3"),
    "journeys": ("bench_journeys.py", "--samples", "1000"),
    "backtest": ("bench_backtest.py",),
    "pages": ("bench_pages.py",),
    "alertmanager": ("bench_alertmanager.py", "--rounds", "3"),
    "beside": ("bench_beside.py",),
    "workers": ("bench_workers.py", "--rounds", "3"),
    "floor": ("bench_floor.py",),
    "slow_provider": (
        *("bench_workers.py", "--delay-ms", "150", "--in-the-air", "400"),
        *("--rounds", "1", "--recipients", "20000", "--only", "postgres"),
    ),
    "fanout": ("bench_fanout.py", "--rounds", "2"),
    "many": ("bench_many.py", "--rounds", "2"),
    "growth": (
        *("bench_growth.py", "--routes", "30", "300"),
        *("--incidents", "1000", "10000", "100000", "--reports", "100"),
    ),
}


def main() -> int:
    """Run what is asked for; return 1 when one of them failed."""
    wanted = sys.argv[1:] or list(BENCHES)
    if wanted == ["-l"]:
        print("\n".join(f"{name:14s} {' '.join(options)}" for name, options in BENCHES.items()))
        return 0
    unknown = [name for name in wanted if name not in BENCHES]
    if unknown:
        print(f"no such bench: {', '.join(unknown)}; there are {', '.join(BENCHES)}")
        return 2
    here, failed = Path(__file__).parent, False
    for name in wanted:
        script, *options = BENCHES[name]
        print(f"-- {name}", flush=True)
        done = subprocess.run([sys.executable, str(here / script), *options], check=False)
        failed |= done.returncode != 0
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
