"""How PostgreSQL makes a chunk of a large bundle: what one costs does not grow with the others."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, event, text

from app.db.engine import Database
from app.delivery.outbox import chunks
from app.delivery.outbox.fanning import fan_out_step
from tests.harness.outbox import NOW, Outbox

CHUNK = 5


@pytest.fixture
def large(postgres_db: Database, monkeypatch: pytest.MonkeyPatch) -> Outbox:
    """Subscribers of one route, more than go into a chunk, and known to the planner."""
    monkeypatch.setattr(chunks, "_FIRST_CHUNK", CHUNK)
    outbox = Outbox(postgres_db)
    for _ in range(4 * CHUNK):
        outbox.contact()
    with postgres_db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(text("ANALYZE"))
    return outbox


def make_two(conn: Connection, alert: str) -> None:
    after = None
    for _ in range(2):
        step = fan_out_step(conn, alert, languages=["fr"], after=after, chunk=CHUNK, now=NOW)
        assert step.inserted == CHUNK
        after = step.next_after


def asked_by_row(plan: dict[str, Any], *, by_row: bool = False) -> Iterator[str]:
    """Yield the tables that are looked into for each row of others, not joined with them."""
    by_row = by_row or plan.get("Parent Relationship") == "SubPlan"
    if by_row and "Relation Name" in plan:
        yield plan["Relation Name"]
    for below in plan.get("Plans", []):
        yield from asked_by_row(below, by_row=by_row)


def test_a_chunk_asks_those_who_are_in_it_and_joins_no_other_subscribers(large: Outbox) -> None:
    plans = []

    def explain(_conn: Any, cursor: Any, statement: str, given: Any, *_: Any) -> None:
        if "INSERT INTO delivery" in statement:
            cursor.execute(f"EXPLAIN (FORMAT JSON) {statement}", given)
            plans.append(cursor.fetchone()[0][0]["Plan"])

    alert = large.alert()
    event.listen(large.db.engine, "before_cursor_execute", explain)
    large.db.write_now(lambda conn: make_two(conn, alert))
    event.remove(large.db.engine, "before_cursor_execute", explain)

    assert len(plans) == 2
    for plan in plans:
        assert {"subscription_target", "subscription_cargo"} <= set(asked_by_row(plan))


def test_no_statement_is_compiled(postgres_db: Database) -> None:
    assert postgres_db.read_now(lambda conn: conn.scalar(text("SHOW jit"))) == "off"
    assert postgres_db.write_now(lambda conn: conn.scalar(text("SHOW jit"))) == "off"
