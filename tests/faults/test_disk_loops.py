"""The worker, the clock and the API over a database that takes no writes for a while."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event, func, select

from app.channels.twilio_sms import TwilioSms
from app.core.clock import ManualClock
from app.db.engine import Database
from app.db.tables import ReportRow
from app.delivery.outbox import listing
from app.jobs.clock import Job, Ticker, ticking
from tests.harness.api import Api, serving
from tests.harness.disk import no_writes
from tests.harness.exposition import samples
from tests.harness.outbox import NOW, Outbox
from tests.harness.twilio import ACCOUNT, SENDER, TOKEN, Fault, fake_twilio
from tests.harness.working import a_worker, at_work, until

RECIPIENTS = 30


@pytest.fixture
def db(sqlite_url: str) -> Iterator[Database]:
    database = Database(sqlite_url, pool_size=4)
    yield database
    database.close()


@pytest.fixture
async def watched(db: Database) -> AsyncIterator[Api]:
    async with serving(db, look_every=timedelta(0)) as api:
        yield api


def statuses(db: Database, alert: str) -> dict[str, int]:
    return dict(db.read_now(lambda conn: listing.counts(conn, alert)))


async def test_what_was_in_the_air_is_recorded_afterwards_and_sent_once(db: Database) -> None:
    outbox, clock = Outbox(db), ManualClock(NOW)
    phones = [f"+2237100{number:04d}" for number in range(RECIPIENTS)]
    for phone in phones:
        outbox.contact(phone=phone)

    async with fake_twilio(clock) as twilio:
        sms = TwilioSms(account_sid=ACCOUNT, auth_token=TOKEN, sender=SENDER, base_url=twilio.url)
        ill = asyncio.Event()
        twilio.fault = lambda _: Fault(accept=True, until=ill)
        worker = a_worker(outbox, clock, sms)
        async with at_work(worker):
            first = outbox.alert()
            await until(lambda: twilio.in_the_air == RECIPIENTS)
            with no_writes(db):
                ill.set()
                await until(lambda: twilio.in_the_air == 0)
                await asyncio.sleep(0.6)  # longer than the recorder rests between two tries
                assert statuses(db, first) == {"sending": RECIPIENTS}
            await until(lambda: statuses(db, first) == {"sent": RECIPIENTS})

            # fan-out and lanes have gone on, too
            second = outbox.alert(route="OTHER")
            outbox.contact(phone="+22379000001", routes=("OTHER",))
            await until(lambda: statuses(db, second) == {"sent": 1})

    assert sorted(message["to"] for message in twilio.messages) == [*phones, "+22379000001"]


async def test_jobs_come_round_again(db: Database, caplog: pytest.LogCaptureFixture) -> None:
    runs = []

    async def run() -> None:
        runs.append(1)

    def failed() -> int:
        return sum(one.levelname == "ERROR" for one in caplog.records)

    job = Job(name="age", every=timedelta(milliseconds=20), run=run)
    async with ticking([job], Ticker(db=db, clock=ManualClock(NOW), owner="a")):
        await until(lambda: len(runs) > 1)
        with no_writes(db):
            await until(failed)  # a round that had its lease before is over
            before, rounds = len(runs), failed()
            await until(lambda: failed() > rounds + 5)
            assert len(runs) == before  # without its lease it must not run
        await until(lambda: len(runs) > before + 1)


async def test_whatever_would_write_is_refused_with_when_to_come_back(watched: Api) -> None:
    reporter, admin = watched.reporter, watched.admin
    report = {
        "kind": "fuel_interception",
        "occurred_at": watched.clock.now().isoformat(),
        "place": "Lakamane",
        "basis": "firsthand",
    }
    ready = watched.client()
    with no_writes(watched.state.db):
        answers = [
            await reporter.post("/v1/reports", json=report),
            await reporter.post("/v1/reports/batch", json={"reports": [report]}),
            await admin.post("/v1/keys", json={"scope": "reporter", "name": "x"}),
        ]
        reading = await admin.get("/v1/incidents")
        during = await ready.get("/readyz?part=api")
        scraped = samples((await ready.get("/metrics")).text)

    assert [one.status_code for one in answers] == [503] * 3
    for answer in answers:
        assert answer.headers["retry-after"] == "10"
        assert answer.json()["type"] == "/problems/unavailable"
        assert answer.json()["detail"].startswith("The database can only be read. Nothing was")
    assert reading.status_code == 200
    assert (during.status_code, scraped["sira_database_up"]) == (503, 0)
    assert "The database can only be read." in during.json()["detail"]


async def test_of_a_batch_what_was_taken_before_the_disk_failed_is_told_apart(
    watched: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.api.reports.BATCH_STRIDE", 1)
    db, now = watched.state.db, watched.clock.now().isoformat()
    reports = [
        {"kind": "fuel_interception", "occurred_at": now, "place": place, "basis": "firsthand"}
        for place in ("Lakamane", "Kayes", "Kita")
    ]
    inserted = []

    def fail_at_the_second(conn: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("INSERT INTO report "):
            inserted.append(statement)
            if len(inserted) > 1:
                conn.exec_driver_sql("PRAGMA query_only = ON")

    event.listen(db.engine, "before_cursor_execute", fail_at_the_second)
    answer = await watched.moderator.post("/v1/reports/batch", json={"reports": reports})
    kept = await db.read(lambda conn: conn.scalar(select(func.count(ReportRow.id))))

    assert answer.status_code == 200
    assert [one["status"] for one in answer.json()["items"]] == [201, 503, 503]
    assert (answer.json()["accepted"], kept) == (1, 1)
    detail = answer.json()["items"][2]["problem"]["detail"]
    assert detail == "The database can only be read. Nothing was changed; send it again later."


async def test_while_the_disk_hangs_whoever_waits_is_told_to_come_back(sqlite_url: str) -> None:
    report = {
        "kind": "fuel_interception",
        "occurred_at": NOW.isoformat(),
        "place": "Lakamane",
        "basis": "firsthand",
    }
    entered, mended = threading.Event(), threading.Event()

    def hang(_conn: Connection) -> None:
        entered.set()
        assert mended.wait(50)

    db = Database(sqlite_url, patience_s=0.3)
    async with serving(db, look_every=timedelta(0)) as api:
        reporter, ready = api.reporter, api.client()
        hanging = asyncio.ensure_future(db.write(hang))
        await asyncio.to_thread(entered.wait, 10)
        waiting = await asyncio.gather(*(reporter.post("/v1/reports", json=report) for _ in "123"))
        at_once = await reporter.post("/v1/reports", json=report)
        during = await ready.get("/readyz?part=api")
        mended.set()
        await hanging
        kept = await db.read(lambda conn: conn.scalar(select(func.count(ReportRow.id))))
        taken = await reporter.post("/v1/reports", json=report)
    db.close()

    for answer in [*waiting, at_once]:
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
        assert answer.json()["detail"].startswith("The database is too busy. Nothing was changed")
    assert (during.status_code, kept, taken.status_code) == (503, 0, 201)
    assert "The database is too busy." in during.json()["detail"]


async def test_a_fault_of_ours_is_not_put_down_to_the_database(
    watched: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        watched.state.db.read_now(lambda conn: conn.exec_driver_sql("SELECT nothing FROM nowhere"))

    client = watched.admin
    await client.get("/v1/keys")  # the key is known from here on
    monkeypatch.setattr("app.accounts.store.create_key", broken)

    answer = await client.post("/v1/keys", json={"scope": "reporter", "name": "x"})

    assert answer.status_code == 500
    assert answer.json()["type"] == "/problems/internal"
