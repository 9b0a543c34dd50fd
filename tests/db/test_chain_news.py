"""When a chain told something new, and when only that nothing was."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from app.alerts import store
from app.alerts.alert import AlertState, Reason
from app.alerts.decide import decide
from app.alerts.decision import Action
from app.alerts.records import NewAlert
from app.core.levels import Level
from app.db.engine import Database
from tests.harness.alerts import NOW, some_facts
from tests.harness.deciding import POLICY, a_change

FUEL = ("ML-DKR-N", "fuel")


def told(db: Database) -> AlertState | None:
    return db.read_now(lambda conn: store.told_state(conn, [FUEL])).get(FUEL)


def says(db: Database, reason: Reason, at: datetime) -> None:
    decision = decide(a_change(after=Level.HIGH), told(db), policy=POLICY, now=at)
    action = Action.UPDATE if decision.chain_id else Action.ALERT
    alert = NewAlert(
        decision=replace(decision, action=action, reason=reason),
        facts=some_facts(),
        targets=frozenset({"all"}),
        incident_ids=frozenset(),
        created_by="report:r1",
        rule_set=1,
        evidence={},
    )
    db.write_now(lambda conn: store.add_alerts(conn, [alert], now=at))


@pytest.mark.alike
def test_a_doubt_that_stays_is_told_and_is_no_news(db: Database) -> None:
    first, doubt, more = (NOW + timedelta(hours=hours) for hours in (0, 1, 2))
    says(db, Reason.FIRST, first)
    says(db, Reason.NOT_CONFIRMED, doubt)
    says(db, Reason.FURTHER_INCIDENT, more)

    state = told(db)

    assert state is not None
    assert state.said_at == (first, doubt, more)
    assert state.news_said_at == (first, more)
