"""Who may read the pages: everybody where the operator says so, else who has a key or signed in."""

from fastapi.security import HTTPAuthorizationCredentials

from app.accounts.keys import Scope
from app.core.errors import UnauthorizedError
from app.http.deps import allows, authenticate
from app.web.forms import next_query
from app.web.maker import Maker
from app.web.rendering import Page
from app.web.sending import PRIVATE, PUBLIC, Asked, Request
from app.web.speaking import Words
from app.web.visits import visitor_of

_SCHEME = "bearer"


async def may_read(maker: Maker, wish: Asked) -> bool:
    """Tell whether a request may see the roads."""
    if maker.public:
        return True
    return await _has_key(maker, wish) or await visitor_of(wish, maker.state) is not None


async def _has_key(maker: Maker, wish: Asked) -> bool:
    scheme, _, key = wish.authorization.decode("latin-1").partition(" ")
    if scheme.lower() != _SCHEME or not key:
        return False
    given = HTTPAuthorizationCredentials(scheme=scheme, credentials=key.strip())
    try:
        await authenticate(maker.state, given, maker.state.clock.now())
    except UnauthorizedError:
        return False
    return True


async def own_pages_of(maker: Maker, wish: Asked) -> tuple[str, ...]:
    """Return where a page about roads leads who is signed in: to what is his, and out."""
    visitor = await visitor_of(wish, maker.state)
    if visitor is None:
        return ()
    own = {"desk": Scope.MODERATOR, "my": Scope.SUBSCRIBER}
    first = next((name for name, scope in own.items() if allows(visitor.key.scope, scope)), None)
    return (first, "sign_out") if first else ("sign_out",)


def cache_of(maker: Maker, request: Request) -> bytes:
    """Return what browsers and proxies may keep of a page about roads."""
    return PUBLIC if maker.public and not request.own_pages else PRIVATE


def closed_page(maker: Maker, words: Words, *, path: str) -> Page:
    """Return the page that says where to ask, and lets a reader sign in and come back to `path`."""
    other = "en" if words.language == "fr" else "fr"
    return maker.page(
        "closed",
        words,
        path=f"/{other}",
        now=maker.state.clock.now(),
        status=401,
        title=words("closed_title"),
        sign_in=f"/{words.language}/sign-in{next_query(path)}",
    )
