"""Processes that share a database: what each remembers of a section is what is stored."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, select

from app.db.engine import Database
from app.db.tables import ExposureRow, IncidentRow
from app.flows.context import Context
from app.flows.rating import ratings, rule_books
from app.flows.rules import tune_rules
from app.risk import store as risk_store
from tests.harness.filing import a_filing, take
from tests.harness.lived import living

NOW = datetime(2025, 9, 7, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
FEW = 2
#: Two tellings of one ambush, an attack beside it, good news, and something far away.
TOLD = [
    ("fuel_interception", "Lakamane"),
    ("ied", "Diéma"),
    ("fuel_interception", "Lakamane"),
    ("safe_transit", "Diéma"),
    ("vehicle_attack", "Bougouni"),
    ("convoy_ambush", "Sandaré"),
]


class _RolledBackError(Exception):
    pass


def report(
    db: Database, kind: str, place: str, *, context: Context, now: datetime, fails: bool = False
) -> None:
    def fail(_conn: Connection) -> None:
        raise _RolledBackError

    filing = a_filing(kind, place, now=now, source=f"Radio {now:%H%M}")
    if fails:
        with pytest.raises(_RolledBackError):
            take(db, filing, context=context, now=now, then=fail)
    else:
        take(db, filing, context=context, now=now)


@pytest.mark.parametrize(
    ("most", "step"),
    [(FEW, timedelta(days=25)), (100, 2 * MINUTE)],
    ids=["a long past", "a short one"],
)
def test_what_two_processes_remember_is_what_is_stored(
    db: Database, most: int, step: timedelta
) -> None:
    one = living()
    risk = replace(one.config.risk, most_incidents=most)
    one = replace(one, config=replace(one.config, risk=risk))
    other = replace(living(), vault=one.vault, config=one.config)
    db.write_now(lambda conn: tune_rules.seed(conn, one.config, now=NOW - timedelta(days=9)))
    for number, (kind, place) in enumerate(TOLD * 2):
        context = (one, other)[number % 2]
        now = NOW + number * step
        # what one of them began and had to take back must not be taken for what happened
        report(db, kind, place, context=context, now=now, fails=True)
        report(db, kind, place, context=(other, one)[number % 2], now=now + MINUTE)
        report(db, "ied", place, context=context, now=now + MINUTE)

    def check(conn: Connection) -> int:
        book, now = rule_books.active_book(conn, one), NOW + 2 * len(TOLD) * step + MINUTE
        touched = risk_store.rated_sections(conn)
        # as a process makes it that reads everything: the sums that are kept are nobody's
        bounds = replace(rule_books.bounds_of(book), scale=None)
        loaded = risk_store.load_evidence(conn, dict.fromkeys(touched, ()), now=now, bounds=bounds)
        for context in (one, other):
            states = ratings.states_of(conn, touched, context)
            known = ratings.evidence_of(
                conn, dict.fromkeys(touched, ()), states, book=book, context=context, now=now
            )
            for section_id, evidence in known.items():
                section = one.config.network.sections[section_id]
                stored = ratings.gathered(section, loaded[section_id], book)
                assert [item.exposed for item in evidence.items] == [
                    item.exposed for item in stored.items
                ]
                assert evidence.beyond.count == stored.beyond.count
                assert evidence.moment(now).total == pytest.approx(
                    stored.moment(now).total, rel=1e-9
                )
                assert evidence.moment(now).floors == stored.moment(now).floors
        kept = risk_store.load_evidence(
            conn, dict.fromkeys(touched, ()), now=now, bounds=rule_books.bounds_of(book)
        )
        assert any(one.beyond.count for one in kept.values()) is (most == FEW)
        return sum(len(one.exposed) for one in loaded.values())

    assert db.read_now(check) > len(TOLD)


def test_when_it_happened_stands_with_what_it_reaches_whatever_is_learnt_later(
    db: Database,
) -> None:
    context = living()
    db.write_now(lambda conn: tune_rules.seed(conn, context.config, now=NOW - timedelta(days=9)))
    told = a_filing("fuel_interception", "Lakamane", now=NOW, source="Radio")
    vague = replace(told.filed, occurred_at=NOW.replace(hour=0), date_precision="day")
    take(db, replace(told, filed=vague), context=context, now=NOW)
    exact = replace(
        told.filed,
        occurred_at=NOW - timedelta(hours=5),
        source_name="Chauffeur",
        date_precision="instant",
    )
    take(db, replace(told, filed=exact, body_hash="b"), context=context, now=NOW + MINUTE)

    rows = select(IncidentRow.version, IncidentRow.occurred_at, ExposureRow.occurred_at).join(
        ExposureRow, ExposureRow.incident_id == IncidentRow.id
    )
    found = set(db.read_now(lambda conn: conn.execute(rows).all()))

    assert found == {(2, exact.occurred_at, exact.occurred_at)}
