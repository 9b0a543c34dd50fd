"""What runs every few seconds, or for each message, costs the same after years as on day one.

SQLite has no statistics: of two indexes it may take the one whose few values years have filled.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select, update
from sqlalchemy.orm import aliased

from app.alerts.store import chains
from app.core.ids import new_id
from app.core.levels import Level
from app.db.tables import AlertRow, DeliveryRow, EscalationContactRow, NoticeRow
from app.delivery.outbox import call_rounds, digests, notices, reach
from app.delivery.outbox.among import among
from app.delivery.outbox.words import IN_DIGEST
from tests.harness.effort import steps
from tests.harness.outbox import NOW, ORGANISATION, ROUTE, Outbox

YEAR = timedelta(days=365)
#: Of each kind, years ago.
OLD = 200
CARGOES = ("fuel", "goods", "passengers", "humanitarian")

Look = Callable[[Connection], Any]


def one_bundle(outbox: Outbox) -> str:
    """A severe danger and what stood beside it, told in one message that waits."""
    contact = outbox.contact()
    first = outbox.alert()
    beside = outbox.alert(cargo="goods", bundle=first)
    for cargo in CARGOES[2:]:
        outbox.alert(cargo=cargo, bundle=first)
    outbox.fan_out(first)
    row = outbox.one(select(DeliveryRow.__table__), DeliveryRow.alert_id == first)._asdict()
    other = row | {"id": new_id(NOW), "alert_id": beside, "status": "suppressed"}
    outbox.run(insert(DeliveryRow).values(other | {"error_code": IN_DIGEST}))
    outbox.run(update(DeliveryRow).values(digest_id="digest"))
    outbox.run(update(AlertRow).values(fanned_out_at=NOW))
    outbox.run(
        insert(EscalationContactRow).values(
            organisation_id=ORGANISATION, contact_id=contact, step=1, since=NOW - 3 * YEAR
        )
    )
    return first


def let_years_pass(outbox: Outbox, like: str) -> None:
    """Add alerts of years ago, which others came after, who got them or did not, and notices."""
    alert = outbox.one(select(AlertRow.__table__), AlertRow.id == like)._asdict()
    told = outbox.one(select(DeliveryRow.__table__), DeliveryRow.alert_id == like)._asdict()
    for number in range(OLD):
        at = NOW - YEAR - timedelta(hours=number)
        alert_id, end = new_id(at), "suppressed" if number % 2 else "delivered"
        own = {"id": alert_id, "bundle_id": alert_id, "chain_id": alert_id, "created_at": at}
        told_then = {"id": new_id(at), "alert_id": alert_id, "created_at": at, "digest_id": None}
        why = {"status": end, "error_code": IN_DIGEST if number % 2 else None}
        outbox.run(
            insert(AlertRow).values(alert | own | {"status": "superseded", "fanned_out_at": at})
        )
        outbox.run(insert(DeliveryRow).values(told | told_then | why))
        outbox.run(
            insert(NoticeRow).values(
                id=new_id(at), kind="sign_in", about=alert_id, channel="sms", words="", number=1,
                attempts=1, created_at=at, contact_id=told["contact_id"],
            )
        )  # fmt: skip


def who_has_to_answer(first: str) -> Look:
    """Every 15 s; it walked along every alert there ever was, once an organisation."""
    return lambda conn: call_rounds.list_unopened(conn, levels=[Level.SEVERE], limit=9, now=NOW)


def what_a_message_says_too(first: str) -> Look:
    """While an organisation's money runs short: minutes in which nothing else was written."""
    carrier = aliased(DeliveryRow, name="carrier")
    ids = select(DeliveryRow.id).where(DeliveryRow.alert_id == first)

    def look(conn: Connection) -> Any:
        these = among(conn, carrier.id, list(conn.scalars(ids)))
        said = select(DeliveryRow.id).join(carrier, digests.said_by(carrier)).where(these)
        return conn.scalars(said).all()

    return look


def what_is_overtaken(first: str) -> Look:
    """With each batch of messages that leaves; here nothing is."""
    return lambda conn: [digests.list_overtaken(conn, ["digest"])]


def what_was_said_of_a_road(first: str) -> Look:
    """With each report of a road that several cargoes are warned of."""
    return lambda conn: [chains.told_state(conn, [(ROUTE, cargo) for cargo in CARGOES])]


def which_other_road_was_named(first: str) -> Look:
    """With each report that makes a road dangerous."""
    named = {"way": ["s1"], "way_title": "Kita", "way_level": "unknown"}

    def look(conn: Connection) -> Any:
        facts = conn.scalar(select(AlertRow.facts).where(AlertRow.id == first)) or {}
        conn.execute(update(AlertRow).where(AlertRow.id == first).values(facts=facts | named))
        return chains.ways_named(conn, ["fuel"])

    return look


def what_duty_is_told(first: str) -> Look:
    """Every 2 s; here nothing is due."""
    return lambda conn: [notices.take_due(conn, limit=9, lease=timedelta(minutes=1), now=NOW)]


def whom_to_call(first: str) -> Look:
    """Every 2 s while somebody is at the desk; it read whatever anybody ever got."""
    asked: dict[str, Any] = {"since": NOW - timedelta(days=2), "organisation_id": None, "limit": 9}
    asked |= {"receipt_within": timedelta(minutes=30), "now": NOW}
    return lambda conn: [reach.list_unreached_alerts(conn, **asked)]


def how_many_were_told(first: str) -> Look:
    """Every 2 s while somebody is at the desk, for each danger that is denied."""
    told = [first, *(f"{first}{number}" for number in range(9))]
    return lambda conn: [reach.count_told_people(conn, told, organisation_id=None)]


@pytest.mark.parametrize("db_kind", ["sqlite"])
@pytest.mark.parametrize(
    "what",
    [
        who_has_to_answer,
        what_a_message_says_too,
        what_is_overtaken,
        what_was_said_of_a_road,
        which_other_road_was_named,
        what_duty_is_told,
        whom_to_call,
        how_many_were_told,
    ],
)
def test_years_do_not_make_it_more_work(outbox: Outbox, what: Callable[[str], Look]) -> None:
    first = one_bundle(outbox)
    look = what(first)

    def work(conn: Connection) -> tuple[int, int]:
        with steps(conn) as effort:
            found = look(conn)
        return len(found), effort.calls

    found, on_day_one = outbox.db.write_now(work)
    let_years_pass(outbox, first)
    found_later, after_years = outbox.db.write_now(work)

    assert found == found_later == 1
    assert after_years - on_day_one < OLD / 10  # not a step for each of them
