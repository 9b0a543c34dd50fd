"""How much work something is, counted and not timed: the machine may be busy."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any


@dataclass(slots=True)
class Effort:
    """Calls of functions, Python's own among them, of this thread."""

    calls: int = 0


@contextmanager
def counted() -> Iterator[Effort]:
    """Count calls of this thread for as long as the context is open."""
    effort = Effort()

    def count(_frame: FrameType, event: str, _arg: Any) -> None:
        effort.calls += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        yield effort
    finally:
        sys.setprofile(before)
