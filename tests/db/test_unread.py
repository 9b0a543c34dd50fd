"""Messages that wait for the desk: found among those of years, kept by the version before, too."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, update

from app.core.ids import new_id
from app.db.engine import Database
from app.db.tables import InboundRow
from app.subscribers.conversation import Outcome, Sender
from app.subscribers.inbound_codec import Said
from app.subscribers.store import inbound, unread
from app.subscribers.store.inbound import Heard, InboundFilter
from app.subscribers.store.unread import Span
from app.subscribers.understood import Action, Reading
from app.subscribers.vault import Vault, new_keys
from tests.harness.effort import steps
from tests.harness.outbox import NOW, ORGANISATION

VAULT = Vault.parse(new_keys())
DAY, YEAR = timedelta(days=1), timedelta(days=365)
OTHERS = "00000000-0000-7000-8000-000000000002"
#: Of years ago.
OLD = 300


def a_message(at: datetime = NOW, **fields: Any) -> Heard:
    usual = Heard(
        id=new_id(at),
        provider="p",
        message_id=new_id(at),
        at=at,
        sender=Sender.UNKNOWN,
        organisation_id=None,
        phone_index=new_id(at),
        phone="+22376000099",
        said=Said(text="x", reading=Reading(action=Action.REPORT)),
        said_index=None,
        reply_index=None,
        replied=False,
        action=Action.REPORT,
        kind=None,
        outcome=Outcome.UNKNOWN,
        for_person=True,
    )
    return replace(usual, **fields)


def keep(db: Database, *messages: Heard) -> None:
    def work(conn: Connection) -> None:
        for one in messages:
            inbound.add(conn, one, vault=VAULT)

    db.write_now(work)


def waiting(db: Database, **span: Any) -> list[str]:
    lately = Span(**{"since": NOW - DAY, **span})
    found = db.read_now(lambda conn: unread.list_unfiled(conn, lately, vault=VAULT, limit=99))
    assert len(found) == db.read_now(lambda conn: unread.count_unfiled(conn, lately))
    return [one.id for one in found]


def test_what_the_version_before_kept_waits_as_it_did_there(db: Database) -> None:
    asks = a_message(for_person=None)
    denies = a_message(for_person=None, action=Action.UNCLEAR, outcome=Outcome.NOTHING)
    greets = a_message(for_person=None, action=Action.UNCLEAR)
    stated = a_message(for_person=None, action=Action.ASK_STATE, outcome=Outcome.ANSWERED)
    judged = a_message(for_person=False)
    helped = a_message(action=Action.UNCLEAR)
    keep(db, asks, denies, greets, stated, judged, helped)

    assert {*waiting(db)} == {asks.id, denies.id, helped.id}
    for one, waits in ((asks, True), (denies, True), (greets, False), (judged, False)):
        assert unread.waits(one) is waits


def test_a_span_ends_where_the_next_one_begins(db: Database) -> None:
    old, new = a_message(NOW - 2 * DAY), a_message()
    keep(db, old, new)

    assert waiting(db) == [new.id]
    assert waiting(db, since=NOW - 7 * DAY, before=NOW - DAY) == [old.id]


def test_what_is_set_aside_is_on_the_other_list_of_its_organisation(db: Database) -> None:
    ours, theirs = a_message(organisation_id=ORGANISATION), a_message(organisation_id=OTHERS)
    keep(db, ours, theirs)

    def work(conn: Connection) -> tuple[bool, bool]:
        first = unread.set_aside(conn, ours.id, by="k1", at=NOW)
        return first, unread.set_aside(conn, ours.id, by="k2", at=NOW + DAY)

    assert db.write_now(work) == (True, False)
    assert waiting(db) == [theirs.id]
    for whose, expected in ((None, ["k1"]), (ORGANISATION, ["k1"]), (OTHERS, [])):
        span = Span(since=NOW - DAY, organisation_id=whose)
        found = db.read_now(partial(unread.list_set_aside, span=span, vault=VAULT, limit=9))
        assert [one.set_aside_by for one in found] == expected
    assert db.write_now(lambda conn: unread.put_back(conn, ours.id))
    assert {*waiting(db)} == {ours.id, theirs.id}


Look = Callable[[Connection], list[Any]]


def listed(**wanted: Any) -> Look:
    """`GET /v1/inbound` with a filter that few messages fit."""
    return lambda conn: inbound.list_heard(
        conn, InboundFilter(**wanted), vault=VAULT, before=None, limit=51
    )


def what_waits(conn: Connection) -> list[Any]:
    """Every 2 s while somebody is at the desk, for each organisation that has one."""
    lately = Span(since=NOW - DAY, organisation_id=ORGANISATION)
    return unread.list_unfiled(conn, lately, vault=VAULT, limit=99)


def what_is_aside(conn: Connection) -> list[Any]:
    """Likewise."""
    return unread.list_set_aside(conn, Span(since=NOW - DAY), vault=VAULT, limit=99)


@pytest.mark.parametrize("db_kind", ["sqlite"])
@pytest.mark.parametrize(
    "look",
    [
        what_waits,
        what_is_aside,
        listed(duress=True),
        listed(organisation_id=ORGANISATION),
        listed(set_aside=True),
    ],
    ids=["waits", "aside", "duress", "organisation", "set_aside"],
)
def test_messages_of_years_do_not_make_it_more_work(db: Database, look: Look) -> None:
    one = a_message(organisation_id=ORGANISATION, duress=True)
    away = a_message(organisation_id=OTHERS)
    keep(db, one, away)
    db.write_now(lambda conn: unread.set_aside(conn, away.id, by="k", at=NOW))

    def work(conn: Connection) -> tuple[int, int]:
        with steps(conn) as effort:
            found = look(conn)
        return len(found), effort.calls

    found, on_day_one = db.write_now(work)
    years = [a_message(NOW - YEAR - number * DAY) for number in range(OLD)]
    keep(db, *(replace(old, for_person=bool(number % 2)) for number, old in enumerate(years)))
    db.write_now(
        lambda conn: conn.execute(
            update(InboundRow).where(InboundRow.id == years[0].id).values(for_person=None)
        )
    )
    found_later, after_years = db.write_now(work)

    assert found == found_later == 1
    assert after_years - on_day_one < OLD / 10  # not a step for each of them
