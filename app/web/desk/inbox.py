"""`/desk`: what waits for a moderator, the most urgent first; `?list=`: all of one list."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from sqlalchemy import Connection
from typing_extensions import override

from app.accounts.keys import Scope as KeyScope
from app.flows.desk.desk_inbox import Inbox, read_inbox
from app.flows.desk.set_messages_aside import MOST_AT_ONCE, Several, set_several_aside
from app.flows.desk.write_back import Writer
from app.flows.rules.shipped_rules import unsettled_rules
from app.incidents import store as incident_store
from app.web.desk.lists import SEVERAL, inbox_values
from app.web.forms import note_of
from app.web.live import desk_version
from app.web.signed import SignedPage, Sitting, typed_in

#: Stands before the id of a message that is ticked.
_PICK = "m-"


class DeskPage(SignedPage):
    """The inbox. Nothing is decided here: each line leads to where that is done.

    But what a flood left: of a list of messages that is shown whole, those that are ticked are set
    aside together. Nothing leaves by that, and each can be put back.
    """

    name = "desk"
    scope = KeyScope.MODERATOR
    fields = MOST_AT_ONCE + 50
    done = frozenset(
        {
            "done_aside",
            "done_put_aside",
            "done_put_several",
            "done_place",
            "done_release",
            "done_withdraw",
        }
    )
    stays = ("list", "tick")

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
            inbox,
            vitals,
            limits,
            sitting.words,
            state.config,
            whole=whole,
            now=sitting.now,
            tick=_ticked(sitting),
        )
        if not whole:  # of one list that is shown whole nobody tells what is new
            values |= {"live": "/live/desk", "version": desk_version(inbox, vitals, limits)}
            values["shipped"] = await self._shipped(sitting)
        await self.print(
            sitting,
            "desk",
            title=sitting.words("desk"),
            scripts=True,
            note=sitting.kept.get("note", ""),
            pick=_PICK,
            most=MOST_AT_ONCE,
            **values,
        )

    async def _shipped(self, sitting: Sitting) -> int:
        """Return how many rules an upgrade brought that wait for the admin who looks."""
        if sitting.caller.scope is not KeyScope.ADMIN:
            return 0
        config = self.state.config
        return len(await self.state.db.read(lambda conn: unsettled_rules(conn, config)))

    @override
    async def act(self, sitting: Sitting, form: Mapping[str, str]) -> None:
        """Set aside what is ticked; else send the inbox again: there is nothing to send here."""
        picked = [name.removeprefix(_PICK) for name in form if name.startswith(_PICK)]
        whole = sitting.query.get("list", "")
        if form.get("do") != "aside" or whole not in SEVERAL:
            await self.view(sitting)
            return
        if not picked:
            again = sitting.again("several_none", status=422)
            await self.view(replace(again, kept=typed_in(form)))
            return
        found = await self.state.db.write(lambda conn: self._put_aside(conn, sitting, picked, form))
        if found.left:
            again = sitting.again("several_left", status=409)
            kept = {f"{_PICK}{one}": "1" for one in found.left} | {"note": form.get("note", "")}
            await self.view(replace(again, kept=kept))
        else:
            await self.go(sitting, "/desk", done="done_put_several")

    def _put_aside(
        self, conn: Connection, sitting: Sitting, picked: list[str], form: Mapping[str, str]
    ) -> Several:
        caller, now = sitting.caller, sitting.now
        holds = incident_store.list_holds(conn, now=now)
        others = {
            subject.partition(":")[2]
            for subject, hold in holds.items()
            if subject.startswith("message:") and hold.holder != sitting.holder
        }
        return set_several_aside(
            conn,
            picked[:MOST_AT_ONCE],
            writer=Writer(key_id=caller.key_id, organisation_id=caller.organisation_id),
            note=note_of(form, "note"),
            context=self.state.context,
            now=now,
            held=others,
        )


def _ticked(sitting: Sitting) -> Callable[[str], bool] | None:
    """Return which messages come ticked: as they were sent, none, or, asked for, all that may."""
    if not sitting.kept and sitting.query.get("tick") == "all":
        return None
    return lambda inbound_id: f"{_PICK}{inbound_id}" in sitting.kept
