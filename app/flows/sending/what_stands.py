"""What chains of alerts say by now to somebody who hears of them for the first time."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection

from app.alerts import store as alert_store
from app.alerts.alert import ENDS, AlertFacts, Stretch
from app.alerts.first_word import LevelOf, first_word
from app.alerts.records import StoredAlert
from app.core.levels import Level, worst
from app.flows.alerting.towns import sections_between
from app.flows.context import Context
from app.flows.rating.ratings import states_of
from app.incidents import store as incident_store
from app.incidents.incident import Status
from app.risk.kept import SectionState

#: Of these nothing is a danger any more.
_OVER = frozenset({Status.REFUTED, Status.RESOLVED})


def what_stands(
    conn: Connection, alerts: Sequence[StoredAlert], *, context: Context
) -> dict[str, list[StoredAlert]]:
    """Return each of some alerts, by its id, in the present: the worst stretch, then the others.

    All of them keep its id: that is what is on record.
    """
    network = context.config.network
    standing = [one for one in alerts if one.type not in ENDS and one.route in network.corridors]
    said = alert_store.list_before(conn, standing)
    before = {
        alert_id: [one.facts for one in each if one.type not in ENDS]
        for alert_id, each in said.items()
    }
    over = _over(conn, [facts for each in before.values() for facts in each])
    roads = {one.route for one in standing if before[one.id]}
    sections = {one for road in roads for one in network.corridors[road].section_ids}
    states = states_of(conn, sections, context) if sections else {}
    found = {one.id: [one] for one in alerts}
    for alert in standing:
        level_of = _levels(alert, states, context)
        earlier = [one for one in before[alert.id] if one.speaks not in over]
        facts = first_word(alert.facts, earlier, level_of=level_of)
        found[alert.id] = [replace(alert, facts=one) for one in facts]
    return found


def _over(conn: Connection, said: Sequence[AlertFacts]) -> frozenset[str]:
    """Return the incidents that these words were of and that are over, or never were."""
    ids = {one.speaks for one in said if one.speaks is not None}
    known = incident_store.list_incidents_of(conn, ids) if ids else []
    return frozenset(one.id for one in known if one.status in _OVER)


def _levels(alert: StoredAlert, states: dict[str, SectionState], context: Context) -> LevelOf:
    """Return how to tell how bad a stretch of the alert's road is for its cargo."""
    network = context.config.network

    def level_of(stretch: Stretch | None) -> Level:
        whole = network.corridors[alert.route].section_ids
        there = sections_between(alert.route, stretch, network) if stretch else whole
        known = (states[one].cargoes.get(alert.cargo) for one in there if one in states)
        return worst([one.level for one in known if one is not None])

    return level_of
