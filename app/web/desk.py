"""`/desk`: what waits for a moderator, the most urgent first; `?list=`: all of one list."""

from collections.abc import Mapping

from sqlalchemy import Connection
from typing_extensions import override

from app.accounts.keys import Scope as KeyScope
from app.flows.desk_inbox import Inbox, read_inbox
from app.web.desk_lists import inbox_values
from app.web.live import desk_version
from app.web.signed import SignedPage, Sitting


class DeskPage(SignedPage):
    """The inbox. Nothing is decided here: each line leads to where that is done."""

    name = "desk"
    scope = KeyScope.MODERATOR
    done = frozenset(
        {"done_aside", "done_put_aside", "done_place", "done_release", "done_withdraw"}
    )
    stays = ("list",)

    @override
    async def view(self, sitting: Sitting) -> None:
        """Send the inbox."""
        state, whole = self.state, sitting.query.get("list", "")

        def work(conn: Connection) -> Inbox:
            return read_inbox(
                conn,
                context=state.context,
                organisation_id=sitting.caller.organisation_id,
                now=sitting.now,
                whole=whole,
            )

        inbox = await state.db.read(work)
        vitals, limits = await state.watch.vitals(), state.watch.limits
        values = inbox_values(
            inbox, vitals, limits, sitting.words, state.config, whole=whole, now=sitting.now
        )
        if not whole:  # of one list that is shown whole nobody tells what is new
            values |= {"live": "/live/desk", "version": desk_version(inbox, vitals, limits)}
        await self.print(sitting, "desk", title=sitting.words("desk"), scripts=True, **values)

    @override
    async def act(self, sitting: Sitting, form: Mapping[str, str]) -> None:
        """Send the inbox again: there is nothing to send here."""
        await self.view(sitting)
