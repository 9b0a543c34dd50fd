"""How long an answer waits for whoever asked to read it: the server waits for ever."""

import asyncio
from typing import ClassVar

from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

#: Without a byte of an answer being taken. The slowest telephone takes some in this time.
READ_WITHIN_S = 180.0


class EndsUnread(HttpToolsProtocol):
    """Ends a connection whose answer nobody takes in.

    Closing one waits until all of it has been taken: whoever asks and never reads would keep the
    socket, and what was to be answered, for as long as his own machine is up.
    """

    #: Of whose answers something is not taken yet, in the order in which that began.
    _behind: ClassVar[dict["EndsUnread", None]] = {}

    _watch: asyncio.TimerHandle | None = None
    _unread: int = 0

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._end_watch()
        super().connection_lost(exc)

    @override
    def pause_writing(self) -> None:
        super().pause_writing()
        self._begin_watch()

    @override
    def resume_writing(self) -> None:
        super().resume_writing()
        self._end_watch()

    @override
    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._begin_watch()

    def _begin_watch(self) -> None:
        unread = self.transport.get_write_buffer_size()
        if self._watch is None and unread:
            self._unread = unread
            self._behind[self] = None
            self._watch = self.loop.call_later(READ_WITHIN_S, self._look)

    def _look(self) -> None:
        """End it where nothing was taken since the last look."""
        self._watch = None
        if self.transport.get_write_buffer_size() >= self._unread:
            self.transport.abort()
        else:
            self._behind.pop(self, None)
            self._begin_watch()

    def _end_watch(self) -> None:
        self._behind.pop(self, None)
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
