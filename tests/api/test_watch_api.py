"""What operators and moderators are told of whether anything reaches anybody."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import delete, insert, update
from sqlalchemy.exc import OperationalError

from app.api import health
from app.core import metrics
from app.db.engine import Database
from app.db.tables import AlertRow, DeliveryRow, LeaseRow, SectionStateRow
from app.delivery.outbox import standings
from app.delivery.outbox.workers import give_sign
from app.flows.duty import watch
from app.settings import Settings
from tests.harness.api import START, Api, serving
from tests.harness.exposition import samples
from tests.harness.outbox import Outbox

LONG = START + timedelta(days=2)


@pytest.fixture
async def watched(db: Database) -> AsyncIterator[Api]:
    """The service, looking at its database each time it is asked."""
    async with serving(db, look_every=timedelta(0)) as api:
        yield api


def a_worker_runs(api: Api) -> None:
    api.state.db.write_now(
        lambda conn: give_sign(conn, "w", good_for=timedelta(seconds=20), now=api.clock.now())
    )


def an_alert_is_queued(api: Api, outbox: Outbox, recipients: int = 2) -> None:
    """An alert whose deliveries are due from now on."""
    for _ in range(recipients):
        outbox.contact()
    alert = outbox.alert(expires_at=LONG)
    outbox.fan_out(alert)
    now = api.clock.now()
    outbox.run(update(DeliveryRow).values(due_at=now, created_at=now, counts_at=now))


def check_of(answer: httpx.Response, name: str) -> dict[str, object]:
    (found,) = (check for check in answer.json()["checks"] if check["name"] == name)
    return dict(found)


async def test_ready_with_a_worker_and_an_empty_queue(watched: Api) -> None:
    a_worker_runs(watched)

    answer = await watched.client().get("/readyz")

    assert answer.status_code == 200
    assert {check["name"] for check in answer.json()["checks"]} == {
        "database",
        "migrations",
        "worker",
        "deliveries",
        "alerts",
        "answers",
        "providers",
        "clock",
    }
    assert all(check["ok"] for check in answer.json()["checks"])


async def test_not_ready_without_a_worker_but_reports_can_be_taken(watched: Api) -> None:
    a_worker_runs(watched)
    watched.clock.advance(timedelta(seconds=21))

    whole = await watched.client().get("/readyz")
    api_only = await watched.client().get("/readyz?part=api")

    assert whole.status_code == 503
    assert not check_of(whole, "worker")["ok"]
    assert check_of(whole, "database") == {"name": "database", "ok": True, "detail": None}
    assert "No worker runs" in whole.json()["detail"]
    assert api_only.status_code == 200


async def test_not_ready_when_what_is_due_waits_too_long(watched: Api, outbox: Outbox) -> None:
    an_alert_is_queued(watched, outbox)
    watched.clock.advance(timedelta(minutes=14))
    a_worker_runs(watched)
    in_time = await watched.client().get("/readyz")
    watched.clock.advance(timedelta(minutes=2))
    a_worker_runs(watched)

    late = await watched.client().get("/readyz")

    assert in_time.status_code == 200
    assert late.status_code == 503
    assert "16 min" in str(check_of(late, "deliveries")["detail"])
    assert check_of(late, "worker")["ok"]


@pytest.mark.parametrize("status", ["queued", "in_doubt"])
async def test_a_severe_message_that_is_tried_in_vain_is_late_though_its_next_try_is_not(
    watched: Api, outbox: Outbox, status: str
) -> None:
    an_alert_is_queued(watched, outbox)
    watched.clock.advance(timedelta(minutes=16))
    a_worker_runs(watched)
    outbox.run(update(DeliveryRow).values(status=status, attempts=5, due_at=LONG))

    late, scraped = [await watched.client().get(path) for path in ("/readyz", "/metrics")]
    assert late.status_code == 503
    assert "16 min" in str(check_of(late, "deliveries")["detail"])
    assert samples(scraped.text)['sira_queue_oldest_seconds{channel="sms",level="severe"}'] == 960


async def test_a_provider_that_refuses_our_account_is_named_while_messages_wait_for_it(
    watched: Api, outbox: Outbox
) -> None:
    an_alert_is_queued(watched, outbox)
    a_worker_runs(watched)
    now = watched.clock.now()
    outbox.db.write_now(
        lambda conn: standings.refuse(
            conn, "twilio", code="20003", detail="Authenticate", until=now, now=now
        )
    )
    another_carries = await watched.client().get("/readyz")
    outbox.run(update(DeliveryRow).values(attempts=1, error_code="20003"))

    refused = await watched.client().get("/readyz")
    desk = await watched.moderator.get("/v1/alerts")

    assert another_carries.status_code == 200
    assert refused.status_code == 503
    told = "twilio refuses our account (20003): 2 messages wait."
    assert check_of(refused, "providers")["detail"] == told
    scraped = samples((await watched.client().get("/metrics")).text)
    assert scraped['sira_account_refused{provider="twilio"}'] == 1
    assert desk.json()["warnings"] == [told]


async def test_what_is_due_later_is_not_late(watched: Api, outbox: Outbox) -> None:
    an_alert_is_queued(watched, outbox)
    outbox.run(update(DeliveryRow).values(due_at=watched.clock.now() + timedelta(hours=5)))
    watched.clock.advance(timedelta(hours=1))
    a_worker_runs(watched)

    assert (await watched.client().get("/readyz")).status_code == 200


async def test_not_ready_when_an_alert_is_not_told(watched: Api, outbox: Outbox) -> None:
    outbox.alert(expires_at=LONG)
    outbox.alert(status="held", expires_at=LONG)
    outbox.run(update(AlertRow).values(created_at=watched.clock.now()))
    watched.clock.advance(timedelta(seconds=61))
    a_worker_runs(watched)

    answer = await watched.client().get("/readyz")

    assert answer.status_code == 503
    assert "1 min 1 s" in str(check_of(answer, "alerts")["detail"])


async def test_a_database_that_does_not_answer_is_named(
    watched: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_worker_runs(watched)

    async def gone(_self: Database, _work: object) -> None:
        raise OperationalError("SELECT 1", {}, Exception("gone"))

    monkeypatch.setattr(Database, "read", gone)
    answer = await watched.client().get("/readyz")
    scraped = await watched.client().get("/metrics")

    assert answer.status_code == 503
    assert check_of(answer, "database")["ok"] is False
    assert samples(scraped.text)["sira_database_up"] == 0


@pytest.mark.alike
async def test_the_dead_mans_switch_is_seen_by_operator_and_desk(
    watched: Api, outbox: Outbox
) -> None:
    a_worker_runs(watched)
    an_alert_is_queued(watched, outbox)
    before = await watched.moderator.get("/v1/alerts")
    watched.clock.advance(timedelta(seconds=31))

    ready = await watched.client().get("/readyz")
    scraped = await watched.client().get("/metrics")
    listed = await watched.moderator.get("/v1/alerts")
    by_admin = await watched.admin.get("/v1/incidents")
    by_subscriber = await watched.subscriber(watched.organisation()).get("/v1/alerts")

    assert "sira-warning" not in before.headers
    assert before.json()["warnings"] == []
    assert ready.status_code == 503
    assert samples(scraped.text)["sira_dead_man"] == 1
    (warning,) = listed.json()["warnings"]
    assert "No worker is running" in warning
    assert listed.headers["sira-warning"] == warning
    assert by_admin.headers["sira-warning"] == warning
    assert by_subscriber.json()["warnings"] == []
    assert "sira-warning" not in by_subscriber.headers


async def test_a_refusal_warns_the_desk_too(watched: Api, outbox: Outbox) -> None:
    an_alert_is_queued(watched, outbox)
    watched.clock.advance(timedelta(seconds=31))

    answer = await watched.moderator.get("/v1/alerts/nothing")

    assert answer.status_code == 404
    assert "No worker is running" in answer.headers["sira-warning"]


async def test_without_a_worker_and_without_work_nobody_is_warned(watched: Api) -> None:
    watched.clock.advance(timedelta(days=1))

    listed = await watched.moderator.get("/v1/alerts")

    assert listed.json()["warnings"] == []
    assert "sira-warning" not in listed.headers


@pytest.mark.alike
async def test_a_doubt_that_nobody_settles_counts_as_waiting(watched: Api, outbox: Outbox) -> None:
    an_alert_is_queued(watched, outbox, recipients=1)
    outbox.run(update(DeliveryRow).values(status="in_doubt"))
    watched.clock.advance(timedelta(seconds=31))

    assert samples((await watched.client().get("/metrics")).text)["sira_dead_man"] == 1


@pytest.mark.alike
async def test_metrics_of_the_queue_are_by_channel_and_level(watched: Api, outbox: Outbox) -> None:
    a_worker_runs(watched)
    an_alert_is_queued(watched, outbox, recipients=3)
    outbox.alert(expires_at=LONG)
    outbox.alert(status="held", expires_at=LONG)
    watched.clock.advance(timedelta(seconds=10))
    state = {"token": "t", "restless": True, "stale": True, "cargoes": {}}
    section = next(iter(watched.state.roads.sections))
    for section_id, ago_s in ((section, 90), ("taken out of the network", 900)):
        rated_at = watched.clock.now() - timedelta(seconds=ago_s)
        row = {"section_id": section_id, "rated_at": rated_at, **state}
        outbox.run(insert(SectionStateRow).values(row))

    found = samples((await watched.client().get("/metrics")).text)

    assert found['sira_queue_depth{channel="sms",level="severe"}'] == 3
    assert found['sira_queue_oldest_seconds{channel="sms",level="severe"}'] == 10
    assert found['sira_queue_depth{channel="email",level="severe"}'] == 0
    assert found["sira_alerts_untold"] == 1
    assert found["sira_alerts_held"] == 1
    assert found["sira_rating_lag_seconds"] == 90
    assert found["sira_sections_stale"] == 1
    assert found["sira_workers"] == 1
    assert found["sira_database_up"] == 1


async def test_a_queue_that_has_emptied_is_shown_empty(watched: Api, outbox: Outbox) -> None:
    an_alert_is_queued(watched, outbox)
    outbox.run(update(DeliveryRow).values(channel="pigeon"))
    await watched.client().get("/metrics")
    outbox.run(update(DeliveryRow).values(status="suppressed"))

    found = samples((await watched.client().get("/metrics")).text)

    assert sum(value for name, value in found.items() if name.startswith("sira_queue_depth")) == 0


@pytest.mark.alike
async def test_scrapes_share_one_look_at_the_database(db: Database, outbox: Outbox) -> None:
    async with serving(db, look_every=timedelta(minutes=1)) as api:
        await api.client().get("/metrics")
        an_alert_is_queued(api, outbox)

        found = samples((await api.client().get("/metrics")).text)

    assert found['sira_queue_depth{channel="sms",level="severe"}'] == 0


@pytest.mark.alike
async def test_requests_are_counted_under_their_template(watched: Api) -> None:
    secret = "01990000-0000-7000-8000-00000000beef"
    await watched.moderator.get(f"/v1/incidents/{secret}")
    await watched.client().get(f"/nowhere/{secret}")
    await watched.client().request("BREW", "/v1/alerts")

    text = (await watched.client().get("/metrics")).text
    found = samples(text)

    labels = 'method="GET",route="/v1/incidents/{incident_id}",status="404"'
    assert found[f"sira_request_seconds_count{{{labels}}}"] >= 1
    assert found['sira_request_seconds_count{method="GET",route="none",status="404"}'] >= 1
    assert secret not in text
    assert "nowhere" not in text
    assert "BREW" not in text


@pytest.mark.alike
async def test_reports_are_counted_by_outcome(watched: Api) -> None:
    report = {"kind": "ied", "place": "Lakamane", "occurred_at": "2025-09-07T10:00:00Z"}
    before = samples((await watched.client().get("/metrics")).text)
    headers = {"Idempotency-Key": "k1"}
    for body in (report, report):
        await watched.moderator.post("/v1/reports", json=body, headers=headers)
    await watched.moderator.post("/v1/reports", json=report)
    await watched.moderator.post("/v1/reports", json={**report, "kind": "picnic"})
    await watched.moderator.post("/v1/reports/batch", json=[{**report, "place": "Xyzzy"}])

    after = samples((await watched.client().get("/metrics")).text)

    def more(outcome: str) -> float:
        name = f'sira_reports_total{{outcome="{outcome}"}}'
        return after.get(name, 0) - before.get(name, 0)

    outcomes = ("opened", "joined", "repeated", "refused", "asked")
    assert {outcome: more(outcome) for outcome in outcomes} == dict.fromkeys(outcomes, 1)


@pytest.mark.alike
@pytest.mark.parametrize(
    ("host", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("192.0.2.7", {}, 403),
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, 403),
        ("127.0.0.1", {"Forwarded": "for=192.0.2.7"}, 403),
    ],
)
async def test_without_a_token_metrics_are_for_this_machine(
    watched: Api, host: str, headers: dict[str, str], status: int
) -> None:
    transport = httpx.ASGITransport(watched.app, client=(host, 4711))
    async with httpx.AsyncClient(transport=transport, base_url="http://sira.test") as client:
        answer = await client.get("/metrics", headers=headers)

    assert answer.status_code == status


async def test_with_a_token_metrics_are_for_who_sends_it(db: Database) -> None:
    settings = Settings(_env_file=None, metrics_token="scrape-me")  # type: ignore[arg-type]
    async with serving(db, settings=settings) as api:
        without = await api.client().get("/metrics")
        wrong = await api.client("scrape-you").get("/metrics")
        right = await api.client("scrape-me").get("/metrics")

    assert (without.status_code, wrong.status_code, right.status_code) == (401, 401, 200)
    assert right.headers["content-type"] == metrics.CONTENT_TYPE


@pytest.mark.alike
async def test_a_worker_that_signed_off_is_not_counted(watched: Api) -> None:
    a_worker_runs(watched)
    watched.state.db.write_now(lambda conn: conn.execute(delete(LeaseRow)))

    assert samples((await watched.client().get("/metrics")).text)["sira_workers"] == 0


async def test_probes_do_not_wait_for_a_table_that_a_stranger_has_locked(
    postgres_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(postgres_db, look_every=timedelta(0)) as api:
        a_worker_runs(api)
        with postgres_db.engine.connect() as stranger:
            stranger.exec_driver_sql("LOCK TABLE delivery IN ACCESS EXCLUSIVE MODE")
            monkeypatch.setattr(watch, "_LOOK_WITHIN_S", 0.3)
            async with asyncio.timeout(20):
                ready = await api.client().get("/readyz")
                scraped = await api.client().get("/metrics")
            stranger.rollback()
            monkeypatch.undo()

        assert ready.status_code == 503
        assert str(check_of(ready, "database")["detail"]).endswith("too busy, or it hangs.")
        assert samples(scraped.text)["sira_database_up"] == 0
        assert (await api.client().get("/readyz")).status_code == 200


async def test_probes_do_not_wait_for_a_migration_that_holds_the_revision(
    postgres_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "_WITHIN_S", 0.3)
    async with serving(postgres_db) as api:
        a_worker_runs(api)
        with postgres_db.engine.connect() as stranger:
            stranger.exec_driver_sql("LOCK TABLE alembic_version IN ACCESS EXCLUSIVE MODE")
            async with asyncio.timeout(20):
                ready = await api.client().get("/readyz?part=api")
            stranger.rollback()

        assert ready.status_code == 503
        assert str(check_of(ready, "database")["detail"]).endswith("too busy, or it hangs.")
