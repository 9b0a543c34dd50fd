"""Reports come in through several processes at once: who must waits, and the others do not."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection

from app.core.levels import Level
from app.db import turns as database_turns
from app.db.engine import Database
from app.flows import turns
from app.flows.context import Context
from app.flows.messages.inbound_sms import Duty, Message, take_inbound
from app.flows.rating import rule_books
from app.flows.rating.ratings import gathered
from app.flows.rules import tune_rules
from app.incidents import store as incident_store
from app.incidents.incident import Incident
from app.incidents.store import IncidentFilters
from app.risk import store as risk_store
from app.risk.rate import rate
from app.subscribers.contact import ContactChannel, phone_indexes
from app.subscribers.store.senders import add_reporter
from tests.harness.filing import a_filing, take
from tests.harness.lived import living

NOW = datetime(2025, 9, 7, 12, tzinfo=UTC)
#: Long enough for a report that need not wait, on a busy machine.
_PATIENCE_S = 30.0
#: Long enough to see that one waits.
_GLANCE_S = 0.5


@pytest.fixture
def context(postgres_db: Database) -> Context:
    found = living()
    seeded = NOW - timedelta(days=9)
    postgres_db.write_now(lambda conn: tune_rules.seed(conn, found.config, now=seeded))
    return found


@contextmanager
def under_way(
    db: Database, context: Context, kind: str, place: str, *, key: str | None = None
) -> Iterator[None]:
    """Keep the transaction of a report open."""
    entered, go = threading.Event(), threading.Event()

    def stay(_conn: Connection) -> None:
        entered.set()
        go.wait(_PATIENCE_S)

    with ThreadPoolExecutor(1) as pool:
        filing = a_filing(kind, place, now=NOW, key=key)
        first = pool.submit(take, db, filing, context=context, now=NOW, then=stay)
        assert entered.wait(_PATIENCE_S)
        try:
            yield
        finally:
            go.set()
            first.result(_PATIENCE_S)


def another(
    pool: ThreadPoolExecutor,
    db: Database,
    context: Context,
    kind: str,
    place: str,
    *,
    key: str | None = None,
) -> Future[object]:
    later = NOW + timedelta(minutes=1)
    filing = a_filing(kind, place, now=later, key=key)
    return pool.submit(take, db, filing, context=context, now=later)


@pytest.mark.parametrize(
    ("kind", "place"),
    [
        pytest.param("fuel_interception", "Lakamané", id="the same event"),
        pytest.param("banditry", "Tambacounda", id="another event on the same route"),
        pytest.param("safe_transit", "Gao", id="good news, which may answer anything"),
    ],
)
def test_what_may_concern_the_same_road_waits(
    postgres_db: Database, context: Context, kind: str, place: str
) -> None:
    with ThreadPoolExecutor(1) as pool:
        with under_way(postgres_db, context, "fuel_interception", "Lakamané"):
            second = another(pool, postgres_db, context, kind, place)
            assert wait_for([second], _GLANCE_S).not_done
        second.result(_PATIENCE_S)

    def worst(conn: Connection) -> tuple[Level, Level]:
        sections = context.config.network.corridors["ML-DKR-N"].section_ids
        kept = risk_store.section_states(conn, sections).values()
        levels = [one.cargoes["fuel"].level for one in kept]
        route = risk_store.route_states(conn, ["ML-DKR-N"])["ML-DKR-N", "fuel"]
        return route.level, max(levels, key=lambda level: level.rank)

    of_route, of_sections = postgres_db.read_now(worst)
    assert of_route is of_sections is Level.SEVERE


def test_a_report_of_another_road_does_not_wait(postgres_db: Database, context: Context) -> None:
    with (
        ThreadPoolExecutor(1) as pool,
        under_way(postgres_db, context, "fuel_interception", "Lakamané"),
    ):
        another(pool, postgres_db, context, "ied", "Koutiala").result(_PATIENCE_S)


def test_a_list_by_sms_goes_alone(postgres_db: Database, context: Context) -> None:
    """Two lists that name the same towns in another order would each wait for the other."""
    entered, go = threading.Event(), threading.Event()

    def says(conn: Connection, phone: str, *towns: str) -> None:
        index = phone_indexes(context.vault, phone)[ContactChannel.SMS]
        add_reporter(
            conn,
            phone_index=index,
            masked="",
            organisation_id=None,
            key_id=None,
            language="fr",
            now=NOW,
        )
        text = f"citernes brûlées à {towns[0]}, {towns[1]} et {towns[2]}"
        message = Message(provider="twilio", message_id=phone, phone=phone, text=text)
        taken = take_inbound(conn, message, context=context, duty=Duty(), now=NOW)
        assert str(taken.reply).startswith("SIRA Noté")

    def first(conn: Connection) -> None:
        says(conn, "+22376000001", "Lakamané", "Diéma", "Sandaré")
        entered.set()
        assert go.wait(_PATIENCE_S)

    def second(conn: Connection) -> None:
        says(conn, "+22376000002", "Sandaré", "Diéma", "Lakamané")

    with ThreadPoolExecutor(3) as pool:
        under_way = pool.submit(postgres_db.write_now, first)
        assert entered.wait(_PATIENCE_S)
        waiting: list[Future[Any]] = [
            another(pool, postgres_db, context, "ied", "Koutiala"),
            pool.submit(postgres_db.write_now, second),
        ]
        assert wait_for(waiting, _GLANCE_S).done == set()
        go.set()
        for one in (under_way, *waiting):
            one.result(_PATIENCE_S)
    assert len(incidents(postgres_db)) == 4


def test_a_repeated_report_waits_for_the_first_wherever_it_says_it_is(
    postgres_db: Database, context: Context
) -> None:
    with ThreadPoolExecutor(1) as pool:
        with under_way(postgres_db, context, "ied", "Lakamané", key="one"):
            second = another(pool, postgres_db, context, "ied", "Lakamané", key="one")
            third = another(pool, postgres_db, context, "ied", "Koutiala", key="two")
            assert wait_for([second], _GLANCE_S).not_done
        second.result(_PATIENCE_S)
        third.result(_PATIENCE_S)
    assert len(incidents(postgres_db)) == 2


def test_a_moderator_waits_for_every_report_and_reports_for_him(
    postgres_db: Database, context: Context
) -> None:
    with ThreadPoolExecutor(2) as pool:
        with under_way(postgres_db, context, "ied", "Gao"):
            desk = pool.submit(postgres_db.write_now, turns.alone)
            assert wait_for([desk], _GLANCE_S).not_done
        desk.result(_PATIENCE_S)
        held = threading.Event()

        def decide(conn: Connection) -> None:
            turns.alone(conn)
            held.set()
            assert wait_for([pool.submit(_file, postgres_db, context)], _GLANCE_S).not_done

        postgres_db.write_now(decide)


def _file(db: Database, context: Context) -> None:
    take(db, a_filing("ied", "Koutiala", now=NOW), context=context, now=NOW)


def test_a_storm_through_three_processes_leaves_what_one_would(
    postgres_db: Database, context: Context
) -> None:
    """Each event is told by six; every incident has six reports, every level its evidence."""
    contexts = [context, living(), living()]
    events = ["Lakamané", "Diéma", "Koutiala", "Gao", "Bougouni", "Niafunké"]
    with ThreadPoolExecutor(6) as pool:
        told = [
            pool.submit(
                take,
                postgres_db,
                a_filing("fuel_interception", place, now=NOW, source=f"Radio {number}"),
                context=contexts[number % 3],
                now=NOW + timedelta(seconds=number),
            )
            for number in range(6)
            for place in events
        ]
        for one in told:
            one.result(_PATIENCE_S)

    assert sorted(one.reports for one in incidents(postgres_db)) == [6] * len(events)

    def levels(conn: Connection) -> list[tuple[str, str, object, object]]:
        book = rule_books.active_book(conn, context)
        kept = risk_store.section_states(conn, risk_store.rated_sections(conn))
        loaded = risk_store.load_evidence(
            conn, dict.fromkeys(kept, ()), now=NOW, bounds=rule_books.bounds_of(book)
        )
        return [
            (section_id, cargo, one.level, rate(evidence, cargo, now=state.rated_at).level)
            for section_id, state in kept.items()
            for evidence in [
                gathered(context.config.network.sections[section_id], loaded[section_id], book)
            ]
            for cargo, one in state.cargoes.items()
        ]

    found = postgres_db.read_now(levels)
    assert len({section_id for section_id, *_ in found}) >= len(events)
    assert [one for one in found if one[2] is not one[3]] == []


def incidents(db: Database) -> list[Incident]:
    return db.read_now(
        lambda conn: incident_store.list_incidents(
            conn, filters=IncidentFilters(), after=None, limit=100
        )
    )


def test_nothing_is_locked_for_no_name(postgres_db: Database) -> None:
    def work(conn: Connection) -> int:
        database_turns.take(conn, database_turns.Sort.ROUTE, [])
        database_turns.take(conn, database_turns.Sort.ROUTE, ["ML-DKR-N", "ML-RN1"])
        query = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
        return int(conn.exec_driver_sql(query).scalar_one())

    assert postgres_db.write_now(work) == 2
