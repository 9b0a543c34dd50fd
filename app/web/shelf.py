"""Pages kept as they were rendered, until a rating changes or their ages are a minute old."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from datetime import timedelta
from typing import Any, TypeVar

from sqlalchemy import Connection

from app.core.clock import Clock
from app.db.engine import Database
from app.risk import store as risk_store
from app.web.rendering import Page

T = TypeVar("T")
#: Of a snapshot and its mark.
Render = Callable[[Connection, str], Page]

#: A change of rating, by whatever process, is seen within this time and what rendering takes.
LOOK_EVERY_S = 0.5
#: Ages are told in minutes.
KEPT_FOR = timedelta(seconds=60)
#: Pages kept; each is some 20 kB. Every route, cargo and language of a country is fewer.
PAGES_KEPT = 800
#: Pages rendered at a time: each takes a processor for a moment.
AT_A_TIME = 2


class Shelf:
    """Pages by key. Of one event loop; rendering runs on a reader's thread, one snapshot a page.

    Args:
        db: Where ratings are.
        clock: Tells the time that pages speak of.
        look_every_s: How long a look at the ratings is good for.
    """

    def __init__(self, db: Database, clock: Clock, *, look_every_s: float = LOOK_EVERY_S) -> None:
        self._db, self._clock, self._look_every_s = db, clock, look_every_s
        self._pages: OrderedDict[Hashable, tuple[str, Page]] = OrderedDict()
        self._mark, self._looked_at = "", float("-inf")
        self._looking = asyncio.Lock()
        self._rendering: dict[Hashable, asyncio.Lock] = {}
        self._room = asyncio.Semaphore(AT_A_TIME)

    def at_hand(self, key: Hashable) -> Page | None:
        """Return a page that is good without a look at the database."""
        if time.monotonic() - self._looked_at >= self._look_every_s:
            return None
        return self._good(key, self._mark)

    async def get(self, key: Hashable, render: Render) -> Page:
        """Return the page of `key`, rendered anew where what it shows may have changed."""
        mark = await self.look()
        page = self._good(key, mark)
        if page is not None:
            return page
        lock = self._rendering.setdefault(key, asyncio.Lock())
        async with lock:  # whoever comes meanwhile waits for this one
            page = self._good(key, self._mark)
            if page is None:
                page = await self._render(key, render)
        if not lock.locked():
            self._rendering.pop(key, None)
        return page

    @staticmethod
    def mark(conn: Connection) -> str:
        """Return the mark of a snapshot."""
        return risk_store.ratings_mark(conn)

    async def once(self, work: Callable[[Connection], T]) -> T:
        """Return what is not worth keeping, a few at a time."""
        async with self._room:
            return await self._db.read(work)

    async def _render(self, key: Hashable, render: Render) -> Page:
        def work(conn: Connection) -> tuple[str, Page]:
            # of one snapshot: what is written meanwhile has another mark
            mark = self.mark(conn)
            return mark, render(conn, mark)

        async with self._room:
            begun = time.monotonic()
            mark, page = await self._db.read(work)
        if begun >= self._looked_at:
            self._mark, self._looked_at = mark, begun
        self._pages[key] = (mark, page)
        self._pages.move_to_end(key)
        while len(self._pages) > PAGES_KEPT:
            self._pages.popitem(last=False)
        return page

    def _good(self, key: Hashable, mark: str) -> Page | None:
        kept: tuple[str, Any] | None = self._pages.get(key)
        if kept is None or kept[0] != mark:
            return None
        page: Page = kept[1]
        return page if abs(self._clock.now() - page.at) < KEPT_FOR else None

    async def look(self) -> str:
        """Return the mark of what ratings are now."""
        async with self._looking:
            begun = time.monotonic()
            if begun - self._looked_at >= self._look_every_s:
                self._mark = await self._db.read(self.mark)
                self._looked_at = begun
        return self._mark
