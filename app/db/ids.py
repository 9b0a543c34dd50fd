"""UUIDv7 made by the database, so that one INSERT ... SELECT can make 100,000 of them."""

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction


class sql_uuid7(GenericFunction[str]):  # noqa: N801 - named as SQL functions are
    """`sql_uuid7(prefix)`: a UUIDv7 whose 48 bits of time are the 13 characters of `prefix`."""

    type = String()
    inherit_cache = True


def uuid7_prefix(now: datetime) -> str:
    """Return the first 13 characters (`xxxxxxxx-xxxx`) of every UUIDv7 made at `now`."""
    digits = f"{int(now.timestamp() * 1000):012x}"
    return f"{digits[:8]}-{digits[8:]}"


@compiles(sql_uuid7, "sqlite")
def _sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    prefix = compiler.process(element.clauses, **kw)
    rand = "lower(hex(randomblob({n})))"
    return (
        f"({prefix} || '-7' || substr({rand.format(n=2)}, 1, 3)"
        f" || '-' || substr('89ab', 1 + (random() & 3), 1) || substr({rand.format(n=2)}, 1, 3)"
        f" || '-' || {rand.format(n=6)})"
    )


@compiles(sql_uuid7, "postgresql")
def _postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    prefix = compiler.process(element.clauses, **kw)
    return f"({prefix} || '-7' || substr(gen_random_uuid()::text, 16))"
