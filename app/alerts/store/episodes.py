"""Which episode of a route an alert belongs to: its e-mails stand in one conversation."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, func, select

from app.alerts.alert import ENDS
from app.alerts.records import NewAlert
from app.db.tables import AlertRow

#: An episode is named by the first alert of its first chain.
EPISODE = func.coalesce(AlertRow.episode_id, AlertRow.chain_id)


def episodes_of(conn: Connection, ids: Sequence[str], alerts: Sequence[NewAlert]) -> list[str]:
    """Return the episode of each alert that is about to be stored under these ids.

    A chain stays in its episode. A new one joins what is going on along its route, for whatever
    cargo; with nothing going on it begins an episode. An exercise is one of its own.
    """
    chains = {new.decision.chain_id for new in alerts} - {None}
    routes = {new.facts.route for new in alerts if new.decision.chain_id is None}
    of_chain = _read(conn, AlertRow.chain_id, AlertRow.chain_id.in_(chains)) if chains else {}
    going_on = _going_on(conn, routes) if routes else {}
    found = []
    for alert_id, new in zip(ids, alerts, strict=True):
        chain, route = new.decision.chain_id, new.facts.route
        if chain is not None:
            found.append(of_chain.get(chain, chain))
        elif new.facts.exercise:
            found.append(alert_id)
        else:
            found.append(going_on.setdefault(route, alert_id))
    return found


def _going_on(conn: Connection, routes: set[str]) -> dict[str, str]:
    return _read(
        conn,
        AlertRow.route,
        AlertRow.status == "active",
        AlertRow.type.not_in(ENDS),
        AlertRow.route.in_(routes),
        AlertRow.facts["exercise"].as_boolean().is_(False),
    )


def _read(conn: Connection, by: Any, *conditions: Any) -> dict[str, str]:
    """Return the oldest episode for each value of a column: ids sort by time."""
    query = select(by, func.min(EPISODE)).where(*conditions).group_by(by)
    return {value: episode for value, episode in conn.execute(query)}  # noqa: C416 - rows
