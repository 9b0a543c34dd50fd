"""What an alert costs that names another road: what lies near is read, once, and no more."""

from typing import Any

import pytest
from sqlalchemy import Connection, event

from app.core.levels import Level
from app.db.engine import Database
from app.flows.alerting.alternatives import Alternative, Alternatives
from app.flows.context import Context
from tests.harness.lived import living
from tests.harness.risk import NOW

ROUTE, STRETCH = "ML-YEL", ("Kayes", "Yélimané")
LEVELS = {"fuel": Level.SEVERE, "goods": Level.HIGH}


def read_for(db: Database, context: Context) -> tuple[list[str], list[Alternative | None]]:
    """Look for a way round twice; return the sections that were asked of the database."""
    asked: list[str] = []

    def look(_conn: Any, _cursor: Any, sql: str, given: Any, _run: Any, _many: bool) -> None:  # noqa: FBT001
        if "section_state" in sql:
            asked.extend(given)

    def work(conn: Connection) -> list[Alternative | None]:
        roads = Alternatives(conn, context, NOW)
        return [roads.find(ROUTE, STRETCH, LEVELS) for _ in range(2)]

    event.listen(db._read_engine, "before_cursor_execute", look)
    found = db.read_now(work)
    event.remove(db._read_engine, "before_cursor_execute", look)
    return asked, found


@pytest.mark.parametrize("db_kind", ["sqlite"], indirect=True)
def test_only_the_roads_near_are_read_and_each_once(db: Database) -> None:
    context = living()
    sections = context.config.network.sections

    asked, found = read_for(db, context)

    assert found[0] == found[1]
    assert len(set(asked)) == len(asked) < len(sections) / 2
    assert {*context.config.network.corridors[ROUTE].section_ids} <= set(asked)
