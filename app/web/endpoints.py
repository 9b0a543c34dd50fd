"""Where the pages are. Plain ASGI: FastAPI would cost more than a page that is at hand."""

from abc import ABC, abstractmethod
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI
from sqlalchemy import Connection
from starlette.routing import Route
from starlette.types import Receive, Scope, Send
from typing_extensions import override

from app.core.errors import NotFoundError
from app.flows.readers.map_picture import the_map, the_map_then
from app.flows.readers.route_picture import one_road
from app.http.state import AppState
from app.roads.network import Corridor
from app.web import assets
from app.web.admission import cache_of, closed_page, may_read, own_pages_of
from app.web.desk.alert import AlertPage
from app.web.desk.forced import ForcedPage
from app.web.desk.inbox import DeskPage
from app.web.desk.incident import IncidentPage
from app.web.desk.message import MessagePage
from app.web.desk.say import SayPage, SpeakPage
from app.web.desk.unplaced import UnplacedPage
from app.web.form_page import FormPage
from app.web.live import DeskStream, RoadsStream, version_of
from app.web.maker import Maker, other_of
from app.web.my.account import MyPage
from app.web.my.calls import CallsPage
from app.web.my.contact import ContactPage
from app.web.my.money import MoneyPage
from app.web.refusals import error_page
from app.web.rendering import Page
from app.web.report.offline import FormToken, ReportWorker
from app.web.report.page import ReportPage
from app.web.roads.map_days import day_of
from app.web.roads.map_page import Seen, map_values
from app.web.roads.route_page import route_values
from app.web.roads.state_page import look_up, state_values
from app.web.rules.edit import NewRulePage, RulePage
from app.web.rules.listing import RuleSetPage, RulesPage
from app.web.rules.shipped import ShippedRulePage
from app.web.sending import PRIVATE, Request, host_of, send_page
from app.web.sign_in import SignInPage, SignOutPage
from app.web.speaking import LANGUAGES
from app.web.visits import keep_cargo, kept_cargo

#: Before every path of a page: in the language of the browser, or in this one.
PREFIXES = ("", *(f"/{code}" for code in LANGUAGES))
_VARY = b"Accept-Encoding, Accept-Language"
_CHALLENGE = (b"www-authenticate", b'Bearer realm="sira"')


class RoadPage(ABC):
    """A page about roads: for who may read it, else the page that says where to ask.

    Attributes:
        path: Of its route, as metrics are labelled.
    """

    vary = _VARY

    def __init__(self, maker: Maker, path: str) -> None:
        self.maker, self.path = maker, path

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer one request."""
        scope["route"] = self
        request = self.maker.request(scope, send)
        if not await may_read(self.maker, request.wish):
            page = closed_page(self.maker, request.words, path=scope["path"])
            await send_page(send, page, request.wish, cache=PRIVATE, vary=_VARY, more=(_CHALLENGE,))
            return
        own = await own_pages_of(self.maker, request.wish)
        await self.show(replace(request, own_pages=own))

    @abstractmethod
    async def show(self, request: Request) -> None:
        """Send the page to who may read it."""

    async def send(
        self, request: Request, page: Page, *, more: tuple[tuple[bytes, bytes], ...] = ()
    ) -> None:
        """Send `page` with what may be kept of it."""
        cache = cache_of(self.maker, request)
        await send_page(request.send, page, request.wish, cache=cache, vary=self.vary, more=more)


class StatePage(RoadPage):
    """`/`: every route, the worst first; `?q=`: those through a town."""

    @override
    async def show(self, request: Request) -> None:
        """Send the page, as it is at hand where nothing has changed."""
        text = request.query.get("q", "").strip()
        if text:
            self.maker.admit_search(host_of(request.scope))
            page = await self.maker.shelf.once(partial(self._found, text, request))
        else:
            key = ("state", request.words.language, request.own_pages)
            shelf = self.maker.shelf
            page = shelf.at_hand(key) or await shelf.get(key, partial(self._whole, request))
        await self.send(request, page)

    def _whole(self, request: Request, conn: Connection, mark: str) -> Page:
        now = self.maker.state.clock.now()
        roads = self.maker.roads(conn, mark, now=now)
        return self._page(request, mark, state_values(roads, request.words, now=now))

    def _found(self, text: str, request: Request, conn: Connection) -> Page:
        now = self.maker.state.clock.now()
        search = look_up(text, self.maker.context, request.words)
        mark = self.maker.shelf.mark(conn)
        roads = self.maker.roads(conn, mark, now=now)
        values = state_values(roads, request.words, now=now, search=search)
        return self._page(request, mark, values)

    def _page(self, request: Request, mark: str, values: dict[str, Any]) -> Page:
        now, path = self.maker.state.clock.now(), f"/{other_of(request.words)}"
        more = _of_reader(request) | _live(mark)
        return self.maker.page("state", path=path, now=now, **more, **values)


class RoutePage(RoadPage):
    """`/routes/{code}`: one route for the reader's cargo, chosen once and kept in a cookie."""

    vary = _VARY + b", Cookie"

    @override
    async def show(self, request: Request) -> None:
        """Send the page, as it was rendered last where nothing has changed."""
        corridor = corridor_of(request.scope["path_params"]["code"], self.maker.state)
        chosen = request.query.get("cargo", "")
        codes = self.maker.state.config.cargoes.codes
        cargo = next((one for one in (chosen, kept_cargo(request.wish)) if one in codes), codes[0])
        key = ("route", corridor.code, cargo, request.words.language, request.own_pages)
        shelf = self.maker.shelf
        render = partial(self._whole, corridor, cargo, request)
        page = shelf.at_hand(key) or await shelf.get(key, render)
        more = (keep_cargo(cargo, self.maker.state),) if chosen in codes else ()
        await self.send(request, page, more=more)

    def _whole(
        self, corridor: Corridor, cargo: str, request: Request, conn: Connection, mark: str
    ) -> Page:
        now, words = self.maker.state.clock.now(), request.words
        context = self.maker.context
        roads = self.maker.roads(conn, mark, now=now)
        road = next(one for one in roads if one.corridor.code == corridor.code)
        picture = one_road(conn, corridor, cargo, language=words.language, context=context, now=now)
        values = route_values(picture, road, words, now=now)
        path = f"/{other_of(words)}/routes/{quote(corridor.code)}"
        more = _of_reader(request) | _live(mark)
        return self.maker.page("route", path=path, now=now, style="road", **more, **values)


class MapPage(RoadPage):
    """`/map`: the network drawn; `?cargo=` for one, `?route=` seen nearer, `?day=` as it was."""

    @override
    async def show(self, request: Request) -> None:
        """Send the page, as it was rendered last where nothing has changed."""
        given, words = request.query, request.words
        cargo = given.get("cargo", "")
        cargo = cargo if cargo in self.maker.state.config.cargoes.codes else ""
        route = self.maker.state.roads.find_corridor(given.get("route", ""))
        day = day_of(given.get("day", ""), self.maker.state.clock.now(), words.zone)
        key = ("map", cargo, route.code if route else "", day, words.language, request.own_pages)
        render = partial(self._whole, Seen(cargo or None, route, day), request)
        shelf = self.maker.shelf
        page = shelf.at_hand(key)
        if page is None:
            if day is not None:  # there are many of them, and each is drawn from all that was
                self.maker.admit_search(host_of(request.scope))
            page = await shelf.get(key, render)
        await self.send(request, page)

    def _whole(self, seen: Seen, request: Request, conn: Connection, mark: str) -> Page:
        words = request.words
        now, context = self.maker.state.clock.now(), self.maker.context
        if seen.day is None:
            picture = the_map(conn, context, cargo=seen.cargo, now=now)
        else:
            picture = the_map_then(conn, context, cargo=seen.cargo, at=seen.day.end)
        network, outlines = self.maker.state.roads, self.maker.outlines
        values = map_values(picture, network, outlines, words, seen=seen, now=now)
        path = f"/{other_of(words)}/map"
        live = _live(mark) if seen.day is None else {"scripts": True}
        more = _of_reader(request) | live
        return self.maker.page("map", path=path, now=now, style="map", **more, **values)


def _of_reader(request: Request) -> dict[str, Any]:
    """Return what makes a page one of this reader: what its key on the shelf must name."""
    return {"words": request.words, "own_pages": request.own_pages}


def _live(mark: str) -> dict[str, Any]:
    """Return what lets a page hear of news."""
    return {"scripts": True, "live": "/live", "version": version_of(mark)}


def corridor_of(code: str, state: AppState) -> Corridor:
    """Return the route with this code.

    Raises:
        NotFoundError: There is none.
    """
    found = state.roads.find_corridor(code)
    if found is None:
        raise NotFoundError("There is no route with this code.")
    return found


#: By the path below the prefix of a language; those asked for most come first.
_PAGES: dict[str, type[RoadPage]] = {
    "": StatePage,
    "/": StatePage,
    "/routes/{code}": RoutePage,
    "/map": MapPage,
}


#: Pages with forms, each made once for all its paths: what it limits is limited over all of them.
_FORMS: tuple[type[FormPage], ...] = (
    ReportPage,
    SignInPage,
    SignOutPage,
    DeskPage,
    IncidentPage,
    AlertPage,
    UnplacedPage,
    MessagePage,
    ForcedPage,
    SayPage,
    SpeakPage,
    RulesPage,
    RuleSetPage,
    RulePage,
    NewRulePage,
    ShippedRulePage,
    MyPage,
    MoneyPage,
    CallsPage,
    ContactPage,
)


def install(app: FastAPI, state: AppState) -> None:
    """Add the pages to `app`, and show errors as pages to browsers."""
    maker = Maker(state)
    app.state.error_page = partial(error_page, maker)
    routes = [
        Route(path, page(maker, path), methods=["GET"])
        for below, page in _PAGES.items()
        for path in (f"{prefix}{below}" for prefix in PREFIXES)
        if path
    ]
    routes += [
        Route(f"{prefix}/{page.name}", page, methods=["GET", "POST"])
        for page in (form(maker, f"/{form.name}") for form in _FORMS)
        for prefix in PREFIXES
    ]
    routes += [
        Route(f"{prefix}/{part.name}", part, methods=["GET"])
        for part in (made(maker, f"/{made.name}") for made in (ReportWorker, FormToken))
        for prefix in PREFIXES
    ]
    routes += [
        Route(path, stream(maker, path), methods=["GET"])
        for path, stream in (("/live", RoadsStream), ("/live/desk", DeskStream))
    ]
    routes += assets.routes(public=maker.public)
    for route in routes:
        route.include_in_schema = False
    # asked for most, and matched for the price of three short expressions
    app.router.routes[:0] = routes
