"""How much of a request may come before its body: the server takes whatever comes."""

from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

#: As proxies have it. Browsers send one or two.
HEAD_LIMIT_BYTES = 64 * 1024
_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\n\r\n"


class BoundedHeads(HttpToolsProtocol):
    """Ends a connection whose request line and headers have no end.

    They are put together in memory, each part copied with all before it, on the loop that
    everything else runs on: a few hundred megabytes would hold up every warning.
    """

    _head_bytes: int | None = None

    @override
    def on_message_begin(self) -> None:
        self._head_bytes = 0
        super().on_message_begin()

    @override
    def on_headers_complete(self) -> None:
        self._head_bytes = None
        super().on_headers_complete()

    @override
    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._head_bytes is None:
            return  # what ends a head may bring much of a body along
        self._head_bytes += len(data)
        if self._head_bytes > HEAD_LIMIT_BYTES and not self.transport.is_closing():
            self.transport.write(_TOO_LARGE)
            self.transport.close()
