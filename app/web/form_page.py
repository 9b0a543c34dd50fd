"""A page with a form: what all of them share. None is kept anywhere, each is asked for anew."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from starlette.types import Receive, Scope, Send

from app.http.state import AppState
from app.web.forms import FORM_HEADERS
from app.web.maker import Maker, other_of
from app.web.rendering import Page
from app.web.sending import PRIVATE, Request, send_page
from app.web.speaking import Words
from app.web.visits import Header

_VARY = b"Accept-Encoding, Accept-Language, Cookie"


class FormPage(ABC):
    """A page that is read with GET and answered with POST.

    Attributes:
        name: Of its path, below the language.
        path: Of its route, as metrics are labelled.
    """

    name: ClassVar[str]

    def __init__(self, maker: Maker, path: str) -> None:
        self.maker, self.path = maker, path

    @property
    def state(self) -> AppState:
        """What the application was given."""
        return self.maker.state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        scope["route"] = self
        request = self.maker.request(scope, send)
        if scope["method"] == "POST":
            await self.take(request, receive)
        else:
            await self.show(request)

    @abstractmethod
    async def show(self, request: Request) -> None:
        """Send the page."""

    @abstractmethod
    async def take(self, request: Request, receive: Receive) -> None:
        """Do what the form asks for."""

    def page(self, template: str, words: Words, *, query: str = "", **values: Any) -> Page:
        """Return a page; the one in the other language is asked for with `query`."""
        path = f"/{other_of(words)}/{self.name}{query}"
        now = self.state.clock.now()
        return self.maker.page(template, words, path=path, now=now, style="form", **values)

    async def send(self, request: Request, page: Page, *, more: tuple[Header, ...] = ()) -> None:
        """Send `page`, kept by nobody."""
        more = (*FORM_HEADERS, *more)
        await send_page(request.send, page, request.wish, cache=PRIVATE, vary=_VARY, more=more)
