"""PgBouncer in transaction mode between every process and PostgreSQL: the whole story passes."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import psycopg
import pytest
from sqlalchemy.engine import make_url

from tests.harness.pgbouncer import POOL, pooled
from tests.harness.provider import Provider
from tests.harness.reckoning import reckon
from tests.harness.running import Running, eventually
from tests.harness.site import Site, a_site
from tests.harness.statements import hang_up
from tests.harness.stem import Stem

PEOPLE = 200


@pytest.fixture
def server_url(request: pytest.FixtureRequest) -> str:
    if request.config.getoption("--db") == "sqlite":
        pytest.skip("--db sqlite")
    url = request.getfixturevalue("migrated_postgres")
    url.empty()
    hang_up(url.url)
    return str(url.url)


@pytest.fixture
def site(server_url: str, tmp_path: Path, provider: Provider, stem: Stem) -> Iterator[Site]:
    """An installation that knows the pooler only, and looks for work twice an hour."""
    with (
        pooled(server_url) as through,
        a_site(tmp_path, through, provider, people=PEOPLE, stem=stem, poll_s=1800) as found,
    ):
        yield found


def sessions(url: str) -> int:
    """Return how many sessions the server has for this database, ours aside."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain) as conn:
        found = conn.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ).fetchone()
    return int(found[0]) if found else 0


def report(site: Site, api: Running, number: int) -> httpx.Response:
    body = {
        "kind": "fuel_interception",
        "place": "Lakamane",
        "cargo": "fuel",
        "occurred_at": datetime.now(UTC).isoformat(),  # noqa: TID251 - what the phone says
        "basis": "firsthand",
        "summary": f"Tankers stopped and emptied, seen by driver {number}",
    }
    with site.client(api) as client:
        return client.post("/v1/reports", json=body)


def test_from_a_report_to_every_phone_through_a_pooler(
    site: Site, server_url: str, provider: Provider
) -> None:
    """Calls between processes pass the pooler by: polling would come minutes late."""
    api = site.start("serve", "--api-only", SIRA_LISTEN_URL=server_url)
    for worker in [site.start("worker", SIRA_LISTEN_URL=server_url) for _ in range(2)]:
        worker.wait_until_ready()
    api.wait_until_ready()

    answer = report(site, api, 1)
    site.wait_until_sent(PEOPLE)

    assert answer.status_code == 201, answer.text
    (alert,) = {effect["alert_id"] for effect in answer.json()["effects"] if effect["alert_id"]} & {
        one["alert_id"] for one in deliveries(site)
    }
    found = reckon(site, provider, api, alert, PEOPLE)
    assert found.is_clean, found
    assert sessions(server_url) <= POOL + 3  # three processes listen past the pooler
    assert httpx.get(f"{api.url}/readyz").status_code == 200


def deliveries(site: Site) -> list[dict[str, str]]:
    rows = site.db.read_now(
        lambda conn: conn.exec_driver_sql("SELECT DISTINCT alert_id FROM delivery").all()
    )
    return [{"alert_id": row[0]} for row in rows]


def test_without_the_server_s_own_address_polling_is_left(site: Site, provider: Provider) -> None:
    """A worker says so, looks when it starts, and otherwise as often as it polls."""
    api = site.start("serve", "--api-only")
    api.wait_until_ready()
    site.alert(api)
    worker = site.start("worker")
    worker.wait_until_ready()

    site.wait_until_sent(PEOPLE)

    assert len({one["to"] for one in provider.taken()}) == len(provider.taken()) == PEOPLE
    eventually(lambda: "listen.pooled" in worker.output.read_text())
