"""Processes that share a database: what each remembers of a section is what is stored."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection

from app.db.engine import Database
from app.flows import ratings, rule_books, tune_rules
from app.flows.context import Context
from app.risk import store as risk_store
from tests.harness.filing import a_filing, take
from tests.harness.lived import living

NOW = datetime(2025, 9, 7, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
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


def test_what_two_processes_remember_is_what_is_stored(db: Database) -> None:
    one = living()
    other = replace(living(), vault=one.vault)
    db.write_now(lambda conn: tune_rules.seed(conn, one.config, now=NOW - timedelta(days=9)))
    for number, (kind, place) in enumerate(TOLD * 2):
        context = (one, other)[number % 2]
        now = NOW + 2 * number * MINUTE
        # what one of them began and had to take back must not be taken for what happened
        report(db, kind, place, context=context, now=now, fails=True)
        report(db, kind, place, context=(other, one)[number % 2], now=now + MINUTE)
        report(db, "ied", place, context=context, now=now + MINUTE)

    def check(conn: Connection) -> int:
        book, now = rule_books.active_book(conn, one), NOW + timedelta(hours=1)
        touched = risk_store.rated_sections(conn)
        loaded = risk_store.load_evidence(conn, touched, now=now, bounds=rule_books.bounds_of(book))
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
                assert evidence.moment(now).total == stored.moment(now).total
                assert evidence.moment(now).floors == stored.moment(now).floors
        return sum(len(one.exposed) for one in loaded.values())

    assert db.read_now(check) > len(TOLD)
