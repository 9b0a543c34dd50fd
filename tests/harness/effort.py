"""How much work something is, counted and not timed: the machine may be busy."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any

from sqlalchemy import Connection


@dataclass(slots=True)
class Effort:
    """Calls of functions, Python's own among them, of this thread; or steps of SQLite's."""

    calls: int = 0


@contextmanager
def counted() -> Iterator[Effort]:
    """Count calls of this thread for as long as the context is open.

    Nothing is collected meanwhile: what others left to be finalised is none of the work.
    """
    effort, collects = Effort(), gc.isenabled()

    def count(_frame: FrameType, event: str, _arg: Any) -> None:
        effort.calls += event in {"call", "c_call"}

    before = sys.getprofile()
    gc.disable()
    sys.setprofile(count)
    try:
        yield effort
    finally:
        sys.setprofile(before)
        if collects:
            gc.enable()


@contextmanager
def steps(conn: Connection) -> Iterator[Effort]:
    """Count SQLite's own steps on a connection, for as long as the context is open."""
    effort = Effort()
    dbapi: Any = conn.connection.dbapi_connection

    def count() -> None:
        effort.calls += 1

    dbapi.set_progress_handler(count, 1)
    try:
        yield effort
    finally:
        dbapi.set_progress_handler(None, 1)
