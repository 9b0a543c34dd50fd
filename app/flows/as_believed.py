"""What a phone is answered whose owner was forced to write: as if he had been believed."""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from app.alerts.replies import News
from app.alerts.store import ChainMemory
from app.core.errors import DomainError
from app.flows.context import Context
from app.flows.inbound_news import news_for
from app.flows.unlocated import place_unlocated
from app.incidents import store as incident_store
from app.incidents.reputation import Records
from app.risk.cache import EvidenceCache, StateCache
from app.roads.locating import locate
from app.roads.places import Location
from app.subscribers.answerable import FORCED_FOR
from app.subscribers.store import inbound
from app.subscribers.understood import Reading

#: Nobody did it, and of the record nothing stays.
_NOBODY = "trial"


def news_told(
    conn: Connection, reading: Reading, phone_index: str, *, context: Context, now: datetime
) -> News | None:
    """Return what a phone is told of a road.

    What came from it with a word of duress waits for the desk, and nobody's road changes by it.
    But whoever forces its owner has the phone, and need only ask about the road that he reported:
    were nothing known of it, the word would be found out. So this phone alone is answered as if
    the desk had let those reports pass, which is done, looked at and undone.
    """
    forced = inbound.list_forced(conn, phone_index, since=now - FORCED_FOR)
    if not forced:
        return news_for(conn, reading, context=context, now=now)
    # what is undone must be remembered nowhere
    apart = replace(
        context,
        evidence=EvidenceCache(),
        states=StateCache(),
        told=ChainMemory(),
        records=Records(),
    )
    trial = conn.begin_nested()
    try:
        for report_id in forced:
            with suppress(DomainError):
                _let_pass(conn, report_id, context=apart, now=now)
        return news_for(conn, reading, context=apart, now=now)
    finally:
        trial.rollback()


def _let_pass(conn: Connection, report_id: str, *, context: Context, now: datetime) -> None:
    """Place a report that waits where its sender said; one that does not wait any more counts."""
    stored = incident_store.get_report(conn, report_id)
    if stored.filed is None:
        return
    found = locate(stored.filed.place_query(), context.gazetteer)
    if isinstance(found, Location):
        place_unlocated(conn, report_id, found, actor=_NOBODY, context=context, now=now)
