"""What every page is made from, and the state of all routes, read once for all who ask."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from starlette.types import Scope, Send

from app.accounts.limits import TokenBuckets, public_network_of
from app.core.errors import LimitError
from app.flows.context import Context
from app.flows.readers import picture
from app.flows.readers.other_roads import OtherRoads
from app.flows.readers.picture import Road
from app.http.state import AppState
from app.roads.outlines import OUTLINES, load_outlines
from app.web.rendering import Page, press
from app.web.sending import Request, asked, language_of
from app.web.shelf import KEPT_FOR, Shelf
from app.web.speaking import Words, load_words

#: Searches that are answered, of all readers together: each takes a processor for 20 ms, and what
#: reporters send comes first.
SEARCHES_PER_MINUTE, SEARCHES_AT_ONCE = 900, 60
#: One network address may have half of them, or a laptop takes all: behind one may be a whole
#: telephone company, and readers behind a proxy that is not named all have its private one, which
#: is no share.
_SHARE = 2


class Maker:
    """Makes the pages of one application.

    Attributes:
        public: Whether anybody may read them.
    """

    def __init__(self, state: AppState) -> None:
        self.state = state
        self.context: Context = state.context
        self.public = state.settings.public_pages
        self.words = load_words(state.config)
        self.shelf = Shelf(state.db, state.clock)
        self.outlines = load_outlines(state.config.directory / "network" / OUTLINES)
        self._searches = TokenBuckets(SEARCHES_PER_MINUTE, SEARCHES_AT_ONCE)
        self._of_one = TokenBuckets(SEARCHES_PER_MINUTE / _SHARE, SEARCHES_AT_ONCE / _SHARE)
        self._press = press()
        self._others = OtherRoads()
        self._roads: tuple[str, datetime, list[Road]] | None = None

    @property
    def robots(self) -> str:
        """What search engines may do: never keep a copy, it would outlive the danger it tells."""
        return "index, noarchive" if self.public else "noindex, nofollow, noarchive"

    def request(self, scope: Scope, send: Send) -> Request:
        """Return a request, in the language that it is answered in."""
        wish = asked(scope)
        words = self.words[language_of(scope, wish)]
        return Request(scope=scope, wish=wish, words=words, send=send)

    def page(
        self,
        template: str,
        words: Words,
        *,
        path: str,
        now: datetime,
        style: str = "style",
        status: int = 200,
        dense: str = "",
        own_pages: tuple[str, ...] = (),
        **values: Any,
    ) -> Page:
        """Return a page.

        Args:
            template: Its name.
            words: The language.
            path: Of the same page in the other language.
            now: When it is rendered.
            style: Its style sheet.
            status: Of the response.
            dense: Classes that make it small in print, to fit on one sheet.
            own_pages: Of who reads it signed in, by name: links beside those of everybody.
            values: What the template prints.
        """
        return self._press.page(
            template,
            words,
            now=now,
            style=style,
            status=status,
            dense=dense,
            own_pages=own_pages,
            robots=self.robots,
            other_path=path,
            write_to=self.state.settings.inbound_number,
            **values,
        )

    def admit_search(self, host: str) -> None:
        """Count a search that came from an address.

        Raises:
            LimitError: there are too many at the moment.
        """
        now, network = self.state.clock.now(), public_network_of(host)
        wait_s = self._of_one.take(network, 1, now=now) if network else 0
        wait_s = wait_s or self._searches.take("search", 1, now=now)
        if wait_s:
            raise LimitError("Too many searches at once.", retry_after_s=wait_s)

    def roads(self, conn: Connection, mark: str, *, now: datetime) -> list[Road]:
        """Return how every route stands, as read before where nothing has changed since."""
        known = self._roads
        if known is not None and known[0] == mark and abs(now - known[1]) < KEPT_FOR:
            return known[2]
        roads = picture.all_roads(conn, self.context, now=now, others=self._others)
        self._roads = (mark, now, roads)
        return roads


def other_of(words: Words) -> str:
    """Return the other language."""
    return "en" if words.language == "fr" else "fr"
