"""`/desk/forced/{id}`: somebody who may be forced, by phone or key, until a person says: free."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection
from typing_extensions import override

from app.core.errors import NotFoundError
from app.flows.desk.desk_hold import ShownBeforeError
from app.flows.messages import duress
from app.flows.messages.duress import Act
from app.incidents import store as incident_store
from app.incidents.store import Hold
from app.subscribers.store import forced as store
from app.subscribers.store import inbound
from app.subscribers.store.forced import Forced
from app.web.desk.deciding import DecidingPage, Wanted
from app.web.desk.values import forced_words, hold_values
from app.web.forms import note_of
from app.web.signed import Sitting


class ForcedPage(DecidingPage):
    """Since when, and the form to say that he is free."""

    name = "desk/forced/{forced_id}"
    done = frozenset({"done_free"})

    @override
    def subject(self, sitting: Sitting) -> str:
        """Return what a hold on it is called."""
        return f"forced:{sitting.params['forced_id'][:64]}"

    @override
    async def view(self, sitting: Sitting) -> None:
        """Send since when he may be forced, and what is to be known before he is believed again."""
        subject, words = self.subject(sitting), sitting.words

        def work(conn: Connection) -> tuple[Forced, str, Hold | None]:
            forced = self._read(conn, sitting)
            hold = incident_store.find_hold(conn, subject, now=sitting.now)
            return forced, self._message(conn, forced), hold

        forced, message, hold = await self.state.db.read(work)
        freed_at = forced.freed_at
        await self.print(
            sitting,
            "desk_forced",
            title=forced_words(forced, words),
            at=forced.since,
            since=words("since", when=words.moment(forced.since, sitting.now)),
            freed=words("forced_freed", when=words.moment(freed_at, sitting.now))
            if freed_at is not None
            else "",
            message=message,
            **hold_values(hold, words, holder=sitting.holder, now=sitting.now),
        )

    @override
    async def heading(self, sitting: Sitting) -> str:
        """Return whose phone or key it is, as far as anybody is told."""
        forced = await self.state.db.read(lambda conn: self._read(conn, sitting))
        return forced_words(forced, sitting.words)

    @override
    async def wanted(self, sitting: Sitting, form: Mapping[str, str]) -> Wanted | Sitting:
        """Return him set free."""
        caller, forced_id = sitting.caller, sitting.params["forced_id"]
        act = Act(
            actor=caller.key_id,
            organisation_id=caller.organisation_id,
            note=note_of(form, "note"),
            now=sitting.now,
        )

        def deed(conn: Connection) -> Any:
            return duress.set_free(conn, forced_id, act)

        return Wanted(name="free", deed=deed, carried={"do": "free"}, after=sitting.below)

    @override
    def check(self, conn: Connection, sitting: Sitting, version: str) -> None:
        """Refuse where he is free already."""
        if self._read(conn, sitting).freed_at is not None:
            raise ShownBeforeError("Somebody said so already.")

    @override
    async def is_done(self, sitting: Sitting, wanted: Wanted, version: str) -> bool:
        """Tell whether he is free."""
        forced = await self.state.db.read(lambda conn: self._read(conn, sitting))
        return forced.freed_at is not None

    def _read(self, conn: Connection, sitting: Sitting) -> Forced:
        organisation_id = sitting.caller.organisation_id
        return store.get(conn, sitting.params["forced_id"], organisation_id=organisation_id)

    def _message(self, conn: Connection, forced: Forced) -> str:
        """Return where the message is that said so; "" where none did."""
        if forced.inbound_id is None:
            return ""
        try:
            inbound.get_heard(conn, forced.inbound_id, vault=self.state.vault)
        except NotFoundError:
            return ""
        return f"/desk/messages/{forced.inbound_id}"
