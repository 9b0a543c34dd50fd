"""What is left of a bare loop once a message is in an outbox at all: the most a worker can reach.

In turns, in one process and one thread, through the same HTTP client: a loop that only posts; the
same through Twilio's official package; and a skeleton of an outbox around that, on SQLite without
SQLAlchemy: 500 rows claimed at once, each address opened (AES-GCM), what became of them written
down 500 at a time. The skeleton decides nothing, asks for no STOP, knows no provider but one, and
neither counts nor logs; it could not be trusted with one warning.

    python bench/bench_floor.py [--recipients 10000] [--rounds 5] [--in-the-air 128]
"""

import argparse
import asyncio
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import uvloop
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from app.channels.base import Accepted, Outgoing
from app.channels.twilio_sms import TwilioSms
from bench.bench_dispatch import TEXT, Provider, bare_channel, bare_client, channel

_CHUNK = 500
_LEASE_S = 60.0

_TABLE = """
    CREATE TABLE delivery (
        id TEXT PRIMARY KEY, alert_id TEXT, address BLOB, nonce BLOB, status TEXT, due_at REAL,
        owner TEXT, lease_until REAL, attempts INTEGER, provider TEXT, provider_id TEXT,
        sent_at REAL
    )
"""
_CLAIM = """
    UPDATE delivery SET status = 'sending', owner = 'me', lease_until = ?, attempts = attempts + 1
    WHERE id IN (
        SELECT id FROM delivery WHERE status = 'queued' AND due_at <= ? ORDER BY due_at LIMIT ?
    )
    RETURNING id, alert_id, address, nonce, attempts
"""
_RECORD = """
    UPDATE delivery SET status = 'sent', provider = 'twilio', provider_id = ?, sent_at = ?
    WHERE id = ? AND owner = 'me' AND attempts = ?
"""


class Skeleton:
    """The least that an outbox is: what is to be sent is kept, claimed, sent and written down."""

    def __init__(self, file: Path, recipients: int) -> None:
        self._box = AESGCM(b"k" * 32)
        self._db = sqlite3.connect(file, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute(_TABLE)
        self._db.execute("CREATE INDEX due ON delivery (due_at) WHERE status = 'queued'")
        self._write("INSERT INTO delivery VALUES (?,?,?,?,?,?,?,?,?,?,?,?)", self._rows(recipients))
        self._todo: list[tuple[str, str, bytes, bytes, int]] = []
        self._done: list[tuple[str | None, float, str, int]] = []

    def close(self) -> None:
        """Close the database."""
        self._db.close()

    async def send(self, url: str, in_the_air: int) -> float:
        """Send all there is; return seconds."""
        sms = channel(url, in_the_air)
        started = time.monotonic()
        await asyncio.gather(*(self._lane(sms) for _ in range(in_the_air)))
        self._record()
        took = time.monotonic() - started
        await sms.close()
        return took

    async def _lane(self, sms: TwilioSms) -> None:
        while self._todo or self._claim():
            one, alert, address, nonce, attempt = self._todo.pop()
            result = await sms.send(
                Outgoing(
                    delivery_id=one,
                    alert_id=alert,
                    address=self._box.decrypt(nonce, address, one.encode()).decode(),
                    language="fr",
                    subject=None,
                    text=TEXT,
                    html=None,
                )
            )
            if not isinstance(result, Accepted):
                raise SystemExit(f"not accepted: {result}")
            self._done.append((result.provider_id, time.time(), one, attempt))

    def _claim(self) -> bool:
        self._record()
        now = time.time()
        self._db.execute("BEGIN IMMEDIATE")
        self._todo += self._db.execute(_CLAIM, (now + _LEASE_S, now, _CHUNK)).fetchall()
        self._db.execute("COMMIT")
        return bool(self._todo)

    def _record(self) -> None:
        if self._done:
            self._write(_RECORD, self._done)
            self._done.clear()

    def _write(self, statement: str, rows: Sequence[Sequence[object]]) -> None:
        self._db.execute("BEGIN IMMEDIATE")
        self._db.executemany(statement, rows)
        self._db.execute("COMMIT")

    def _rows(self, recipients: int) -> list[tuple[object, ...]]:
        rows: list[tuple[object, ...]] = []
        for n in range(recipients):
            one, nonce = f"{n:036d}", os.urandom(12)
            address = self._box.encrypt(nonce, f"+223{n:08d}".encode(), one.encode())
            rows.append((one, "a", address, nonce, "queued", 0.0, None, None, 0, None, None, None))
        return rows


def timed(work: Callable[[], Coroutine[Any, Any, float]], recipients: int) -> tuple[float, float]:
    """Return the microseconds of a message: of CPU, and on the wall."""
    cpu = time.process_time()
    took = uvloop.run(work())
    return (time.process_time() - cpu) / recipients * 1e6, took / recipients * 1e6


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--recipients", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--in-the-air", type=int, default=128)
    args = parser.parse_args()
    runs: dict[str, list[tuple[float, float]]] = {}
    with Provider(0.0) as provider, tempfile.TemporaryDirectory() as folder:
        for number in range(args.rounds):
            with closing(Skeleton(Path(folder) / f"{number}.db", args.recipients)) as skeleton:
                given = (provider.url, args.recipients, args.in_the_air)
                ways: dict[str, Callable[[], Coroutine[Any, Any, float]]] = {
                    "bare loop": partial(bare_client, *given),
                    "Twilio's package": partial(bare_channel, *given),
                    "skeleton of an outbox": partial(skeleton.send, provider.url, args.in_the_air),
                }
                for name, work in ways.items():
                    provider.reset()
                    runs.setdefault(name, []).append(timed(work, args.recipients))
    base = [statistics.median(column) for column in zip(*runs["bare loop"], strict=True)]
    for name, found in runs.items():
        cpu, wall = (statistics.median(column) for column in zip(*found, strict=True))
        print(
            f"{name:22s} {cpu:5.0f} us of CPU (ratio {base[0] / cpu:.2f}),"
            f" {wall:5.0f} us (ratio {base[1] / wall:.2f})",
            flush=True,
        )


if __name__ == "__main__":
    main()
