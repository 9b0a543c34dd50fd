"""How a page leaves: what the browser asked for, what it may keep, and nothing when it has it."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs

from starlette.types import Scope, Send

from app.http.languages import preferred
from app.web.rendering import Page
from app.web.speaking import LANGUAGES, Words

#: Kept by browsers and proxies, and asked about each time: a page of an hour ago is no answer, and
#: a 304 is 300 bytes. `no-transform`: operators' proxies may not rewrite a page about danger.
PUBLIC = b"no-cache, no-transform"
#: What only key holders see, and what must not be found on a phone, is kept nowhere.
PRIVATE = b"private, no-store"

_MOST_FIELDS = 20
#: Source: RFC 9110, 12.4.2: a weight of 0 is "not acceptable".
_NO_GZIP = re.compile(rb"gzip\s*;\s*q=0(?:\.0*)?\s*(?:,|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Asked:
    """The headers of a request that decide how a page is sent."""

    language: bytes
    encoding: bytes
    tag: bytes
    cookie: bytes
    authorization: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request for a page: what the browser asked for, how, and where the answer goes.

    Attributes:
        own_pages: See `admission.own_pages_of`.
    """

    scope: Scope
    wish: Asked
    words: Words
    send: Send
    own_pages: tuple[str, ...] = ()

    @property
    def query(self) -> dict[str, str]:
        """See `query_of`."""
        return query_of(self.scope) if self.scope["query_string"] else {}


def asked(scope: Scope) -> Asked:
    """Return what the browser asked for."""
    found = dict(scope["headers"])
    return Asked(
        language=found.get(b"accept-language", b""),
        encoding=found.get(b"accept-encoding", b""),
        tag=found.get(b"if-none-match", b""),
        cookie=found.get(b"cookie", b""),
        authorization=found.get(b"authorization", b""),
    )


def host_of(scope: Scope) -> str:
    """Return the address that a request came from; behind a proxy that is trusted, its client's."""
    host: str = (scope.get("client") or ("",))[0]
    return host


def language_of(scope: Scope, wish: Asked) -> str:
    """Return the language that the path says, else the one that the browser would rather read."""
    first: str = scope["path"].split("/", 2)[1]
    if first in LANGUAGES:
        return first
    return preferred(wish.language[:200].decode("latin-1"), LANGUAGES)


def query_of(scope: Scope) -> dict[str, str]:
    """Return the query; of a name given twice the first."""
    raw: bytes = scope["query_string"]
    try:
        found = parse_qs(
            raw.decode("latin-1"),
            keep_blank_values=True,
            max_num_fields=_MOST_FIELDS,
            errors="replace",
        )
    except ValueError:
        return {}
    return {name: values[0] for name, values in found.items()}


def takes_gzip(encoding: bytes) -> bool:
    """Tell whether a browser that accepts `encoding` can be sent less."""
    return b"gzip" in encoding and not _NO_GZIP.search(encoding)


async def send_page(
    send: Send,
    page: Page,
    wish: Asked,
    *,
    cache: bytes,
    vary: bytes,
    more: tuple[tuple[bytes, bytes], ...],
) -> None:
    """Send a page, or only that the browser has it already."""
    sheet = page.squeezed if takes_gzip(wish.encoding) else page.plain
    headers = [*sheet.headers, (b"cache-control", cache), (b"vary", vary), *more]
    status, body = page.status, sheet.body
    if wish.tag and status == 200 and sheet.tag in wish.tag:  # noqa: PLR2004 - OK
        status, body = 304, b""
        headers = [one for one in headers if one[0] not in _OF_A_BODY]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


_OF_A_BODY = frozenset({b"content-type", b"content-length", b"content-encoding"})
