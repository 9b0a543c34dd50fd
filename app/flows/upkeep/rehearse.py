"""Everything that a report sets off, done once at start and taken back.

What runs for the first time is slow: statements are put together, templates and rules compiled,
evidence is read. The first report after a start must not be the one that waits for it.
"""

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from app.accounts import store as accounts_store
from app.alerts import store as alert_store
from app.alerts.alert import Message
from app.alerts.records import StoredAlert
from app.core.errors import DomainError
from app.db.engine import Database
from app.delivery.outbox import claiming, fanning, rehearsing, sharing, standings
from app.flows.context import Context
from app.flows.fan_out import written
from app.flows.money.plan_spending import Purse, plan_chunk
from app.flows.report_incident import report_incident
from app.flows.reports.filing import Filing, check_and_locate
from app.incidents.filed import FiledReport
from app.incidents.report import Basis, Family

_log = logging.getLogger(__name__)
_NAME = "rehearsal"
_LEASE = timedelta(seconds=60)


class _TakenBackError(Exception):
    """The rehearsal is over; nothing of it is kept."""

    def __init__(self, alerts: int) -> None:
        super().__init__()
        self.alerts = alerts


def rehearse(
    db: Database,
    *,
    context: Context,
    render: Callable[[StoredAlert], Sequence[Message]],
    now: datetime,
) -> int:
    """Play a report, its fan-out and a claim, take it back; return how many alerts it raised.

    What this process then remembers of sections is good for nothing: no row has its tokens. Of
    what fails here the first real report will tell.
    """

    def work(conn: Connection) -> None:
        raise _TakenBackError(_play(conn, context=context, render=render, now=now))

    try:
        db.read_now(_look)
        db.write_now(work)
    except _TakenBackError as played:
        return played.alerts
    except (DomainError, SQLAlchemyError) as error:
        _log.warning("rehearsal.failed", extra={"error": type(error).__name__})
    return 0


def _look(conn: Connection) -> None:
    """Read what is read on the way: on SQLite, readers put their statements together themselves."""
    accounts_store.find_key_by_hash(conn, _NAME)
    fanning.list_untold(conn, _NAME)
    with suppress(DomainError):
        alert_store.get_alert(conn, _NAME)
    standings.list_standings(conn)


def _play(
    conn: Connection,
    *,
    context: Context,
    render: Callable[[StoredAlert], Sequence[Message]],
    now: datetime,
) -> int:
    filing = _filing(context, now)
    found = check_and_locate(filing, context=context, now=now)
    outcome = report_incident(conn, filing, found, context=context, now=now)
    if outcome.bundle_id is None:
        return 0
    languages = context.config.subscribers.languages
    fanning.list_bundles(conn, limit=1)
    untold = fanning.list_untold(conn, outcome.bundle_id)
    alerts = [alert_store.get_alert(conn, alert_id) for alert_id in untold]
    fanning.add_messages(conn, written(alerts, render))
    policy = context.config.moment
    countries = context.config.countries
    rehearsing.rehearse(
        conn,
        outcome.bundle_id,
        languages=languages,
        now=now,
        policy=policy,
        countries=countries,
    )
    step = sharing.next_step(
        conn,
        outcome.bundle_id,
        languages=languages,
        chunk=1,
        now=now,
        policy=policy,
        countries=countries,
        alert_ids=untold,
    )
    if step is not None:
        plan_chunk(conn, Purse.of(context.config), alerts, replace(step, inserted=1), now=now)
    # of a channel that has none: what waits since before the start is not for a rehearsal
    claiming.claim(conn, owner=_NAME, channel=_NAME, limit=1, now=now, lease=_LEASE)
    return outcome.alerts


def _filing(context: Context, now: datetime) -> Filing:
    """Return a report of a danger on the first road."""
    network = context.config.network
    road = next(iter(network.corridors.values())).section_ids
    section = network.sections[road[len(road) // 2]]
    kinds = context.config.kinds
    hostile = next((kind.code for kind in kinds if kind.family is Family.HOSTILE), "")
    filed = FiledReport(
        kind=hostile,
        occurred_at=now,
        reported_at=now,
        position=section.line[0],
        date_precision="instant",
        summary=_NAME,
        basis=Basis.FIRSTHAND,
    )
    return Filing(filed=filed, key_id=_NAME, trusted=True, body_hash="")
