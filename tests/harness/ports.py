"""Ports for processes that are started later."""

import random
import socket
from contextlib import suppress
from pathlib import Path

_LEAST = 10_000
_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")


def a_free_port() -> int:
    """Return a port that nobody listens on, nor is likely to before it is used.

    Those that the kernel gives to whoever asks for any are somebody's soon: each connection that a
    test beside this one opens takes one.
    """
    while True:
        with suppress(OSError), socket.create_server(("127.0.0.1", _drawn())) as taken:
            return int(taken.getsockname()[1])


def _drawn() -> int:
    first = int(_RANGE.read_text().split()[0]) if _RANGE.exists() else 0
    return random.randrange(_LEAST, first) if first > 2 * _LEAST else 0  # noqa: S311 - no secret
