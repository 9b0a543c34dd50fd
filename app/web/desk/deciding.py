"""A decision at the desk in two steps: what would follow is shown, then it is done, once."""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection
from typing_extensions import override

from app.accounts.keys import Scope as KeyScope
from app.core.errors import ConflictError, InvalidError
from app.flows.desk import desk_hold
from app.flows.desk.desk_hold import HeldByOtherError, ShownBeforeError
from app.flows.desk.foresee import Deed, foresee
from app.incidents import store as incident_store
from app.incidents.incident import Incident
from app.web.desk.foreseen import foreseen_values
from app.web.desk.values import named_out
from app.web.report_values import changed_of
from app.web.signed import SignedPage, Sitting, typed_in
from app.web.speaking import Words

#: What a form of the desk may ask for besides a decision.
_HOLD, _OVER, _DROP = "hold", "over", "drop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A decision that was asked for.

    Attributes:
        name: "confirm": of its texts `do_confirm`, `sure_confirm`, `done_confirm`.
        deed: Does it.
        carried: Fields that ask for it again.
        after: Where to go when it is done, below the language.
        told: Held alerts that it lets go.
        becomes: What it will be, in words: corrected or placed.
        yields: Of the text that names the incident which comes of it: joined, or set apart.
        made: Tells by an incident before and after whether this is what was decided.
        noted: It is written down with a note; `needs_note`: only with one.
    """

    name: str
    deed: Deed
    carried: Mapping[str, str]
    after: str
    told: tuple[str, ...] = ()
    becomes: str = ""
    yields: str = ""
    made: Callable[[Incident, Incident], bool] | None = None
    noted: bool = True
    needs_note: bool = False


class DecidingPage(SignedPage):
    """A page about one thing on which somebody decides."""

    scope = KeyScope.MODERATOR
    brings_back = True
    fields = 1_100  # a split names reports, up to a thousand

    @abstractmethod
    def subject(self, sitting: Sitting) -> str:
        """Return what somebody works on, as holds call it."""

    @abstractmethod
    async def wanted(self, sitting: Sitting, form: Mapping[str, str]) -> Wanted | Sitting:
        """Return what the form asks for; or the sitting with why it cannot be."""

    @abstractmethod
    async def heading(self, sitting: Sitting) -> str:
        """Return what it is about, in words."""

    @override
    async def act(self, sitting: Sitting, form: Mapping[str, str]) -> None:
        """Show what would follow, or do it where that was seen."""
        try:
            if form.get("do") in {_HOLD, _OVER, _DROP}:
                await self._hold(sitting, form)
                return
            found = await self.wanted(sitting, form)
            if isinstance(found, Sitting):
                await self.view(found)
                return
            await self._take(sitting, over=False)
            if form.get("sure") == "1":
                await self._do(sitting, found, form)
            else:
                await self._show_what_follows(sitting, found, form)
        except HeldByOtherError:
            await self._again(sitting, form, "desk_held_by_other", status=409)
        except ConflictError:
            await self._again(sitting, form, "desk_changed", status=409)
        except InvalidError:
            await self._again(sitting, form, "desk_invalid", status=422)

    async def _again(
        self, sitting: Sitting, form: Mapping[str, str], said: str, *, status: int
    ) -> None:
        await self.view(replace(sitting.again(said, status=status), kept=typed_in(form)))

    async def _hold(self, sitting: Sitting, form: Mapping[str, str]) -> None:
        what, kept = form["do"], typed_in(form)
        if what == _DROP:
            subject, holder = self.subject(sitting), sitting.holder
            await self.state.db.write(
                lambda conn: incident_store.drop_hold(conn, subject, holder=holder)
            )
        else:
            await self._take(sitting, over=what == _OVER)
        if kept:  # he had filled in what a colleague was at: it waits for him on the page
            await self.view(replace(sitting, kept=kept))
        else:
            await self.go(sitting, sitting.below)

    async def _take(self, sitting: Sitting, *, over: bool) -> None:
        subject, key_id = self.subject(sitting), sitting.caller.key_id

        def work(conn: Connection) -> None:
            desk_hold.take(
                conn, subject, holder=sitting.holder, key_id=key_id, over=over, now=sitting.now
            )

        await self.state.db.write(work)

    async def _show_what_follows(
        self, sitting: Sitting, wanted: Wanted, form: Mapping[str, str]
    ) -> None:
        state, words, version = self.state, sitting.words, form.get("version", "")
        try:
            await state.db.read(lambda conn: self.check(conn, sitting, version))
        except ShownBeforeError:
            await self._go_if_done(sitting, wanted, version)
            return
        found = await foresee(
            state.db,
            wanted.deed,
            actor=sitting.caller.key_id,
            config=state.config,
            now=sitting.now,
            told=wanted.told,
            organisation_id=sitting.caller.organisation_id,
        )
        answer: Mapping[str, Any] = found.answer if isinstance(found.answer, dict) else {}
        told = found.people_now or found.later
        button = words(f"do_{wanted.name}_sure")
        await self.print(
            sitting,
            "desk_sure",
            title=words(f"sure_{wanted.name}"),
            about=await self.heading(sitting),
            button=words("do_send", what=button) if told else button,
            carried={**wanted.carried, "version": version},
            becomes=_outcome(wanted, answer, words),
            amend="",
            noted=wanted.noted,
            needs_note=wanted.needs_note,
            note=form.get("note", ""),
            changed=changed_of(answer.get("effects", ()), state.context, words),
            **foreseen_values(found, words, state.config, now=sitting.now),
        )

    async def _do(self, sitting: Sitting, wanted: Wanted, form: Mapping[str, str]) -> None:
        version = form.get("version", "")
        subject = self.subject(sitting)

        def work(conn: Connection) -> Any:
            self.check(conn, sitting, version)
            answer = wanted.deed(conn)
            incident_store.drop_hold(conn, subject, holder=sitting.holder)
            return answer

        try:
            await self.state.db.write(work)
        except ShownBeforeError:
            await self._go_if_done(sitting, wanted, version)
        else:
            self.state.wake()
            await self.go(sitting, wanted.after, done=f"done_{wanted.name}")

    async def _go_if_done(self, sitting: Sitting, wanted: Wanted, version: str) -> None:
        """Show what was done where it was this: a second tap, or back to a form and sent again.

        Raises:
            ShownBeforeError: It was something else.
        """
        if not await self.is_done(sitting, wanted, version):
            raise ShownBeforeError("It changed since it was shown.")
        subject, holder = self.subject(sitting), sitting.holder
        await self.state.db.write(
            lambda conn: incident_store.drop_hold(conn, subject, holder=holder)
        )
        await self.go(sitting, wanted.after, done=f"done_{wanted.name}")

    def check(self, conn: Connection, sitting: Sitting, version: str) -> None:
        """Refuse to decide on something else than what was shown.

        Raises:
            ShownBeforeError: It changed.
        """

    async def is_done(
        self,
        sitting: Sitting,  # noqa: ARG002 - for others
        wanted: Wanted,  # noqa: ARG002
        version: str,  # noqa: ARG002
    ) -> bool:
        """Tell whether this very decision was taken before on what was shown."""
        return False


def _outcome(wanted: Wanted, answer: Mapping[str, Any], words: Words) -> str:
    """Return what comes of it, as a sentence."""
    if wanted.yields:
        return words(wanted.yields, what=named_out(answer["incident"], words))
    return words("sure_becomes", what=wanted.becomes) if wanted.becomes else ""
