"""Does a worker's memory grow with the number of recipients?

For each number a database of its own and a `sira worker` of its own, on SQLite: one alert, told to
everybody. Memory is the process's own, at rest before and at its highest while it works. Without a
public URL: nobody sends receipts here, and the clock would list everybody as unreached meanwhile.

    python bench/bench_memory.py [--recipients 1000 10000 100000]
"""

import argparse
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sqlalchemy import delete

from app.core.clock import SystemClock
from app.db import migrate
from app.db.engine import Database
from app.db.tables import OrganisationRow
from app.subscribers.vault import Vault, new_keys
from bench import serving
from bench.bench_dispatch import ACCOUNT, SENDER, TOKEN, Provider
from bench.people import subscribe
from tests.harness.outbox import ORGANISATION, ROUTE, Outbox

_MIB = 2**20


def measure(recipients: int, provider: Provider) -> str:
    """Tell so many; return a line."""
    provider.reset()
    keys = new_keys()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = f"sqlite:///{folder}/bench.db"
        migrate.upgrade(url)
        db = Database(url)
        outbox = Outbox(db)
        outbox.run(delete(OrganisationRow).where(OrganisationRow.id == ORGANISATION))
        subscribe(db, Vault.parse(keys), recipients, routes=[ROUTE])
        port = serving.free_port()
        command = [sys.executable, "-c", "from app.cli import app; app()", "worker"]
        with serving.serving(
            [*command, "--port", str(port)],
            port,
            ready="/healthz",
            SIRA_DATABASE_URL=url,
            SIRA_VAR_DIR=str(folder),
            SIRA_LOG_LEVEL="WARNING",
            SIRA_VAULT_KEYS=keys,
            SIRA_TWILIO__ACCOUNT_SID=ACCOUNT,
            SIRA_TWILIO__AUTH_TOKEN=TOKEN,
            SIRA_TWILIO__FROM=SENDER,
            SIRA_TWILIO__BASE_URL=provider.url,
        ) as worker:
            time.sleep(5)
            before = worker.peak_mib()
            started = time.monotonic()
            outbox.alert(expires_at=SystemClock().now() + timedelta(days=1))
            while provider.count()["taken"] < recipients:
                time.sleep(0.5)
            seconds = time.monotonic() - started
            time.sleep(2)  # the last outcomes are being written down
            peak = worker.peak_mib()
        db.close()
        size = sum(path.stat().st_size for path in folder.iterdir()) / _MIB
    taken = provider.count()
    if not taken["taken"] == taken["numbers"] == recipients:
        raise SystemExit(f"not everybody once: {taken}")
    return (
        f"{recipients:8d} {before:12.0f} {peak:10.0f} {seconds:8.1f} {recipients / seconds:8.0f}"
        f" {size:14.0f}"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--recipients", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    args = parser.parse_args()
    provider = Provider(0.0)
    print("recipients  MiB at rest  MiB peak  seconds  a second  database, MiB")
    try:
        for recipients in args.recipients:
            print(measure(recipients, provider), flush=True)
    finally:
        provider.process.terminate()


if __name__ == "__main__":
    main()
