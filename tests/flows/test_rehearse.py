"""What is rehearsed at start leaves nothing behind, and what the rules leave out is said."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event
from sqlalchemy.engine.interfaces import CacheStats

from app.config import load_config
from app.core.clock import ManualClock
from app.db.engine import Database
from app.delivery.outbox import claiming, fanning
from app.delivery.outbox.claiming import Claimed
from app.flows.context import Context
from app.flows.fan_out import fan_out_pending
from app.flows.report_incident import report_incident
from app.flows.reports.filing import check_and_locate
from app.flows.rules.shipped_rules import warn_of_shipped, warn_of_unheard
from app.flows.sending.letters import Letters
from app.flows.sending.own_words import NOTHING
from app.flows.upkeep.rehearse import _filing
from app.service import Service, open_service
from app.settings import Settings
from bench.people import subscribe
from tests.harness.dump import dump
from tests.harness.outbox import NOW


def test_rehearsal_raises_alerts_and_keeps_nothing(database_url: str, tmp_path: Path) -> None:
    settings = Settings(_env_file=None, database_url=database_url, var_dir=tmp_path)
    with open_service(settings, clock=ManualClock(NOW)) as service:
        before = dump(service.db)

        alerts = service.rehearse()

        assert alerts > 0
        assert dump(service.db) == before


def test_kinds_that_no_rule_speaks_of_are_logged_at_start(
    database_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """An update brought the kind, and the rules are those of before it."""
    settings = Settings(_env_file=None, database_url=database_url, var_dir=tmp_path)
    before = [one for one in load_config(settings.config_dir).rules if one["id"] != "accident"]

    with open_service(settings, clock=ManualClock(NOW), rules=before) as service:
        unheard = service.db.read_now(lambda conn: warn_of_unheard(conn, service.context))

    assert unheard == ("accident",)
    assert "rules.unheard" in caplog.messages


def test_rules_that_are_shipped_otherwise_are_logged_at_start(
    database_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings(_env_file=None, database_url=database_url, var_dir=tmp_path)
    config = load_config(settings.config_dir)
    before = [one for one in config.rules if one["id"] != "accident"]

    with open_service(settings, clock=ManualClock(NOW), rules=before) as service:
        said = service.db.read_now(lambda conn: warn_of_shipped(conn, config))

    assert said == ("accident",)
    assert "rules.shipped_otherwise" in caplog.messages


def test_nothing_is_put_together_between_a_report_and_its_first_call(
    sqlite_url: str, tmp_path: Path
) -> None:
    settings = Settings(_env_file=None, database_url=sqlite_url, var_dir=tmp_path)
    with open_service(settings, clock=ManualClock(NOW)) as service:
        route = next(iter(service.context.config.network.corridors))
        subscribe(service.db, service.context.vault, 150, routes=[route])
        service.rehearse()
        service.db.read_now(lambda conn: fanning.list_bundles(conn, limit=1))  # as an idle worker
        new: list[str] = []

        with statements_put_together(service.db, new):
            service.db.write_now(lambda conn: report(conn, service.context))
            claimed = asyncio.run(first_claimed(service))

    assert len(claimed) == 100  # a first chunk: small, so that calls begin at once
    assert new == []


@contextmanager
def statements_put_together(db: Database, new: list[str]) -> Iterator[None]:
    """Add to `new` each statement that this process has not run before."""

    def look(_conn: Any, _cursor: Any, sql: str, _given: Any, run: Any, _many: bool) -> None:  # noqa: FBT001
        if run.compiled is not None and run.cache_hit is CacheStats.CACHE_MISS:
            new.append(sql)

    engines = (db.engine, db._read_engine)
    for engine in engines:
        event.listen(engine, "before_cursor_execute", look)
    yield
    for engine in engines:
        event.remove(engine, "before_cursor_execute", look)


def report(conn: Connection, context: Context) -> None:
    filing = _filing(context, NOW)
    found = check_and_locate(filing, context=context, now=NOW)
    report_incident(conn, filing, found, context=context, now=NOW)


async def first_claimed(service: Service) -> list[Claimed]:
    """Fan out as far as the first chunk, and claim it with its texts."""
    worker = service._worker("w")
    letters = Letters("sms", NOTHING, worker.dispatch.open_address)

    class EnoughError(Exception):
        pass

    def enough() -> None:
        raise EnoughError

    def claim(conn: Connection) -> list[Claimed]:
        claimed = claiming.claim(
            conn, owner="w", channel="sms", limit=500, now=NOW, lease=timedelta(minutes=1)
        )
        letters.missing(conn, claimed)
        return claimed

    await fan_out_pending(replace(worker.fan_out, made=enough))
    return await service.db.write(claim)
