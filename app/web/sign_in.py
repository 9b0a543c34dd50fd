"""`/sign-in` and `/sign-out`: a key pasted into a form, once, for a session of some hours."""

import asyncio
from collections.abc import Mapping
from typing import Any

from fastapi.security import HTTPAuthorizationCredentials
from sqlalchemy import Connection
from starlette.types import Receive, Scope
from typing_extensions import override

from app.accounts import store as accounts_store
from app.accounts.keys import ApiKey
from app.accounts.keys import Scope as KeyScope
from app.accounts.limits import TokenBuckets, network_of
from app.accounts.sessions import ends_at, form_token, hash_token, new_token
from app.audit import store as audit
from app.core.errors import UnauthorizedError
from app.core.logging import get_logger
from app.flows.people import sign_in_code
from app.http.deps import allows, authenticate
from app.subscribers.store import organisations as organisation_store
from app.web import visits
from app.web.asking import (
    NO_TROUBLE,
    ONCE,
    Trouble,
    ask_for_key,
    ask_for_report,
    desk_of,
    kept_of,
)
from app.web.form_page import FormPage
from app.web.forms import (
    LOST,
    as_typed,
    carried_of,
    go_to,
    has_token,
    must_be_ours,
    read_form,
    safe_next,
)
from app.web.maker import Maker
from app.web.report_form import filled
from app.web.sending import Asked, Request, host_of
from app.web.speaking import Words
from app.web.visits import Visitor, visitor_of

log = get_logger(__name__)

#: Attempts of one network, and of all together, that open nothing or ask for a code. Behind one
#: may be all of a telephone company, and anybody there could use them up: a key that is live waits
#: for nobody. It cannot be guessed, and to look for one costs what it costs the API.
_OF_ONE_PER_MINUTE, _OF_ONE_AT_ONCE = 30, 15
_OF_ALL_PER_MINUTE, _OF_ALL_AT_ONCE = 600, 120
#: From the request for a code to its answer. To keep a code takes some milliseconds more than to
#: find that there is nobody to send one to, and a list of who may sign in is a list of targets.
ANSWERED_AFTER_S = 0.2
#: Reports that wait for the network on this device go, too.
_NOTHING_LEFT = (b"clear-site-data", b'"storage"')
#: Where each one's work begins, below the language.
_HOMES = {
    KeyScope.REPORTER: "/report",
    KeyScope.MODERATOR: "/desk",
    KeyScope.ADMIN: "/desk",
    KeyScope.SUBSCRIBER: "/my",
}
#: Whose sign-ins are on record. Not reporters': when one was at a browser is nobody's business.
_RECORDED = frozenset({KeyScope.MODERATOR, KeyScope.ADMIN})


class SignInPage(FormPage):
    """Asks for a key; answers what is wrong and what is unknown in the same words."""

    name = "sign-in"

    def __init__(self, maker: Maker, path: str) -> None:
        super().__init__(maker, path)
        self._of_one = TokenBuckets(_OF_ONE_PER_MINUTE, _OF_ONE_AT_ONCE)
        self._of_all = TokenBuckets(_OF_ALL_PER_MINUTE, _OF_ALL_AT_ONCE)

    @override
    async def show(self, request: Request) -> None:
        """Send the form."""
        query = request.query
        lost = Trouble(status=200, said="sign_in_lost") if LOST in query else NO_TROUBLE
        after = query.get("next", "")
        await ask_for_key(self, request, after=after, kept={}, trouble=lost)

    @override
    async def take(self, request: Request, receive: Receive) -> None:
        """Open a session for a key that is live, and go on to the page that was wanted."""
        must_be_ours(request.scope, self.state)
        form = await read_form(request.scope, receive)
        after, kept = form.get("next", ""), kept_of(form) or carried_of(form)
        if form.get("by") == "code":
            await self._send_code(request, form)
            return
        admitted = await self._admit(request, form)
        if isinstance(admitted, Trouble):
            for_code = "code" in form
            await ask_for_key(
                self, request, after=after, kept=kept, trouble=admitted, for_code=for_code
            )
            return
        if len(admitted) > 1:
            await self._ask_which(admitted, form, request)
            return
        await self._let_in(admitted[0], form, request)

    async def _let_in(self, key: ApiKey, form: Mapping[str, str], request: Request) -> None:
        """Open a session, and go on; or back to a report that was filled in before."""
        wish, words = request.wish, request.words
        keep, kept, typed = form.get("keep") == "1", kept_of(form), carried_of(form)
        token = await self._open(key, wish, keep=keep)
        cookies: tuple[visits.Header, ...] = (
            visits.keep_session(token, keep=keep, state=self.state),
            visits.forget_visit(self.state),
        )
        if "code" in form or form.get("by") == "choice":
            cookies += (visits.keep_known(visits.visit_of(wish, self.state), self.state),)
        if kept and allows(key.scope, KeyScope.REPORTER):
            again = Trouble(status=200, said="report_kept", more=cookies)
            await ask_for_report(
                self,
                request,
                form=filled(kept),
                token=token,
                once=kept[ONCE],
                trouble=again,
                desk=desk_of(key),
            )
            return
        after = safe_next(form.get("next", ""))
        if typed and after:
            page = self.page(
                "resume",
                words,
                title=words("resume_title"),
                fields=as_typed(typed),
                to=after,
            )
            await self.send(request, page, more=cookies)
            return
        await go_to(request.send, after or _home_of(key, words), more=cookies)

    async def _ask_which(
        self, keys: list[ApiKey], form: Mapping[str, str], request: Request
    ) -> None:
        """Ask for which of his organisations somebody goes on."""
        ids = [key.organisation_id for key in keys if key.organisation_id]

        def work(conn: Connection) -> list[tuple[str, str]]:
            vault = self.state.vault
            found = (organisation_store.get_organisation(conn, one, vault=vault) for one in ids)
            return sorted(((one.id, one.name) for one in found), key=lambda one: one[1])

        among = await self.state.db.read(work)
        after, keep, kept = form.get("next", ""), form.get("keep") == "1", carried_of(form)
        await ask_for_key(self, request, after=after, kept=kept, among=among, keep=keep)

    async def _admit(self, request: Request, form: Mapping[str, str]) -> list[ApiKey] | Trouble:
        """Return the live keys that a form opens, or why nobody is let in."""
        ours = has_token(form, visits.visit_of(request.wish, self.state))
        if ours and (key := await self._key_of(form.get("key", ""))):
            return [key]
        if trouble := self._refusal(request, form):
            return trouble
        keys = await self._of_form(form, request.wish)
        if not keys:
            log.warning("session.refused")
            said = "code_wrong" if "code" in form else "sign_in_wrong"
            return Trouble(status=401, said=said)
        return keys

    async def _of_form(self, form: Mapping[str, str], wish: Asked) -> list[ApiKey]:
        """Return whose key or code a form holds."""
        visit, now = visits.visit_of(wish, self.state), self.state.clock.now()
        if form.get("by") == "choice":
            wanted = form.get("organisation", "")
            chosen = await self.state.db.write(
                lambda conn: sign_in_code.choose(conn, wanted, visit, now=now)
            )
            return [chosen] if chosen is not None else []
        if "code" not in form:
            return []
        code = form["code"]
        return await self.state.db.write(
            lambda conn: sign_in_code.enter(conn, code, visit, now=now)
        )

    async def _send_code(self, request: Request, form: Mapping[str, str]) -> None:
        """Have a code sent, and ask for it: in the same words whether there is such a person."""
        after, visit = form.get("next", ""), visits.visit_of(request.wish, self.state)
        kept = carried_of(form)
        if trouble := self._refusal(request, form):
            await ask_for_key(self, request, after=after, kept=kept, trouble=trouble)
            return
        address, now = form.get("address", "")[:254], self.state.clock.now()
        context, loop = self.state.context, asyncio.get_running_loop()
        answer_at = loop.time() + ANSWERED_AFTER_S
        by = sign_in_code.Browser(
            visit=visit,
            known=visits.known_of(request.wish, self.state),
            network=network_of(host_of(request.scope)),
        )
        sent = await self.state.db.write(
            lambda conn: sign_in_code.ask(conn, address, by, context=context, now=now)
        )
        if sent:
            self.state.wake()
        await asyncio.sleep(answer_at - loop.time())
        await ask_for_key(self, request, after=after, kept=kept, for_code=True)

    def _refusal(self, request: Request, form: Mapping[str, str]) -> Trouble | None:
        """Return why a form is not even looked at."""
        if not has_token(form, visits.visit_of(request.wish, self.state)):
            return Trouble(status=403, said="sign_in_again")
        if wait_s := self._wait(request.scope):
            held = ((b"retry-after", str(wait_s).encode()),)
            return Trouble(status=429, said="error_429", more=held)
        return None

    def _wait(self, scope: Scope) -> int:
        """Count an attempt; return the seconds to wait where there are too many."""
        now = self.state.clock.now()
        network = network_of(host_of(scope))
        return self._of_one.take(network, 1, now=now) or self._of_all.take("all", 1, now=now)

    async def _key_of(self, text: str) -> ApiKey | None:
        given = HTTPAuthorizationCredentials(scheme="bearer", credentials="".join(text.split()))
        try:
            return await authenticate(self.state, given, self.state.clock.now())
        except UnauthorizedError:
            return None

    async def _open(self, key: ApiKey, wish: Asked, *, keep: bool) -> str:
        """Return the token of a new session; the one that the browser had before ends."""
        token, now = new_token(), self.state.clock.now()
        before = visits.cookie_of("session", wish, self.state)
        expires_at = ends_at(key.scope, keep=keep, now=now)

        def work(conn: Connection) -> None:
            if before:
                accounts_store.close_session(conn, hash_token(before))
            accounts_store.open_session(conn, token, key.id, expires_at=expires_at, now=now)
            if key.scope in _RECORDED:
                _record(conn, key, "session.opened", now=now)

        await self.state.db.write(work)
        if before:
            self.state.keys.forget_all()
        return token


class SignOutPage(FormPage):
    """Ends the session of this browser, or every session of its key."""

    name = "sign-out"

    @override
    async def show(self, request: Request) -> None:
        """Ask before anything ends: whoever follows a link must not be signed out by it."""
        await self._ask(request)

    @override
    async def take(self, request: Request, receive: Receive) -> None:
        """End it."""
        must_be_ours(request.scope, self.state)
        form = await read_form(request.scope, receive)
        visitor = await visitor_of(request.wish, self.state)
        if visitor is not None:
            if not has_token(form, visitor.token):
                await self._ask(request, status=403, said="sign_in_again")
                return
            await self._close(visitor, everywhere=form.get("everywhere") == "1")
        words = request.words
        page = self.page("signed_out", words, title=words("signed_out"))
        await self.send(request, page, more=(*visits.forget(self.state), _NOTHING_LEFT))

    async def _ask(self, request: Request, *, status: int = 200, said: str = "") -> None:
        words = request.words
        visitor = await visitor_of(request.wish, self.state)
        if visitor is None:
            await go_to(request.send, f"/{words.language}/sign-in")
            return
        page = self.page(
            "sign_out",
            words,
            status=status,
            title=words("sign_out"),
            said=words(said) if said else "",
            token=form_token(visitor.token),
        )
        await self.send(request, page)

    async def _close(self, visitor: Visitor, *, everywhere: bool) -> None:
        now, key = self.state.clock.now(), visitor.key

        def work(conn: Connection) -> None:
            if not everywhere:
                accounts_store.close_session(conn, hash_token(visitor.token))
                return
            ended = accounts_store.close_sessions(conn, key.id)
            if key.scope in _RECORDED:
                _record(conn, key, "session.closed_everywhere", now=now, ended=ended)

        await self.state.db.write(work)
        self.state.keys.forget_all()


def _home_of(key: ApiKey, words: Words) -> str:
    return f"/{words.language}{_HOMES[key.scope]}"


def _record(conn: Connection, key: ApiKey, action: str, *, now: Any, **detail: Any) -> None:
    audit.record(
        conn,
        actor=key.id,
        action=action,
        subject_type="api_key",
        subject_id=key.id,
        organisation_id=key.organisation_id,
        detail=detail,
        now=now,
    )
