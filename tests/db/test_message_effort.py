"""What a message costs the one thread that writes, in calls of functions: counted, not timed."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Connection

from app.db.engine import Database
from app.delivery.outbox import claiming
from app.flows.money import plan_spending
from tests.harness.effort import counted
from tests.harness.money import Books
from tests.harness.outbox import NOW, Outbox

FEW, MANY = 5, 55


@pytest.fixture
def books(sqlite_url: str) -> Iterator[Books]:
    db = Database(sqlite_url)
    yield Books(Outbox(db))
    db.close()


def tell(books: Books, recipients: int) -> None:
    """Make the deliveries of an alert to so many more contacts."""
    for _ in range(recipients):
        books.contact()
    books.outbox.alert()
    books.fan_out()


def claim_all(books: Books) -> int:
    """Claim everything that is due; return the calls that took."""

    def work(conn: Connection) -> int:
        with counted() as effort:
            claiming.claim(
                conn, owner="w", channel="sms", limit=1_000, now=NOW, lease=timedelta(minutes=1)
            )
        return effort.calls

    return books.outbox.db.write_now(work)


def settle_all(books: Books) -> int:
    """Settle what was sent; return the calls that took."""

    def work(conn: Connection) -> int:
        with counted() as effort:
            plan_spending.settle(conn, books.purse, now=NOW)
        return effort.calls

    return books.outbox.db.write_now(work)


def test_what_settles_is_put_together_once(books: Books) -> None:
    tell(books, FEW)
    books.send()
    settle_all(books)
    tell(books, 0)
    books.send()

    assert settle_all(books) < 2_500  # 10,000 where each time puts its statements together


def test_claimed_rows_are_read_at_once(books: Books) -> None:
    tell(books, FEW)
    claim_all(books)
    tell(books, 0)
    few = claim_all(books)
    tell(books, MANY - FEW)
    many = claim_all(books)

    assert (many - few) / (MANY - FEW) < 14.5  # 18 where each is fetched alone
