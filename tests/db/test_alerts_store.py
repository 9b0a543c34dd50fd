"""Alerts on both databases: chains, holds, filters, what was told."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select

from app.alerts import store
from app.alerts.alert import AlertState, AlertType, Audience, NotedBy, Reason
from app.alerts.decide import decide
from app.alerts.decision import AlertDecision
from app.alerts.records import (
    Acknowledgement,
    AlertFilter,
    AlertNotFoundError,
    AlertNotHeldError,
    NewAlert,
)
from app.core.levels import Level
from app.db.engine import Database
from app.db.tables import AlertIncidentRow, AlertRow, AlertTargetRow, IncidentRow, MessageRow
from tests.harness.alerts import NOW, some_facts
from tests.harness.deciding import POLICY, a_change

FUEL = ("ML-DKR-N", "fuel")
INCIDENTS = [f"0199-incident-{n}" for n in range(4)]


def decided(told: AlertState | None = None, *, at: datetime = NOW, **changed: Any) -> AlertDecision:
    given = {"incident_ids": frozenset(INCIDENTS[:1]), "speaks": None} | changed
    return decide(a_change(**given), told, policy=POLICY, now=at)


def a_new(decision: AlertDecision | None = None, **changed: Any) -> NewAlert:
    given: dict[str, Any] = {
        "decision": decision or decided(),
        "facts": some_facts(),
        "targets": frozenset({"route:ML-DKR-N", "region:ML/Kayes", "all"}),
        "incident_ids": frozenset(INCIDENTS[:1]),
        "created_by": "report:r1",
        "rule_set": 1,
        "evidence": {"incidents": {INCIDENTS[0]: 1}},
    }
    return NewAlert(**(given | changed))


def add(db: Database, *alerts: NewAlert, at: datetime = NOW) -> list[str]:
    return db.write_now(lambda conn: store.add_alerts(conn, alerts, now=at))


#: Lives through all tests: whatever happens to a chain, it must never make a difference.
MEMORY = store.ChainMemory()


def told(db: Database, *subjects: tuple[str, str]) -> dict[tuple[str, str], AlertState]:
    afresh = db.read_now(lambda conn: store.told_state(conn, subjects or [FUEL]))
    by_memory = db.read_now(lambda conn: store.told_state(conn, subjects or [FUEL], memory=MEMORY))
    assert by_memory == afresh
    return afresh


def status_of(db: Database, alert_id: str) -> str:
    return db.read_now(lambda conn: store.get_alert(conn, alert_id)).status


@pytest.fixture(autouse=True)
def incidents(db: Database) -> None:
    rows = [
        {
            "id": incident_id,
            "version": 1,
            "kind": "fuel_interception",
            "family": "hostile",
            "status": "open",
            "occurred_at": NOW,
            "last_reported_at": NOW,
            "lat": 14.5,
            "lon": -9.9,
            "cell": 1,
            "credibility": 0.5,
            "facts": {},
            "updated_at": NOW,
        }
        for incident_id in INCIDENTS
    ]
    db.write_now(lambda conn: conn.execute(insert(IncidentRow), rows))


def test_an_alert_comes_back_as_it_was_stored(db: Database) -> None:
    (alert_id,) = add(db, a_new())

    alert = db.read_now(lambda conn: store.get_alert(conn, alert_id))

    assert alert.facts == some_facts()
    assert (alert.type, alert.status, alert.level) == (AlertType.ALERT, "active", Level.SEVERE)
    assert (alert.chain_id, alert.bundle_id, alert.references) == (alert_id, alert_id, ())
    assert alert.audience is Audience.SUBSCRIBERS_AND_TOLD
    assert alert.expires_at == NOW + POLICY.expiry[Level.SEVERE]
    assert alert.evidence == {"incidents": {INCIDENTS[0]: 1}}


def test_targets_and_incidents_are_stored_beside_it(db: Database) -> None:
    (alert_id,) = add(db, a_new())

    with db.engine.connect() as conn:
        targets = set(conn.scalars(select(AlertTargetRow.target)))
        spoken_of = set(conn.scalars(select(AlertIncidentRow.incident_id)))
        alerts = store.alerts_of_incident(conn, INCIDENTS[0])
        found = store.incidents_of(conn, alert_id)

    assert targets == {"route:ML-DKR-N", "region:ML/Kayes", "all"}
    assert spoken_of == {INCIDENTS[0]} == set(found)
    assert [alert.id for alert in alerts] == [alert_id]


def test_many_alerts_of_one_cause_share_a_bundle(db: Database) -> None:
    news = [
        a_new(facts=some_facts(cargo=cargo), bundle_id="bundle-1", bundle_rank=rank)
        for rank, cargo in enumerate(["fuel", "goods", "passengers"])
    ]

    ids = add(db, *news)

    with db.engine.connect() as conn:
        rows = {row.id: row for row in conn.execute(select(AlertRow))}
    assert [rows[i].cargo for i in ids] == ["fuel", "goods", "passengers"]
    assert {row.bundle_id for row in rows.values()} == {"bundle-1"}


def test_nothing_to_add_is_fine_and_nothing_to_say_is_a_fault(db: Database) -> None:
    assert add(db) == []
    with pytest.raises(ValueError, match="nothing is to be said"):
        add(db, a_new(decided(after=Level.LOW)))


def test_nothing_was_told_of_a_route_without_alerts(db: Database) -> None:
    assert told(db) == {}


def test_told_state_gathers_the_whole_chain(db: Database) -> None:
    (first,) = add(db, a_new(decided(after=Level.HIGH)))
    later = NOW + timedelta(hours=1)
    update = a_new(
        decided(told(db)[FUEL], at=later),
        facts=some_facts(stretch=("Kayes", "Diboli"), serious=False),
        incident_ids=frozenset(INCIDENTS[1:2]),
    )
    (second,) = add(db, update, at=later)

    state = told(db, FUEL, ("ML-RN6", "fuel"))[FUEL]

    assert (state.id, state.chain_id, state.references) == (second, first, (first,))
    assert (state.type, state.level, state.reason) == (AlertType.UPDATE, Level.SEVERE, Reason.ROSE)
    assert state.incident_ids == frozenset(INCIDENTS[:2])
    assert state.stretches == {("Sandaré", "Diéma"), ("Kayes", "Diboli")}
    assert state.said_at == state.news_said_at == (NOW, later)
    assert state.serious
    assert status_of(db, first) == "superseded"


def test_cargoes_of_one_route_are_told_apart(db: Database) -> None:
    add(db, a_new(), a_new(facts=some_facts(cargo="goods")))

    states = told(db, FUEL, ("ML-DKR-N", "goods"), ("ML-DKR-N", "passengers"))

    assert set(states) == {FUEL, ("ML-DKR-N", "goods")}
    assert states[FUEL].id != states["ML-DKR-N", "goods"].id


def test_a_held_alert_was_told_to_nobody_until_released(db: Database) -> None:
    (held,) = add(db, a_new(decided(only_unknown=True)))
    assert status_of(db, held) == "held"
    assert told(db) == {}

    released = db.write_now(lambda conn: store.release(conn, held, now=NOW))

    assert released.status == "active"
    assert told(db)[FUEL].id == held


def test_a_held_update_leaves_what_was_told_in_place_until_released(db: Database) -> None:
    (first,) = add(db, a_new(decided(after=Level.HIGH)))
    (held,) = add(db, a_new(decided(told(db)[FUEL], only_unknown=True)))
    assert told(db)[FUEL].id == first

    db.write_now(lambda conn: store.release(conn, held, now=NOW))

    assert told(db)[FUEL].id == held
    assert status_of(db, first) == "superseded"


def test_what_is_said_next_overtakes_a_held_alert_which_is_then_never_sent(db: Database) -> None:
    (held,) = add(db, a_new(decided(only_unknown=True)))
    add(db, a_new())

    overtaken = db.read_now(lambda conn: store.get_alert(conn, held))

    assert (overtaken.status, overtaken.fanned_out_at) == ("ended", NOW)
    with pytest.raises(AlertNotHeldError):
        db.write_now(lambda conn: store.release(conn, held, now=NOW))


def test_a_held_alert_out_of_time_cannot_be_released(db: Database) -> None:
    (held,) = add(db, a_new(decided(only_unknown=True)))
    late = NOW + timedelta(days=3)

    with pytest.raises(AlertNotHeldError):
        db.write_now(lambda conn: store.release(conn, held, now=late))
    assert db.write_now(lambda conn: store.end_expired_held(conn, now=late)) == 1
    assert status_of(db, held) == "ended"


def test_held_alerts_are_dropped_when_the_danger_is_gone(db: Database) -> None:
    (held,) = add(db, a_new(decided(only_unknown=True)))

    db.write_now(lambda conn: store.drop_held(conn, [FUEL], now=NOW))

    assert status_of(db, held) == "ended"


def test_expired_alerts_are_due_and_renewed_ones_are_not(db: Database) -> None:
    (alert_id,) = add(db, a_new())
    later = NOW + POLICY.expiry[Level.SEVERE]
    just_before = later - timedelta(seconds=1)
    assert db.read_now(lambda conn: store.due_expired(conn, now=just_before)) == []

    (due,) = db.read_now(lambda conn: store.due_expired(conn, now=later))
    assert ((due.route, due.cargo), due.state.id) == (FUEL, alert_id)

    db.write_now(lambda conn: store.renew(conn, {alert_id: later + timedelta(hours=1)}))
    assert db.read_now(lambda conn: store.due_expired(conn, now=later)) == []


def test_an_exercise_hides_nothing_real_and_is_hidden_by_nothing(db: Database) -> None:
    drill = a_new(facts=some_facts(exercise=True))
    (exercise,) = add(db, drill)
    assert told(db) == {}

    (held,) = add(db, a_new(decided(only_unknown=True)))
    add(db, drill)
    assert status_of(db, held) == "held"

    in_exercise = db.read_now(lambda conn: store.told_state(conn, [FUEL], exercise=True))
    assert in_exercise[FUEL].level is Level.SEVERE
    assert status_of(db, exercise) == "active"


def test_an_exercise_ends_without_a_word(db: Database) -> None:
    (exercise,) = add(db, a_new(facts=some_facts(exercise=True)))
    (real,) = add(db, a_new())
    late = NOW + timedelta(days=9)

    due = db.read_now(lambda conn: store.due_expired(conn, now=late))
    db.write_now(lambda conn: store.end_expired_held(conn, now=late))

    assert [one.state.id for one in due] == [real]
    assert (status_of(db, exercise), status_of(db, real)) == ("ended", "active")


def test_alerts_of_a_merged_incident_speak_of_the_one_it_became(db: Database) -> None:
    (first,) = add(db, a_new())
    (second,) = add(
        db, a_new(facts=some_facts(cargo="goods"), incident_ids=frozenset(INCIDENTS[:2]))
    )

    def merge() -> None:
        db.write_now(
            lambda conn: store.speak_also_of(conn, told_of=INCIDENTS[0], also=INCIDENTS[1])
        )

    merge()
    merge()

    found = db.read_now(lambda conn: store.alerts_of_incident(conn, INCIDENTS[1]))
    assert {alert.id for alert in found} == {first, second}


def test_an_ended_chain_is_neither_told_nor_due_but_stays_to_be_fanned_out(db: Database) -> None:
    (alert_id,) = add(db, a_new())

    db.write_now(lambda conn: store.end_chain(conn, alert_id, now=NOW))

    assert told(db) == {}
    assert db.read_now(lambda conn: store.due_expired(conn, now=NOW + timedelta(days=9))) == []
    alert = db.read_now(lambda conn: store.get_alert(conn, alert_id))
    assert (alert.status, alert.fanned_out_at) == ("ended", None)


def by(alert_id: str, contact_id: str | None = None, *, at: datetime = NOW) -> Acknowledgement:
    return Acknowledgement(
        alert_id=alert_id,
        contact_id=contact_id,
        key_id=None if contact_id else "k",
        organisation_id="o",
        way=NotedBy.REPLY,
        at=at,
    )


def keep(one: Acknowledgement, conn: Connection) -> bool:
    return store.acknowledge(conn, one)


def test_each_person_acknowledges_once_and_the_first_word_is_kept(db: Database) -> None:
    (alert_id,) = add(db, a_new())
    later = NOW + timedelta(hours=1)
    words = [by(alert_id, "c1"), by(alert_id, "c1", at=later), by(alert_id, at=later)]

    new = [db.write_now(partial(keep, one)) for one in words]

    assert new == [True, False, True]
    kept = db.read_now(
        lambda conn: store.list_acknowledgements(conn, alert_id, organisation_id="o")
    )
    assert kept == [words[0], words[2]]
    assert db.read_now(lambda conn: store.get_alert(conn, alert_id)).acknowledged_at == NOW
    assert not db.read_now(
        lambda conn: store.list_acknowledgements(conn, alert_id, organisation_id="other")
    )


def test_an_unknown_alert_is_not_found(db: Database) -> None:
    with pytest.raises(AlertNotFoundError):
        db.write_now(lambda conn: store.acknowledge(conn, by("no-such-alert")))
    with pytest.raises(AlertNotFoundError):
        db.write_now(lambda conn: store.release(conn, "no-such-alert", now=NOW))


def test_alerts_are_listed_newest_first_by_pages(db: Database) -> None:
    ids = [
        add(db, a_new(facts=some_facts(cargo=cargo)), at=NOW + timedelta(minutes=n))[0]
        for n, cargo in enumerate(["fuel", "goods", "passengers"])
    ]

    def page(after: str | None) -> list[str]:
        found = db.read_now(
            lambda conn: store.list_alerts(conn, AlertFilter(), after=after, limit=2)
        )
        return [alert.id for alert in found]

    assert page(None) == [ids[2], ids[1]]
    assert page(ids[1]) == [ids[0]]


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        (AlertFilter(route="ML-DKR-N"), 2),
        (AlertFilter(route="ML-RN6"), 0),
        (AlertFilter(cargo="goods"), 1),
        (AlertFilter(type=AlertType.ALL_CLEAR), 0),
        (AlertFilter(status="active", cargo="fuel"), 1),
        (AlertFilter(since=NOW + timedelta(seconds=1)), 0),
        (AlertFilter(chain_id="none"), 0),
    ],
)
def test_listings_are_filtered(db: Database, wanted: AlertFilter, count: int) -> None:
    add(db, a_new(), a_new(facts=some_facts(cargo="goods")))

    found = db.read_now(lambda conn: store.list_alerts(conn, wanted, after=None, limit=10))

    assert len(found) == count


def test_texts_of_an_alert_are_listed_by_channel_and_language(db: Database) -> None:
    (alert_id,) = add(db, a_new())
    rows = [
        {
            "alert_id": alert_id,
            "channel": channel,
            "language": language,
            "text": f"{channel} {language}",
            "segments": 1,
        }
        for channel, language in [("sms", "fr"), ("email", "fr"), ("sms", "en")]
    ]
    db.write_now(lambda conn: conn.execute(insert(MessageRow), rows))

    messages = db.read_now(lambda conn: store.messages_of(conn, alert_id))

    assert [(m.channel, m.language, m.text) for m in messages] == [
        ("email", "fr", "email fr"),
        ("sms", "en", "sms en"),
        ("sms", "fr", "sms fr"),
    ]
