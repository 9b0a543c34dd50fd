"""A wire to the provider that can be cut: requests arrive, answers do not."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit


class Cutter:
    """Passes bytes on to a provider; `cut` lets what is on its way arrive and answers nobody."""

    def __init__(self, target: str) -> None:
        parts = urlsplit(target)
        self._host, self._port = str(parts.hostname), int(parts.port or 80)
        self._loop = asyncio.new_event_loop()
        self._near: set[asyncio.StreamWriter] = set()
        self._far: set[asyncio.StreamWriter] = set()
        self._is_cut = False
        #: Connections on which a request had been passed on, and no answer, when they were cut.
        self.lost_answers = 0
        self._unanswered: set[asyncio.StreamWriter] = set()
        #: Answers of the provider so far, and how many of them until the wire is cut by itself.
        self._answers = 0
        self._plan: list[int] = []
        self._mended_after_s = 0.0
        self._server = self._loop.run_until_complete(
            asyncio.start_server(self._pass_on, "127.0.0.1", 0)
        )
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def cut(self) -> None:
        """Cut every connection on the worker's side, and refuse new ones."""
        self._call(self._cut)

    def mend(self) -> None:
        """Let connections pass again."""
        self._call(self._mend)

    def plan(self, *answers: int, mended_after_s: float) -> None:
        """Cut by itself, each time that so many answers have come: the last of them gets lost.

        Args:
            answers: Counted from the beginning, in order.
            mended_after_s: The wire is mended so long after each cut.
        """
        self._plan, self._mended_after_s = list(answers), mended_after_s

    def close(self) -> None:
        """Stop."""
        self._call(self._cut)
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _call(self, what: Callable[[], None]) -> None:
        done = threading.Event()

        def run() -> None:
            what()
            done.set()

        self._loop.call_soon_threadsafe(run)
        done.wait(10)

    def _cut(self) -> None:
        self._is_cut = True
        self.lost_answers += len(self._unanswered)
        self._unanswered.clear()
        for worker in self._near:
            worker.transport.abort()

    def _mend(self) -> None:
        self._is_cut = False

    async def _end(self) -> None:
        """Let every connection end by itself: of one that is cancelled, asyncio 3.11 prints so."""
        self._server.close()
        for provider in self._far:
            provider.transport.abort()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        await asyncio.gather(*tasks)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(self._host, self._port)
        if self._is_cut:  # by now
            for one in (writer, far_writer):
                one.transport.abort()
            return
        self._near.add(writer)
        self._far.add(far_writer)
        try:
            async with asyncio.TaskGroup() as ways:
                ways.create_task(self._there(reader, far_writer, writer))
                ways.create_task(self._back(far_reader, writer))
        except* (OSError, EOFError):
            pass
        finally:
            self._near.discard(writer)
            self._far.discard(far_writer)
            self._unanswered.discard(writer)
            for one in (writer, far_writer):
                one.close()

    async def _there(
        self, reader: asyncio.StreamReader, far: asyncio.StreamWriter, near: asyncio.StreamWriter
    ) -> None:
        with suppress(OSError):  # a cut wire is the end of what the worker has to say
            while some := await reader.read(65_536):
                self._unanswered.add(near)
                far.write(some)
                await far.drain()
        far.write_eof()

    async def _back(self, far: asyncio.StreamReader, near: asyncio.StreamWriter) -> None:
        while some := await far.read(65_536):
            self._answers += 1
            if self._plan and self._answers >= self._plan[0]:
                del self._plan[0]
                self._cut()
                self._loop.call_later(self._mended_after_s, self._mend)
            if near.transport.is_closing():
                continue  # the provider has answered; nobody hears it
            self._unanswered.discard(near)
            near.write(some)
            await near.drain()
        near.close()


@contextmanager
def a_cutter(target: str) -> Iterator[Cutter]:
    """Yield a wire to `target`."""
    cutter = Cutter(target)
    try:
        yield cutter
    finally:
        cutter.close()
