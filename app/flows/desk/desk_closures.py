"""Closures of which somebody should ask: long not spoken of, or said to be open to some."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.flows.context import Context
from app.flows.rating import ratings
from app.incidents import store as incident_store
from app.incidents.answering import answers, search_days
from app.incidents.incident import Incident, Status
from app.incidents.nearness import same_place
from app.incidents.openings import REOPENED
from app.incidents.report import Family
from app.incidents.store import IncidentFilters

#: A closure that nobody has spoken of for so long may be over, and nobody has said so.
QUIET_FOR = timedelta(days=14)
#: So long a person is asked about a closure that somebody said was over, in part or before its day.
HALF_OPEN_FOR = timedelta(days=7)
_STANDS = frozenset({Status.OPEN, Status.CONFIRMED})
_MOST = 2_000


def quiet_closures(conn: Connection, *, context: Context, now: datetime) -> list[Incident]:
    """Return the closures that hold a section and were last spoken of long ago, the oldest first.

    They hold until somebody lifts them or their rule gives up, which may be months. A road that is
    called closed while trucks drive it costs the trust that the next warning needs; one that is let
    go by itself may cost lives. So a person asks. What goes on by a newer report of the same place
    is not asked after.
    """
    quiet_since = now - QUIET_FOR
    standing = incident_store.list_incidents(
        conn,
        filters=IncidentFilters(
            statuses=_STANDS,
            kinds=context.config.journeys.closed.kinds,
            since=now - 2 * context.config.risk.lifted_for,
        ),
        after=None,
        limit=_MOST,
    )
    told_of = [one for one in standing if one.last_reported_at > quiet_since]
    quiet = [
        one
        for one in standing
        if one.last_reported_at <= quiet_since
        and not any(same_place(one.location, new) and one.kind == new.kind for new in told_of)
    ]
    holding = _holding(conn, quiet, context, now)
    return sorted(
        (one for one in quiet if one.id in holding), key=lambda one: (one.last_reported_at, one.id)
    )


def half_open(conn: Connection, *, context: Context, now: datetime) -> list[Incident]:
    """Return the closures that stand although somebody said of late that the road is open.

    To some, in part, before the day for which they were announced, or by who is not believed: what
    that ended is over for whom it was, and a person asks about the rest.
    """
    config = context.config
    policy = config.incidents.answering
    lately = IncidentFilters(
        statuses=_STANDS, kinds=frozenset({REOPENED}), since=now - HALF_OPEN_FOR
    )
    good = incident_store.list_incidents(conn, filters=lately, after=None, limit=_MOST)
    if not good:
        return []
    long_back = HALF_OPEN_FOR + timedelta(days=search_days(REOPENED, policy))
    standing = IncidentFilters(
        statuses=_STANDS, families=frozenset({Family.CLOSURE.value}), since=now - long_back
    )
    closures = incident_store.list_incidents(conn, filters=standing, after=None, limit=_MOST)
    asked = {
        answer.incident_id
        for news in good
        for answer in answers(
            replace(news, credibility=1.0, only_unknown=False, called_off=True),
            closures,
            kinds=config.kinds,
            policy=policy,
            network=config.network,
        )
    }
    return sorted(
        (one for one in closures if one.id in asked),
        key=lambda one: (one.last_reported_at, one.id),
        reverse=True,
    )


def _holding(
    conn: Connection, closures: Sequence[Incident], context: Context, now: datetime
) -> set[str]:
    """Return the ids of those that close a section for some cargo."""
    reach, km = context.config.network.reach_any, context.config.risk.default_reach_km
    sections = {section_id for one in closures for section_id in reach(one.spots, km)}
    if not sections:
        return set()
    return {
        closure.incident_id
        for state in ratings.states_of(conn, sections, context).values()
        for cargo in state.cargoes.values()
        for closure in cargo.closures
        if closure.until > now
    }
