"""Conditions on many ids, given to the database as one parameter."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Connection, String, any_, bindparam, func, select


def among(conn: Connection, what: Any, values: Sequence[str]) -> ColumnElement[bool]:
    """Return `what IN values` with one parameter: the same statement for any number."""
    return among_given(conn.dialect.name, what, as_given(conn, values))


def among_given(dialect: str, what: Any, ids: Any = None) -> ColumnElement[bool]:
    """Return `what IN b_ids`, or `IN ids`; either made by `as_given`."""
    if dialect == "sqlite":
        text = bindparam("b_ids", ids, type_=String(), required=ids is None, unique=ids is not None)
        each = func.json_each(text).table_valued("value")
        return what.in_(select(each.c.value))  # type: ignore[no-any-return]
    array = bindparam(
        "b_ids", ids, type_=ARRAY(String), required=ids is None, unique=ids is not None
    )
    return what == any_(array)  # type: ignore[no-any-return]


def as_given(conn: Connection, values: Sequence[str]) -> Any:
    """Return `b_ids` for a statement with `among_given`."""
    return json.dumps(values) if conn.dialect.name == "sqlite" else list(values)
