"""`make bench`: every measurement that needs nothing but this machine, one after the other.

    python -m bench [NAME ...]     only these: reports, alert, dispatch, journeys, backtest

Those that score matching and placing take files by argument; see README.md.
"""

import subprocess
import sys
from pathlib import Path

BENCHES = {
    "reports": ("bench_reports.py", "--rounds", "3"),
    "alert": ("bench_alert.py", "--rounds", "3"),
    "dispatch": ("bench_dispatch.py", "--rounds", "3"),
    "journeys": ("bench_journeys.py", "--samples", "1000"),
    "backtest": ("bench_backtest.py",),
}


def main() -> int:
    """Run what is asked for; return 1 when one of them failed."""
    wanted = sys.argv[1:] or list(BENCHES)
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
