"""A service that has lived through the beginning of the Kayes blockade of September 2025."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from app.alerts import store as alert_store
from app.alerts.records import AlertFilter
from app.core.clock import ManualClock
from app.db.engine import Database
from app.flows.context import Context
from app.flows.past.replay import Replay
from app.flows.rules import tune_rules
from app.subscribers.vault import Vault, new_keys
from tests.harness.api import CONFIG, shipped_config, shipped_gazetteer

#: The first reports, as filed.
REPORTS = (CONFIG / "demo" / "reports.csv").read_text(encoding="utf-8").splitlines()[:16]
EARLY, REAL_NOW = datetime(2025, 8, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)


def living(rules: Iterable[Mapping[str, Any]] | None = None) -> Context:
    config = shipped_config()
    return Context(
        config=config if rules is None else replace(config, rules=tuple(rules)),
        gazetteer=shipped_gazetteer(),
        vault=Vault.parse(new_keys()),
    )


def lived(db: Database, context: Context) -> datetime:
    """Let the reports come in as they came in then, and time pass; return when it ends."""
    db.write_now(lambda conn: tune_rules.seed(conn, context.config, now=EARLY))
    clock = ManualClock(EARLY)
    replay = Replay(db=db, context=context, clock=clock)
    assert len(list(replay.play(REPORTS, now=REAL_NOW))) == len(REPORTS) - 1
    replay.pass_time(clock.now() + timedelta(days=5))  # floors run out
    return clock.now()


def raised(db: Database) -> list[tuple[str, ...]]:
    """Return the alerts in the database, in order: route, cargo, level, type, time."""
    alerts = db.read_now(
        lambda conn: alert_store.list_alerts(conn, AlertFilter(), after=None, limit=10_000)
    )
    return [
        (one.route, one.cargo, one.level.value, one.type.value, one.created_at.isoformat())
        for one in reversed(alerts)
    ]
