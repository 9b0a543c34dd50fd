"""`/live` and `/live/desk`: tell open pages that something changed, and nothing of what.

A stream carries the version of what its reader may see; the page then asks for itself again. What
is told is a digest: it says nothing to who may not read the page, and a version of yesterday, sent
back by a browser, is only another one.
"""

import asyncio
import hashlib
from abc import ABC, abstractmethod
from functools import partial

from sqlalchemy.exc import SQLAlchemyError
from starlette.types import Receive, Scope, Send
from typing_extensions import override

from app.accounts.keys import Scope as KeyScope
from app.core.errors import ForbiddenError, UnauthorizedError
from app.flows.desk.desk_inbox import Inbox, read_inbox
from app.flows.duty.watch import Limits, Vitals
from app.http.deps import allows
from app.http.state import AppState
from app.web.admission import may_read
from app.web.changes import Changes
from app.web.maker import Maker
from app.web.sending import PRIVATE, Asked, asked, host_of
from app.web.visits import visitor_of

#: Proxies close what is silent for half a minute or a minute.
HEARTBEAT_S = 20.0
#: A sign of life that scripts see, too: of a line that died at the other end nothing else tells.
_ALIVE = b"event: alive\ndata:\n\n"
#: A browser that lost the stream comes back after this time.
_RETRY = b"retry: 5000\n"
_ROADS_EVERY_S, _DESK_EVERY_S = 0.5, 2.0
_SHORT = 16
_HEADERS = [
    (b"content-type", b"text/event-stream"),
    (b"cache-control", PRIVATE),
    # nginx would hold events back until there is a page of them
    (b"x-accel-buffering", b"no"),
]


class Stream(ABC):
    """An answer that stays open, as server-sent events.

    Attributes:
        path: Of its route, as metrics are labelled.
    """

    def __init__(self, maker: Maker, path: str) -> None:
        self.maker, self.path = maker, path

    @property
    def state(self) -> AppState:
        """What the application was given."""
        return self.maker.state

    @abstractmethod
    async def changes_for(self, wish: Asked) -> Changes:
        """Return what a request may hear of.

        Raises:
            UnauthorizedError: It is nobody's. ForbiddenError: it is of somebody without the right.
        """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request for as long as the reader stays and the server runs."""
        scope["route"] = self
        scope["state"]["lasting"] = True
        wish = asked(scope)
        changes = await self.changes_for(wish)
        with self.state.streams.admitted(host_of(scope)) as end:
            await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
            await _send(send, _RETRY + _ALIVE)
            async with asyncio.TaskGroup() as group:
                parts = (
                    group.create_task(_until_gone(receive, end)),
                    group.create_task(self._tell(changes, wish, send, end)),
                )
                await end.wait()
                for part in parts:
                    part.cancel()
            await _send(send, b"", more=False)

    async def _tell(self, changes: Changes, wish: Asked, send: Send, end: asyncio.Event) -> None:
        """Send each version, and a sign of life where there is none."""
        seen = ""
        while True:
            try:
                async with asyncio.timeout(HEARTBEAT_S):
                    seen = await changes.after(seen)
                await _send(send, f"id: {seen}\ndata: {seen}\n\n".encode())
            except TimeoutError:
                await _send(send, _ALIVE)
            except SQLAlchemyError:  # the database is ill: the browser comes back by itself
                end.set()
                return
            try:
                changes = await self.changes_for(wish)
            except (UnauthorizedError, ForbiddenError):  # signed out meanwhile
                end.set()
                return


class RoadsStream(Stream):
    """`/live`: some road was rated anew. For who may read the pages about roads."""

    def __init__(self, maker: Maker, path: str) -> None:
        super().__init__(maker, path)
        self._changes = Changes(self._look, every_s=_ROADS_EVERY_S)

    @override
    async def changes_for(self, wish: Asked) -> Changes:
        """Return the one thing that every page about roads shows."""
        if not await may_read(self.maker, wish):
            raise UnauthorizedError("These pages are not published for everybody.")
        return self._changes

    async def _look(self) -> str:
        return version_of(await self.maker.shelf.look())


class DeskStream(Stream):
    """`/live/desk`: the inbox changed, as a moderator's organisation sees it."""

    def __init__(self, maker: Maker, path: str) -> None:
        super().__init__(maker, path)
        self._by: dict[str | None, Changes] = {}

    @override
    async def changes_for(self, wish: Asked) -> Changes:
        """Return what the desk of this reader's organisation shows."""
        visitor = await visitor_of(wish, self.state)
        if visitor is None:
            raise UnauthorizedError("Sign in first.")
        if not allows(visitor.key.scope, KeyScope.MODERATOR):
            raise ForbiddenError("This takes a key of scope moderator.")
        whose = visitor.key.organisation_id
        if whose not in self._by:
            self._by[whose] = Changes(lambda: self._look(whose), every_s=_DESK_EVERY_S)
        return self._by[whose]

    async def _look(self, organisation_id: str | None) -> str:
        state, now = self.state, self.state.clock.now()
        inbox = await state.db.read(
            partial(read_inbox, context=state.context, organisation_id=organisation_id, now=now)
        )
        return desk_version(inbox, await state.watch.vitals(), state.watch.limits)


def version_of(mark: str) -> str:
    """Return what a page of this mark says of its version."""
    return mark[:_SHORT]


def desk_version(inbox: Inbox, vitals: Vitals, limits: Limits) -> str:
    """Return a digest of what stands on the desk's page, but for ages."""
    seen = (
        [(one.id, one.expires_at) for same in inbox.held for one in same],
        [(one.incident.id, one.incident.version, one.deadline, one.told) for one in inbox.doubts],
        [
            (one.id, one.version)
            for one in (*inbox.denied, *inbox.open, *inbox.half_open, *inbox.quiet, *inbox.decided)
        ],
        [(one.report.id, one.forced) for one in (*inbox.unlocated, *inbox.aside)],
        [one.id for one in (*inbox.messages, *inbox.lapsed)],
        [(one.id, one.set_aside_at) for one in inbox.put_aside],
        [one.id for one in inbox.forced],
        [(one.answer.id, one.answer.status, one.back and one.back.id) for one in inbox.talks],
        [(one.id, number) for one, number in inbox.calls],
        [(one.provider, one.code) for one in inbox.refused],
        sorted((subject, one.name) for subject, one in inbox.holds.items()),
        (vitals.workers == 0, vitals.oldest_due > limits.due_age),
        (vitals.oldest_untold > limits.untold_age, vitals.in_vain[1] > limits.untold_age),
        (vitals.in_vain[0] > 0, vitals.retried > 0),
        sorted(vitals.missed),
    )
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:_SHORT]


async def _until_gone(receive: Receive, end: asyncio.Event) -> None:
    """End the stream when the reader has left."""
    while (await receive())["type"] != "http.disconnect":
        pass
    end.set()


async def _send(send: Send, body: bytes, *, more: bool = True) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": more})
