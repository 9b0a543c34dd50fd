"""How those who make work call those who wait for it, within one process."""

import asyncio
import threading


class Bell:
    """Rings for everybody who listens. Only speed: whoever waits looks by himself now and then."""

    def __init__(self) -> None:
        self._listeners: list[tuple[asyncio.AbstractEventLoop, int, asyncio.Event]] = []

    def listen(self) -> asyncio.Event:
        """Return an event that is set at each ring; call from the loop that waits on it."""
        event = asyncio.Event()
        self._listeners.append((asyncio.get_running_loop(), threading.get_ident(), event))
        return event

    def forget(self, event: asyncio.Event) -> None:
        """Stop setting `event`."""
        self._listeners = [entry for entry in self._listeners if entry[2] is not event]

    def ring(self) -> None:
        """Set every event; from any thread."""
        here = threading.get_ident()
        for loop, thread, event in self._listeners:
            if thread == here:
                event.set()
            elif not loop.is_closed():
                loop.call_soon_threadsafe(event.set)


async def heard(event: asyncio.Event, *, within_s: float) -> None:
    """Wait for `event`, or until the time is over."""
    try:
        async with asyncio.timeout(within_s):
            await event.wait()
    except TimeoutError:
        pass
