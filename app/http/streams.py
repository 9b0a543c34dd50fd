"""Answers that stay open: how many there may be, and their end when the server stops."""

import asyncio
import ipaddress
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from app.core.errors import LimitError

#: Open at a time: each costs some 60 kB, and looks at nothing by itself.
MOST = 600
#: Of one network address: a company's whole office may be behind one. Addresses of private
#: networks are those of a proxy before us, and all readers have the same: they share `MOST`.
MOST_OF_ONE = 40
_COME_BACK_S = 60


class Streams:
    """Those of one process and one event loop."""

    def __init__(self, *, most: int = MOST, most_of_one: int = MOST_OF_ONE) -> None:
        self._most, self._most_of_one = most, most_of_one
        self._ends: set[asyncio.Event] = set()
        self._of: Counter[str] = Counter()
        self._stopped = False

    @property
    def open(self) -> int:
        """How many are open."""
        return len(self._ends)

    @contextmanager
    def admitted(self, address: str) -> Iterator[asyncio.Event]:
        """Count one more for as long as the context is open; yield the event that ends it.

        Raises:
            LimitError: There are too many, or the server is about to stop.
        """
        whose = _whose(address)
        full = len(self._ends) >= self._most or self._of[whose] >= self._most_of_one
        if self._stopped or full:
            raise LimitError("Too many streams are open.", retry_after_s=_COME_BACK_S)
        end = asyncio.Event()
        self._ends.add(end)
        self._of[whose] += bool(whose)
        try:
            yield end
        finally:
            self._ends.discard(end)
            self._of[whose] -= bool(whose)
            if not self._of[whose]:
                del self._of[whose]

    def stop(self) -> None:
        """End all of them, and let none begin; call from the loop that they run on."""
        self._stopped = True
        for end in self._ends:
            end.set()


def _whose(address: str) -> str:
    """Return who is counted as one, "" where that is not known: of IPv6, one has a whole /64."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:  # a socket in a file has none
        return ""
    if not found.is_global:
        return ""
    length = 32 if found.version == 4 else 64  # noqa: PLR2004 - of IP
    return str(ipaddress.ip_network((int(found), length), strict=False))
