"""Transactions that concern one another take turns on PostgreSQL; SQLite has one writer anyway.

Whoever takes turns does so in this order, so that nobody waits in a circle: the phone that a
message came from, `alone` or `beside`, then the sorts by their number, of each all names at once.
What is taken is held to the end of the transaction.
"""

from collections.abc import Iterable
from enum import IntEnum
from zlib import crc32

from sqlalchemy import ARRAY, Connection, Integer, bindparam, func, select

#: Any number: what `alone` has for itself.
_ALL = 7_402
_NAMES = func.unnest(bindparam("names", type_=ARRAY(Integer))).column_valued("name")
_SORT = bindparam("sort", type_=Integer)
_TAKE = select(func.pg_advisory_xact_lock(_SORT, _NAMES))
_SHARE = select(func.pg_advisory_xact_lock_shared(_SORT, _NAMES))
_ALONE = select(func.pg_advisory_xact_lock(_ALL))
_BESIDE = select(func.pg_advisory_xact_lock_shared(_ALL))


class Sort(IntEnum):
    """What turns are taken on, in the order of taking."""

    PHONE = 7_401
    KEY = 7_403
    CELL = 7_404
    AREA = 7_405
    ROUTE = 7_406
    DAY = 7_407
    SPENDING = 7_408


def alone(conn: Connection) -> None:
    """Wait until nobody is changing anything that turns are taken on, and keep others waiting."""
    if conn.dialect.name == "postgresql":
        conn.execute(_ALONE)


def beside(conn: Connection) -> None:
    """Keep out who must be alone; others like us go on beside us."""
    if conn.dialect.name == "postgresql":
        conn.execute(_BESIDE)


def take(conn: Connection, sort: Sort, names: Iterable[str], *, shared: bool = False) -> None:
    """Wait for those who have taken one of these; `shared`: only for who has it for himself."""
    if conn.dialect.name == "postgresql":
        # two names of one number only wait for one another without need
        numbers = sorted({crc32(name.encode()) - 2**31 for name in names})
        if numbers:
            conn.execute(_SHARE if shared else _TAKE, {"sort": int(sort), "names": numbers})
