"""A rolling upgrade under traffic: the next version migrates, both serve, the older one leaves."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select

from app.db import migrate
from app.db.tables import ReportRow
from tests.faults.conftest import MakeSite
from tests.harness.newer import REVISION, newer_tree
from tests.harness.provider import Provider
from tests.harness.reckoning import reckon
from tests.harness.reporting import Reporter
from tests.harness.running import Running, eventually
from tests.harness.site import Site, a_site
from tests.harness.stem import Stem

PEOPLE = 40


@pytest.fixture(scope="module")
def newer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stem]:
    """What processes of the next version are forked from."""
    stem = Stem(newer_tree(tmp_path_factory.mktemp("newer")))
    yield stem
    stem.close()


def ready(url: str) -> httpx.Response:
    return httpx.get(f"{url}/readyz", timeout=20)


def upgrade(site: Site, newer: Stem) -> None:
    output = site.folder / "migrate"
    code = newer.wait(newer.start(["migrate"], site.environment, output))
    assert code == 0, output.read_text()


@pytest.fixture
def make_site(tmp_path: Path, empty_database_url: str, provider: Provider, stem: Stem) -> MakeSite:
    """On a database of its own: the next version's tables are not for other tests."""
    return partial(a_site, tmp_path, empty_database_url, provider, stem=stem)


def hand_over(site: Site, newer: Stem, old: Running, old_worker: Running) -> Running:
    """Start the next version beside the older one, then end that; return the new API."""
    if old is old_worker:  # one process on SQLite
        old.stop()
        new = site.start("serve", of=newer)
        new.wait_until_ready()
        return new
    old_worker.kill()  # the older one starts on the newer database too
    old_worker = site.start("worker")
    new = site.start("serve", "--api-only", of=newer)
    new_worker = site.start("worker", of=newer)
    for one in (old_worker, new, new_worker):
        one.wait_until_ready()
    old.stop()
    old_worker.stop()
    return new


def test_nothing_is_lost_on_the_way_to_the_next_version(
    make_site: MakeSite, provider: Provider, newer: Stem, db_kind: str
) -> None:
    words = ["serve"] if db_kind == "sqlite" else ["serve", "--api-only"]
    with make_site(people=PEOPLE, per_second={"twilio": 8.0}) as site:
        old = site.start(*words)
        old_worker = old if db_kind == "sqlite" else site.start("worker")
        for one in (old, old_worker):
            one.wait_until_ready()
        reporter = Reporter(site, old)
        alert = site.alert(old)
        eventually(lambda: len(reporter.answered) > 5 and len(provider.taken()) > 5)

        upgrade(site, newer)

        # the older version works on, on a database that knows more than it
        assert migrate.current_revision(site.db.engine) == REVISION
        reporter.go_on()
        assert ready(old.url).status_code == 200, ready(old.url).text
        new = hand_over(site, newer, old, old_worker)
        reporter.api = new
        reporter.go_on()
        site.wait_until_sent(PEOPLE)
        reporter.stop()

        assert ready(new.url).status_code == 200
        found = reckon(site, provider, new, alert, PEOPLE)
        stored = site.count(select(func.count()).select_from(ReportRow))
        kept = select(func.count()).where(ReportRow.id.in_(reporter.answered))
        assert site.count(kept) == len(set(reporter.answered)) == len(reporter.answered) == stored
    assert found.is_clean, found


@pytest.mark.parametrize("db_kind", ["postgres"], indirect=True)  # SQLite's readers wait for nobody
def test_a_migration_that_waits_for_a_table_keeps_nobody_out_for_long(
    make_site: MakeSite, newer: Stem
) -> None:
    """Somebody reads `delivery` for longer than any lock is waited for; reports go on."""
    with make_site(people=1) as site:
        api = site.start("serve", "--api-only")
        api.wait_until_ready()
        reporter = Reporter(site, api)
        with site.db.engine.connect() as reading:
            reading.exec_driver_sql("LOCK TABLE delivery IN ACCESS SHARE MODE")
            pid = newer.start(["migrate"], site.environment, site.folder / "migrate")
            for _ in range(3):
                reporter.go_on()  # the migration has given way
            assert migrate.current_revision(site.db.engine) != REVISION
        code = newer.wait(pid)

        assert code == 0, (site.folder / "migrate").read_text()
        assert migrate.current_revision(site.db.engine) == REVISION
        reporter.stop()
        assert reporter.again == []


def test_an_older_version_leaves_a_newer_database_as_it_is(
    empty_database_url: str, tmp_path: Path
) -> None:
    migrate.upgrade(empty_database_url)
    engine = migrate.migration_engine(empty_database_url)
    with engine.begin() as conn:
        conn.exec_driver_sql("UPDATE alembic_version SET version_num = 'of-next-year'")

    migrate.upgrade(empty_database_url)

    assert migrate.current_revision(engine) == "of-next-year"
    engine.dispose()
