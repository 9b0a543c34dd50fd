"""Transactions that concern one another take turns on PostgreSQL; SQLite has one writer anyway.

Whoever takes turns does so in this order, so that nobody waits in a circle: the phone that a
message came from, `alone` or `beside`, then the sorts as listed, of each all names at once.
What is taken is held to the end of the transaction. Who falls asleep in the middle of one (a
process stopped, a machine paused) loses it after a while: every report waits for who is `alone`.
"""

from collections.abc import Iterable
from enum import IntEnum
from zlib import crc32

from sqlalchemy import ARRAY, Connection, Integer, String, bindparam, func, select, true

#: Any number: what `alone` has for itself.
_ALL = 7_402
#: How long nothing may come from who has a turn; all roads are rated between two statements.
PATIENCE_MS = 60_000
_PATIENCE = func.set_config(
    "idle_in_transaction_session_timeout",
    bindparam("patience", type_=String()),
    true(),  # for this transaction only
)
_NAMES = func.unnest(bindparam("names", type_=ARRAY(Integer))).column_valued("name")
_SORT = bindparam("sort", type_=Integer)
_TAKE = select(_PATIENCE, func.pg_advisory_xact_lock(_SORT, _NAMES))
_SHARE = select(_PATIENCE, func.pg_advisory_xact_lock_shared(_SORT, _NAMES))
_ALONE = select(_PATIENCE, func.pg_advisory_xact_lock(_ALL))
_BESIDE = select(_PATIENCE, func.pg_advisory_xact_lock_shared(_ALL))


class Sort(IntEnum):
    """What turns are taken on, in the order of taking."""

    PHONE = 7_401
    KEY = 7_403
    CELL = 7_404
    AREA = 7_405
    ROUTE = 7_406
    LISTENING = 7_410
    DAY = 7_407
    SPENDING = 7_408
    FOUND = 7_409


def alone(conn: Connection) -> None:
    """Wait until nobody is changing anything that turns are taken on, and keep others waiting."""
    if conn.dialect.name == "postgresql":
        conn.execute(_ALONE, _patience())


def beside(conn: Connection) -> None:
    """Keep out who must be alone; others like us go on beside us."""
    if conn.dialect.name == "postgresql":
        conn.execute(_BESIDE, _patience())


def take(conn: Connection, sort: Sort, names: Iterable[str], *, shared: bool = False) -> None:
    """Wait for those who have taken one of these; `shared`: only for who has it for himself."""
    if conn.dialect.name == "postgresql":
        # two names of one number only wait for one another without need
        numbers = sorted({crc32(name.encode()) - 2**31 for name in names})
        if numbers:
            given = {"sort": int(sort), "names": numbers, **_patience()}
            conn.execute(_SHARE if shared else _TAKE, given)


def _patience() -> dict[str, str]:
    return {"patience": str(PATIENCE_MS)}
