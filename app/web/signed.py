"""Pages for who signed in with a key of some scope: as in the API, and nothing more."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import urlencode

from starlette.types import Receive
from typing_extensions import override

from app.accounts.keys import Scope as KeyScope
from app.accounts.sessions import form_token, hash_token
from app.core.errors import ForbiddenError
from app.http.deps import Caller, allows, charge, wait_for_turn
from app.roads.places import Candidate
from app.web.asking import Trouble, ask_for_key
from app.web.form_page import FormPage
from app.web.forms import TOKEN, carried, go_to, has_token, must_be_ours, next_query, read_form
from app.web.maker import other_of
from app.web.rendering import Page
from app.web.sending import Request
from app.web.speaking import Words
from app.web.visits import Visitor, cookie_of, visitor_of

#: Fields of a form that nobody fills in.
_OF_THE_PAGE = frozenset({TOKEN, "version", "do", "sure"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitting:
    """One request of somebody who may make it.

    Attributes:
        below: The path below the language.
        params: Of the path; `query`: what came after the question mark.
        said: The name of a text above the page: why it comes back, what was done.
        bad: It says what went wrong.
        kept: What was filled in, where a form comes back with it.
        meant: Places that may have been meant by it; `road`: what a road is called that is too long
            to be one.
    """

    visitor: Visitor
    request: Request
    below: str
    params: Mapping[str, str]
    query: Mapping[str, str]
    now: datetime
    said: str = ""
    bad: bool = False
    status: int = 200
    kept: Mapping[str, str] = field(default_factory=dict)
    meant: tuple[Candidate, ...] = ()
    road: str | None = None

    @property
    def words(self) -> Words:
        """The language that it is answered in."""
        return self.request.words

    @property
    def caller(self) -> Caller:
        """Who asks, as the API knows him."""
        key = self.visitor.key
        return Caller(key_id=key.id, scope=key.scope, organisation_id=key.organisation_id)

    def again(self, said: str, *, status: int) -> "Sitting":
        """Return it with why the page comes back, and nothing was done."""
        return replace(self, said=said, bad=True, status=status)

    @property
    def holder(self) -> str:
        """What tells this browser from another with the same key."""
        return hash_token(self.visitor.token)


class SignedPage(FormPage):
    """A page of the desk, of rules, of an organisation.

    Attributes:
        scope: Of the keys that may see it; an admin always may.
        fields: In its form, at most.
        done: Names of texts that a page may come back with after something was done.
        brings_back: It is shown with what was typed into it, `Sitting.kept`: only then is that
            promised to who must sign in first.
        stays: Of its query, what the page in the other language is asked for with.
    """

    scope: ClassVar[KeyScope]
    fields: ClassVar[int] = 60
    done: ClassVar[frozenset[str]] = frozenset()
    stays: ClassVar[tuple[str, ...]] = ("organisation",)
    brings_back: ClassVar[bool] = False

    @override
    async def show(self, request: Request) -> None:
        """Send the page to who may see it."""
        sitting = await self._admit(request)
        if sitting is not None:
            await self.view(sitting)

    @override
    async def take(self, request: Request, receive: Receive) -> None:
        """Do what a form of ours asks for."""
        must_be_ours(request.scope, self.state)
        form = await read_form(request.scope, receive, most=self.fields)
        sitting = await self._admit(request, typed=typed_in(form))
        if sitting is None:
            return
        if not has_token(form, sitting.visitor.token):
            # in another tab he signed in anew, or the form is not ours: it comes back as it was
            again = sitting.again("form_again", status=403)
            await self.view(replace(again, kept=typed_in(form)))
            return
        await self.act(sitting, form)

    @abstractmethod
    async def view(self, sitting: Sitting) -> None:
        """Send the page."""

    @abstractmethod
    async def act(self, sitting: Sitting, form: Mapping[str, str]) -> None:
        """Do what the form says."""

    async def _admit(
        self, request: Request, *, typed: Mapping[str, str] | None = None
    ) -> Sitting | None:
        """Return the request of who may make it; others are asked to sign in, and keep their words.

        Raises:
            ForbiddenError: The key is for something else.
            LimitError: It is beyond its rate.
        """
        scope, words = request.scope, request.words
        visitor = await visitor_of(request.wish, self.state)
        path: str = scope["path"]
        if visitor is None:
            # who never had one typed on no page of ours
            had = cookie_of("session", request.wish, self.state)
            if had and self.brings_back and (kept := carried(typed or {})):
                over = Trouble(status=401, said="sign_in_typed")
                await ask_for_key(self, request, after=path, kept=kept, trouble=over)
                return None
            back = next_query(path, lost=scope["method"] == "POST")
            await go_to(request.send, f"/{words.language}/sign-in{back}")
            return None
        now = self.state.clock.now()
        query = request.query
        done = query.get("done", "")
        sitting = Sitting(
            visitor=visitor,
            request=request,
            below=path.removeprefix(f"/{words.language}") if _has_language(path, words) else path,
            params=scope.get("path_params", {}),
            query=query,
            now=now,
            said=done if done in self.done else "",
        )
        charge(self.state, sitting.caller, 1, now=now)
        if not allows(visitor.key.scope, self.scope):
            raise ForbiddenError(f"This takes a key of scope {self.scope}.")
        await wait_for_turn(self.state, scope, visitor.key.id)
        return sitting

    async def print(self, sitting: Sitting, template: str, **values: Any) -> None:
        """Send a page made from `template`."""
        page = self._sheet(sitting, template, values)
        await self.send(sitting.request, page)

    def _sheet(self, sitting: Sitting, template: str, values: Mapping[str, Any]) -> Page:
        words, scope = sitting.words, sitting.visitor.key.scope
        return self.maker.page(
            template,
            words,
            path=f"/{other_of(words)}{sitting.below}{self._query(sitting)}",
            now=sitting.now,
            style="desk",
            status=sitting.status,
            said=words(sitting.said) if sitting.said else "",
            bad=sitting.bad,
            token=form_token(sitting.visitor.token),
            here=f"/{words.language}{sitting.below}",
            at_desk=allows(scope, KeyScope.MODERATOR),
            at_rules=allows(scope, KeyScope.ADMIN),
            at_home=allows(scope, KeyScope.SUBSCRIBER),
            **values,
        )

    def _query(self, sitting: Sitting) -> str:
        named = {name: sitting.query[name] for name in self.stays if sitting.query.get(name)}
        return f"?{urlencode(named)}" if named else ""

    async def go(self, sitting: Sitting, below: str, *, done: str = "") -> None:
        """Send the browser on after something was done: loading again does nothing twice."""
        query = f"?done={done}" if done else ""
        await go_to(sitting.request.send, f"/{sitting.words.language}{below}{query}")


def typed_in(form: Mapping[str, str]) -> dict[str, str]:
    """Return what somebody filled in, without what the page itself put into its form."""
    return {name: value for name, value in form.items() if value and name not in _OF_THE_PAGE}


def _has_language(path: str, words: Words) -> bool:
    return path == f"/{words.language}" or path.startswith(f"/{words.language}/")
