"""Functions over JSON columns that SQLite and PostgreSQL name differently."""

from typing import Any

from sqlalchemy import Integer
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction


class sql_json_length(GenericFunction[int]):  # noqa: N801 - named as SQL functions are
    """`sql_json_length(column)`: the number of elements of a JSON array."""

    type = Integer()
    inherit_cache = True


@compiles(sql_json_length, "sqlite")
def _sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    return f"json_array_length({compiler.process(element.clauses, **kw)})"


@compiles(sql_json_length, "postgresql")
def _postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    return f"jsonb_array_length({compiler.process(element.clauses, **kw)})"
