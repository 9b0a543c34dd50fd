"""Rule sets are compiled once, and those nobody asks for any more are forgotten."""

from datetime import UTC, datetime

from sqlalchemy import Connection

from app.db.engine import Database
from app.flows.rating import rule_books
from app.flows.rules import tune_rules
from app.risk import store as risk_store
from tests.harness.lived import living

NOW = datetime(2025, 9, 7, 12, tzinfo=UTC)


def test_of_many_rule_sets_the_last_asked_for_stay_compiled(db: Database) -> None:
    context = living()
    numbers = range(1, rule_books.BOOKS_KEPT + 5)

    def publish(conn: Connection) -> None:
        tune_rules.seed(conn, context.config, now=NOW)
        rules = rule_books.book_of(conn, 1, context).rules[:3]
        for _ in numbers[1:]:
            risk_store.save_rule_set(conn, rules, note="another", actor="system", now=NOW)

    db.write_now(publish)

    def ask(conn: Connection) -> None:
        first = rule_books.book_of(conn, 1, context)
        for number in numbers:
            assert rule_books.book_of(conn, number, context).number == number
            assert rule_books.book_of(conn, 1, context) is first

    db.read_now(ask)

    assert len(context.books) == rule_books.BOOKS_KEPT
    assert {1, numbers[-1]} <= context.books.keys()
