"""What happened cannot be changed: the triggers are there after the newest migration."""

import re
from typing import Any

import pytest
from sqlalchemy import JSON, CheckConstraint, Column, Connection, Table, insert
from sqlalchemy.exc import IntegrityError

from app.core.clock import SystemClock
from app.db.append_only import APPEND_ONLY
from app.db.base import Base
from app.db.engine import Database

NOW = SystemClock().now()


def a_value(column: Column[Any]) -> Any:
    if isinstance(column.type, JSON):
        return {}
    return {str: "x", int: 1, float: 1.0, bool: True}.get(column.type.python_type, NOW)


def allowed_words(table: Table) -> dict[str, str]:
    """The first word that each CHECK of `table` allows, by column."""
    checks = [check for check in table.constraints if isinstance(check, CheckConstraint)]
    found = [re.match(r"(\w+) IN \('(\w+)'", str(check.sqltext)) for check in checks]
    return {match[1]: match[2] for match in found if match}


def add_row(conn: Connection, table: Table) -> None:
    """Insert one row, after the rows it refers to."""
    needed = [column for column in table.columns if not column.nullable]
    for column in needed:
        for key in column.foreign_keys:
            add_row(conn, key.column.table)
    if table.name == "receipt":  # without a foreign key: receipts come for deliveries long gone
        add_row(conn, Base.metadata.tables["delivery"])
    row = {column.name: a_value(column) for column in needed} | allowed_words(table)
    conn.execute(insert(table).values(row))


@pytest.mark.parametrize("name", APPEND_ONLY)
@pytest.mark.parametrize("verb", ["UPDATE", "DELETE"])
def test_rows_of_what_happened_are_neither_changed_nor_deleted(
    db: Database, name: str, verb: str
) -> None:
    table = Base.metadata.tables[name]
    db.write_now(lambda conn: add_row(conn, table))
    first = next(iter(table.primary_key.columns))
    statement = table.update().values({first.name: "y"}) if verb == "UPDATE" else table.delete()

    with pytest.raises(IntegrityError, match=f"{name} is append-only"):
        db.write_now(lambda conn: conn.execute(statement))

    assert len(db.read_now(lambda conn: conn.execute(table.select()).all())) == 1
