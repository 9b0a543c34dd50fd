"""How fast alerts reach the provider, against loops that only post the same requests.

One run, one machine, ratios: the absolute figures are this machine's. For each number of
recipients: a bare loop over the HTTP client, a bare loop over the SMS channel, then the whole way
(alert committed -> fan-out -> dispatch -> recorded) in one process, like `sira worker`.

    python bench/bench_dispatch.py [--recipients 1000 10000] [--rounds 3] [--database URL]
                                   [--delay-ms 0]
"""

import argparse
import asyncio
import base64
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import uvloop
from pyreqwest.client import ClientBuilder

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sqlalchemy import Connection, func, insert, select, text, update

from app.channels.base import Outgoing
from app.channels.twilio_sms import TwilioSms
from app.core.clock import SystemClock
from app.core.ids import new_id
from app.db import migrate
from app.db.engine import Database
from app.db.tables import (
    AlertRow,
    ContactChannelRow,
    ContactRow,
    DeliveryRow,
    SubscriptionCargoRow,
    SubscriptionChannelRow,
    SubscriptionRow,
    SubscriptionTargetRow,
)
from app.delivery.policy import DeliveryPolicy
from app.jobs.worker import working
from tests.harness.outbox import ORGANISATION, ROUTE, Outbox
from tests.harness.working import a_worker

ACCOUNT, TOKEN, SENDER = "AC" + "0" * 32, "f" * 32, "+15005550006"
TEXT = "GRAVE carburant: Sandare-Dieme (RN1), interception de citernes le 6/9, non confirme."
IN_THE_AIR = 64
_BATCH = 5_000


class Provider:
    """The fake Twilio in a process of its own."""

    def __init__(self, delay_ms: float) -> None:
        script = Path(__file__).with_name("fake_twilio.py")
        self.process = subprocess.Popen(
            [sys.executable, str(script), "--delay-ms", str(delay_ms)],
            stdout=subprocess.PIPE,
            text=True,
        )
        port = self.process.stdout.readline().strip() if self.process.stdout else ""
        self.url = f"http://127.0.0.1:{port}"

    def __enter__(self) -> "Provider":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait()

    def reset(self) -> None:
        """Forget what was taken."""
        urlopen(Request(f"{self.url}/reset", data=b"")).read()  # noqa: S310 - loopback

    def count(self) -> dict[str, Any]:
        """Return what was taken, and when."""
        answer = urlopen(f"{self.url}/count").read()  # noqa: S310 - loopback
        return json.loads(answer)  # type: ignore[no-any-return]


def channel(url: str, concurrency: int) -> TwilioSms:
    """Return the SMS channel on the fake Twilio."""
    return TwilioSms(
        account_sid=ACCOUNT,
        auth_token=TOKEN,
        sender=SENDER,
        base_url=url,
        public_url="https://sira.example",
        concurrency=concurrency,
    )


async def bare_client(url: str, recipients: int, concurrency: int) -> float:
    """Post the same requests with the same HTTP client and nothing else; return seconds."""
    client = ClientBuilder().max_connections(concurrency).build()
    pair = base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
    headers = {
        "Authorization": f"Basic {pair}",
        "Content-Type": "application/x-www-form-urlencoded",
        "Accept": "application/json",
        "User-Agent": "bench",
    }
    path = f"{url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    numbers = iter(range(recipients))

    async def post() -> None:
        for n in numbers:
            form = {
                "To": f"+223{n:08d}",
                "From": SENDER,
                "Body": TEXT,
                "StatusCallback": f"https://sira.example/v1/twilio/status?delivery={n:036d}",
            }
            body = urlencode(form).encode()
            answer = await client.post(path).headers(headers).body_bytes(body).build().send()
            json.loads(await answer.text())

    started = time.monotonic()
    await asyncio.gather(*(post() for _ in range(concurrency)))
    took = time.monotonic() - started
    await client.close()
    return took


async def bare_channel(url: str, recipients: int, concurrency: int) -> float:
    """Send through the SMS channel (Twilio's official client) and nothing else."""
    sms = channel(url, concurrency)
    numbers = iter(range(recipients))

    async def post() -> None:
        for n in numbers:
            await sms.send(
                Outgoing(
                    delivery_id=f"{n:036d}",
                    alert_id="a",
                    address=f"+223{n:08d}",
                    language="fr",
                    subject=None,
                    text=TEXT,
                    html=None,
                )
            )

    started = time.monotonic()
    await asyncio.gather(*(post() for _ in range(concurrency)))
    took = time.monotonic() - started
    await sms.close()
    return took


def subscribe(outbox: Outbox, recipients: int) -> None:
    """Subscribe so many contacts to one route."""
    now = SystemClock().now()
    rows: dict[Any, list[dict[str, Any]]] = {}
    for n in range(recipients):
        contact, subscription = new_id(now), new_id(now)
        address = f"+223{n:08d}"
        rows.setdefault(ContactRow, []).append(
            {
                "id": contact,
                "organisation_id": ORGANISATION,
                "name_sealed": b"",
                "language": "fr",
                "created_at": now,
            }
        )
        rows.setdefault(ContactChannelRow, []).append(
            {
                "contact_id": contact,
                "channel": "sms",
                "organisation_id": ORGANISATION,
                "address_sealed": outbox.vault.seal(address, row_id=contact, field="sms"),
                "blind_index": address,
                "masked": "***",
                "status": "active",
                "changed_at": now,
            }
        )
        rows.setdefault(SubscriptionRow, []).append(
            {
                "id": subscription,
                "organisation_id": ORGANISATION,
                "contact_id": contact,
                "min_level": "high",
                "min_rank": 3,
                "wanted": {},
                "created_at": now,
            }
        )
        key = {"subscription_id": subscription}
        rows.setdefault(SubscriptionTargetRow, []).append(key | {"target": f"route:{ROUTE}"})
        rows.setdefault(SubscriptionCargoRow, []).append(key | {"cargo": "fuel"})
        rows.setdefault(SubscriptionChannelRow, []).append(key | {"channel": "sms"})
        if len(rows[ContactRow]) == _BATCH or n == recipients - 1:
            for table, batch in rows.items():
                outbox.db.write_now(partial(_add, table, batch))
            rows = {}


async def whole_way(
    provider: Provider, recipients: int, concurrency: int, database: str | None
) -> dict[str, float]:
    """Commit an alert and let a worker tell everybody; return seconds."""
    with tempfile.TemporaryDirectory() as folder:
        url = database or f"sqlite:///{folder}/bench.db"
        migrate.upgrade(url)
        db = Database(url)
        outbox = Outbox(db)
        outbox.contact(routes=())
        await asyncio.to_thread(subscribe, outbox, recipients)
        if not db.is_sqlite:
            with db.engine.connect() as conn:
                conn.execute(text("ANALYZE"))
        policy = DeliveryPolicy()
        worker = a_worker(outbox, SystemClock(), channel(provider.url, concurrency), policy=policy)
        expires = SystemClock().now().replace(year=2099)
        async with working(worker):
            await asyncio.sleep(0.3)
            # the alert's rows are one transaction of the report's in the service; here, several
            alert = await asyncio.to_thread(outbox.alert, status="held", expires_at=expires)
            release = update(AlertRow).where(AlertRow.id == alert).values(status="active")
            await db.write(lambda conn: conn.execute(release))
            started = time.monotonic()
            worker.bell.ring()
            query = select(func.count()).where(DeliveryRow.status == "sent")
            while await db.read(lambda conn: conn.scalar(query)) != recipients:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
            recorded = time.monotonic() - started
        taken = provider.count()
        if not taken["taken"] == taken["numbers"] == recipients:
            raise SystemExit(f"not everybody once: {taken}")
        if database:
            tables = ", ".join(table.name for table in reversed(outbox_tables()))
            with db.engine.begin() as conn:
                conn.execute(text("SET session_replication_role = replica"))
                conn.execute(text("ALTER TABLE delivery_attempt DISABLE TRIGGER USER"))
                conn.execute(text("ALTER TABLE receipt DISABLE TRIGGER USER"))
                conn.execute(text(f"TRUNCATE {tables} CASCADE"))
                conn.execute(text("ALTER TABLE delivery_attempt ENABLE TRIGGER USER"))
                conn.execute(text("ALTER TABLE receipt ENABLE TRIGGER USER"))
        db.close()
    return {
        "first": taken["first"] - started,
        "last": taken["last"] - started,
        "recorded": recorded,
    }


def _add(table: Any, rows: list[dict[str, Any]], conn: Connection) -> None:
    conn.execute(insert(table), rows)


def outbox_tables() -> list[Any]:
    """Return the tables a run fills."""
    names = {"organisation", "alert", "delivery", "delivery_attempt", "receipt"}
    return [table for table in ContactRow.metadata.sorted_tables if table.name in names]


async def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--recipients", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--database")
    parser.add_argument("--delay-ms", type=float, default=0.0)
    parser.add_argument("--concurrency", type=int, default=IN_THE_AIR)
    args = parser.parse_args()
    provider = Provider(args.delay_ms)
    try:
        for recipients in args.recipients:
            bare, chan, ours = [], [], []
            for _ in range(args.rounds):
                provider.reset()
                bare.append(await bare_client(provider.url, recipients, args.concurrency))
                provider.reset()
                chan.append(await bare_channel(provider.url, recipients, args.concurrency))
                provider.reset()
                ours.append(await whole_way(provider, recipients, args.concurrency, args.database))
            base, channel_s = statistics.median(bare), statistics.median(chan)
            last = statistics.median(run["last"] for run in ours)
            recorded = statistics.median(run["recorded"] for run in ours)
            first = statistics.median(run["first"] for run in ours)
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(
                f"{recipients:7d} recipients: bare client {base:.2f} s ({recipients / base:.0f}/s),"
                f" bare channel {channel_s:.2f} s ({recipients / channel_s:.0f}/s),"
                f" alert to last call {last:.2f} s ({recipients / last:.0f}/s),"
                f" recorded {recorded:.2f} s\n"
                f"        ratio to client {base / last:.2f}, to channel {channel_s / last:.2f};"
                f" alert to first call {first * 1000:.0f} ms; peak {peak:.0f} MiB"
            )
    finally:
        provider.process.terminate()


if __name__ == "__main__":
    uvloop.run(main())
