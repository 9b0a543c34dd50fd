"""Names of hosts, looked up in threads of the caller's."""

import asyncio
import socket
from collections.abc import Sequence
from concurrent.futures import Executor
from typing import Any

#: As `socket.getaddrinfo` has it: family, kind, protocol, canonical name, address.
Found = tuple[socket.AddressFamily, socket.SocketKind, int, str, tuple[Any, ...]]


async def look_up(
    host: str, port: int, threads: Executor, family: socket.AddressFamily = socket.AF_UNSPEC
) -> Sequence[Found]:
    """Return the addresses of a host that this machine could connect to.

    Raises:
        OSError: It has none, or nobody can say.
        UnicodeError: That is no name.
    """
    return await asyncio.get_running_loop().run_in_executor(
        threads,
        lambda: socket.getaddrinfo(
            host, port, family, socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG
        ),
    )
