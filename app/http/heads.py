"""How much of a request may come beside its body, and how late: the server takes whatever comes."""

import asyncio
import resource
from typing import ClassVar

from typing_extensions import override

from app.http.unread import EndsUnread

#: As proxies have it, and what the network hands over at once. Browsers send one or two.
HEAD_LIMIT_BYTES = 64 * 1024
#: A telephone far off sends a head in two. Whoever opens connections and says nothing takes the
#: sockets that warnings leave by.
HEAD_WITHIN_S = 20.0
#: Open at a time, where the process may have so many files and sockets.
MOST_OPEN = 5_000
#: Of these as many are for providers, mail servers, webhooks and the database; half, of few.
_FOR_OTHERS = 600
_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\n\r\n"


def _as_itself(client: tuple[str, int] | None) -> tuple[str, int] | None:
    """Return an address of IPv4 as such where a socket for IPv6 took the connection."""
    if client is None:
        return None
    host, port = client
    return host.removeprefix("::ffff:"), port


def most_open() -> int:
    """Return how many connections to us may be open: warnings need sockets to leave by."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return MOST_OPEN
    return min(MOST_OPEN, max(soft - _FOR_OTHERS, soft // 2))


class BoundedHeads(EndsUnread):
    """Ends a connection whose request line, headers or trailers have no end, or do not come.

    They are put together in memory, each part copied with all before it, on the loop that
    everything else runs on: a few hundred megabytes would hold up every warning.

    Where there are too many connections, the one that has been silent longest makes room, or else
    the one that has been reading its answer longest.
    """

    #: Of whom a head is awaited, in the order in which they came.
    _silent: ClassVar[dict["BoundedHeads", None]] = {}

    #: Bytes that came since they began; None: a body is on its way, or nothing.
    _head_bytes: int | None = None

    _patience: asyncio.TimerHandle | None = None

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.client = _as_itself(self.client)
        if len(self.connections) > most_open():
            next(iter(self._silent or self._behind), self).transport.abort()
        self._be_patient()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._be_calm()
        super().connection_lost(exc)

    def _be_patient(self) -> None:
        if self._patience is None:
            self._silent[self] = None
            self._patience = self.loop.call_later(HEAD_WITHIN_S, self.transport.close)

    def _be_calm(self) -> None:
        if self._patience is not None:
            self._silent.pop(self, None)
            self._patience.cancel()
            self._patience = None

    @override
    def on_message_begin(self) -> None:
        self._head_bytes = 0
        super().on_message_begin()

    @override
    def on_headers_complete(self) -> None:
        self._head_bytes = None
        super().on_headers_complete()

    def on_chunk_header(self) -> None:
        """Begin to count: after the last chunk of a body come trailers."""
        self._head_bytes = 0

    @override
    def on_body(self, body: bytes) -> None:
        self._head_bytes = None
        super().on_body(body)

    @override
    def on_message_complete(self) -> None:
        self._head_bytes = None
        super().on_message_complete()

    @override
    def data_received(self, data: bytes) -> None:
        if self._head_bytes is not None:
            if self._head_bytes > HEAD_LIMIT_BYTES:
                self.transport.write(_TOO_LARGE)
                self.transport.close()
                return
            self._head_bytes += len(data)
        super().data_received(data)
        if self._head_bytes is None:
            self._be_calm()
        else:
            self._be_patient()
