"""`/report`: something seen on the road, told in three taps and a place."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError
from starlette.types import Receive
from typing_extensions import override

from app.accounts.keys import Scope as KeyScope
from app.accounts.sessions import form_token, looks_like_token
from app.core.errors import (
    ConflictError,
    DomainError,
    ForbiddenError,
    InvalidError,
    LimitError,
    NotFoundError,
)
from app.db.illness import illness_of
from app.flows.desk.of_message import of_message
from app.flows.reports.filing import Filing, MessageFiledError, PlaceUnresolvedError
from app.flows.reports.own_reports import OwnReport, own_reports
from app.http.deps import Caller, allows, charge, wait_for_turn
from app.http.state import AppState
from app.http.taking import take
from app.incidents.filed import FiledReport
from app.incidents.report import Basis
from app.web.asking import (
    ONCE,
    Trouble,
    ask_for_key,
    ask_for_report,
    desk_of,
    kept_of,
    read_heard,
)
from app.web.form_page import FormPage
from app.web.forms import go_to, has_token, must_be_ours, next_query, read_form, safe_next
from app.web.report.foreseen import AMEND, LOOK, SEE, foresee_report, foreseen_sheet
from app.web.report_form import NONE_OF_THEM, Filled, faults_of, filled, read_filled, told_at
from app.web.report_values import outcome_values, own_values
from app.web.sending import Request
from app.web.speaking import Words
from app.web.visits import Visitor, visitor_of

T = TypeVar("T")

#: While the database is ill: long enough to mend, short enough for who stands at a roadblock.
_RETRY_AFTER_S = 10
#: As the form has it.
_PLACE_LIMIT = 120


class ReportPage(FormPage):
    """The form, and what a report changed. Of who sends it nothing stands in page or address."""

    name = "report"

    @override
    async def show(self, request: Request) -> None:
        """Send an empty form."""
        visitor = await self._admit(request)
        if visitor is None:
            return
        desk = desk_of(visitor.key)
        # who sits at the desk tells what he was told
        form = _heard(request.query, self.state) if desk else Filled()
        if heard := await read_heard(form, desk, self.state):
            zone, now = self.state.config.alerts.zone, self.state.clock.now()
            form = told_at(form, heard.at, zone=zone, now=now)
        token = visitor.token
        await ask_for_report(self, request, form=form, token=token, desk=desk)

    @override
    async def take(self, request: Request, receive: Receive) -> None:
        """Take the report; a form that cannot be taken comes back as it was filled in."""
        must_be_ours(request.scope, self.state)
        form = await read_form(request.scope, receive)
        visitor = await self._admit(request, kept=kept_of(form))
        if visitor is None:
            return
        once, look = form.get(ONCE, ""), form.get(LOOK, "")
        given = filled(form)
        mine = form.get("mine") == "1"
        if not has_token(form, visitor.token) or not (mine or looks_like_token(once)):
            trouble = Trouble(status=403, said="report_again")
            await self._ask_again(trouble, given, once, visitor, request)
        elif mine:
            await self._show_own(visitor, request)
        elif look == AMEND and _at_desk(visitor):
            desk, token = desk_of(visitor.key), visitor.token
            await ask_for_report(self, request, form=given, token=token, once=once, desk=desk)
        elif look == SEE and _at_desk(visitor) and given.chosen != NONE_OF_THEM:
            await self._show_what_follows(given, once, visitor, request)
        else:
            await self._take(given, once, visitor, request)

    async def _admit(
        self, request: Request, *, kept: Mapping[str, str] | None = None
    ) -> Visitor | None:
        """Return who may report; others are asked to sign in, and what they filled in is kept.

        Raises:
            ForbiddenError: The key is for something else.
        """
        scope, words = request.scope, request.words
        visitor = await visitor_of(request.wish, self.state)
        if visitor is None:
            path = f"/{words.language}/{self.name}"
            if kept:
                over = Trouble(status=401, said="sign_in_over")
                await ask_for_key(self, request, after=path, kept=kept, trouble=over)
                return None
            query = scope["query_string"].decode("ascii", "replace")
            asked_for = f"{path}?{query}" if query else path
            after = asked_for if safe_next(asked_for) else path
            await go_to(request.send, f"/{words.language}/sign-in{next_query(after)}")
        elif not allows(visitor.key.scope, KeyScope.REPORTER):
            raise ForbiddenError("This takes a key of scope reporter.")
        else:
            await wait_for_turn(self.state, scope, visitor.key.id)
        return visitor

    async def _take(self, form: Filled, once: str, visitor: Visitor, request: Request) -> None:
        now, words = self.state.clock.now(), request.words
        done = await self._tried(
            form, once, visitor, words, work=partial(take, state=self.state), now=now
        )
        if isinstance(done, Trouble):
            await self._ask_again(done, form, once, visitor, request)
            return
        page = self.page(
            "reported",
            words,
            title=words("taken"),
            scripts=True,
            answered=once,
            at_desk=_at_desk(visitor),
            incident=(done.answer["incident"] or {}).get("id", ""),
            token=form_token(visitor.token),
            own=own_values(await self._own(visitor, now), words, now=now),
            **outcome_values(done.answer, self.state.context, words),
        )
        await self.send(request, page)

    async def _show_what_follows(
        self, form: Filled, once: str, visitor: Visitor, request: Request
    ) -> None:
        """Show what the report would set off: who sits at the desk answers for it."""
        now, words = self.state.clock.now(), request.words
        whose = visitor.key.organisation_id
        look = partial(foresee_report, state=self.state, organisation_id=whose)
        found = await self._tried(form, once, visitor, words, work=look, now=now)
        if isinstance(found, Trouble):
            await self._ask_again(found, form, once, visitor, request)
            return
        if found.answer["replayed"]:  # filed already: a form that somebody went back to
            await self._take(form, once, visitor, request)
            return
        page = foreseen_sheet(
            self.maker, words, found, form=form, once=once, visitor=visitor, now=now
        )
        await self.send(request, page)

    async def _ask_again(
        self, trouble: Trouble, form: Filled, once: str, visitor: Visitor, request: Request
    ) -> None:
        await ask_for_report(
            self,
            request,
            # what was filed of the message stands: sent again, it is something else of the same
            form=replace(form, besides="1") if trouble.fresh and form.heard else form,
            token=visitor.token,
            once="" if trouble.fresh else once,
            trouble=trouble,
            desk=desk_of(visitor.key),
        )

    async def _tried(
        self,
        form: Filled,
        once: str,
        visitor: Visitor,
        words: Words,
        *,
        work: Callable[..., Awaitable[T]],
        now: datetime,
    ) -> T | Trouble:
        """Return what `work` makes of the report, or why it can make nothing of it."""
        reading = read_filled(form, context=self.state.context, language=words.language, now=now)
        if reading.filed is None:
            return Trouble(status=422, said="report_missing", faults=reading.faults)
        try:
            charge(self.state, _caller(visitor), 1, now=now)
            filing = _filing(form, reading.filed, once, visitor)
            return await work(await self._of_message(filing, form, visitor), now=now)
        except DomainError as error:
            return _trouble_of(error)
        except SQLAlchemyError as error:
            illness = illness_of(error)
            if illness is None:
                raise
            return _ill(unclear=illness.unclear)

    async def _of_message(self, filing: Filing, form: Filled, visitor: Visitor) -> Filing:
        """Return what is filed as the word of the phone that wrote, where it is made of an SMS."""
        desk, context = desk_of(visitor.key), self.state.context
        if not form.heard or desk is None:
            return filing
        return await self.state.db.read(
            lambda conn: of_message(
                conn, filing, form.heard, writer=desk, besides=bool(form.besides), context=context
            )
        )

    async def _show_own(self, visitor: Visitor, request: Request) -> None:
        now, words = self.state.clock.now(), request.words
        page = self.page(
            "own_reports",
            words,
            title=words("own"),
            token=form_token(visitor.token),
            own=own_values(await self._own(visitor, now), words, now=now),
        )
        await self.send(request, page)

    async def _own(self, visitor: Visitor, now: datetime) -> list[OwnReport]:
        return await self.state.db.read(lambda conn: own_reports(conn, visitor.key.id, now=now))


def _heard(asked: Mapping[str, str], state: AppState) -> Filled:
    """Return the form of what somebody at the desk was told, as far as it was understood."""
    kind = asked.get("kind", "")
    return Filled(
        kind=kind if kind in state.config.kinds else "",
        place=asked.get("place", "")[:_PLACE_LIMIT],
        heard=asked.get("heard", ""),
        basis=Basis.RELAYED.value,
    )


def _at_desk(visitor: Visitor) -> bool:
    return desk_of(visitor.key) is not None


def _caller(visitor: Visitor) -> Caller:
    key = visitor.key
    return Caller(key_id=key.id, scope=key.scope, organisation_id=key.organisation_id)


def _filing(form: Filled, filed: FiledReport, once: str, visitor: Visitor) -> Filing:
    return Filing(
        filed=filed,
        key_id=visitor.key.id,
        trusted=visitor.key.scope is not KeyScope.REPORTER,
        body_hash=form.body_hash,
        idempotency_key=once,
        keep_unplaced=form.chosen == NONE_OF_THEM,
    )


def _trouble_of(error: DomainError) -> Trouble:
    """Return how a form comes back that the flow refused.

    Raises:
        DomainError: That can only be a fault of ours.
    """
    if isinstance(error, PlaceUnresolvedError):
        # of a road and kilometre that do not fit there is nothing to choose from
        at_place = error.errors[0]["pointer"] == "/place"
        return Trouble(
            status=422,
            said="report_where",
            faults={} if at_place else {"road": "fault_road"},
            unplaced=error.extra,
        )
    if isinstance(error, NotFoundError):  # the message, for this key
        return Trouble(status=404, said="report_not_heard")
    if isinstance(error, MessageFiledError):
        made = f"/desk/reports/{error.extra['report_id']}"
        return Trouble(status=409, said="report_heard", instead=made, fresh=True)
    if isinstance(error, ConflictError):
        return Trouble(status=409, said="report_conflict", fresh=True)
    if isinstance(error, LimitError):
        held = ((b"retry-after", str(error.retry_after_s).encode()),)
        return Trouble(status=429, said="report_later", more=held)
    if isinstance(error, InvalidError):
        return Trouble(status=422, said="report_missing", faults=faults_of(error.errors))
    raise error


def _ill(*, unclear: bool) -> Trouble:
    held = ((b"retry-after", str(_RETRY_AFTER_S).encode()),)
    said = "report_unclear" if unclear else "report_ill"
    return Trouble(status=503, said=said, more=held)
