"""Who sits at the browser: the cookie of a session, and what it opens as long as its key lives."""

from dataclasses import dataclass, replace

from app.accounts import store as accounts_store
from app.accounts.keys import ApiKey
from app.accounts.sessions import LONG, hash_token, looks_like_token
from app.http.state import AppState
from app.web.sending import Asked

Header = tuple[bytes, bytes]

_SESSION, _VISIT = "session", "visit"
#: The cargo that a reader chose on the page of a route.
CARGO = "cargo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Somebody signed in: with which token, and with whose rights."""

    token: str
    key: ApiKey


def cookie_of(name: str, wish: Asked, state: AppState) -> str:
    """Return the token in a cookie, "" where there is none that can be one."""
    wanted = _named(name, state)
    for entry in wish.cookie.decode("latin-1").split(";"):
        found, _, value = entry.strip().partition("=")
        if found == wanted and looks_like_token(value):
            return value
    return ""


def visit_of(wish: Asked, state: AppState) -> str:
    """Return the token of a visit that is no session yet, "" without one."""
    return cookie_of(_VISIT, wish, state)


async def visitor_of(wish: Asked, state: AppState) -> Visitor | None:
    """Return who is signed in with this browser; None: nobody, or nobody any more.

    A session is remembered as long as a key is: another process's revocation or sign-out may go
    unseen for `REMEMBERED_FOR`.
    """
    token = cookie_of(_SESSION, wish, state)
    if not token:
        return None
    now, token_hash = state.clock.now(), hash_token(token)
    key = state.keys.find(token_hash, now=now)
    if key is None:
        generation = state.keys.generation
        session = await state.db.read(lambda conn: accounts_store.find_session(conn, token_hash))
        if session is None:
            return None
        ends = min(session.expires_at, session.key.expires_at or session.expires_at)
        key = replace(session.key, expires_at=ends)
        state.keys.remember(token_hash, key, generation=generation, now=now)
    return Visitor(token=token, key=key) if key.is_live(now) else None


def keep_session(token: str, *, keep: bool, state: AppState) -> Header:
    """Return the header that signs a browser in; without `keep` until it is closed.

    Lax, not strict: a link in an e-mail or an SMS must open the page. What changes something is
    guarded by the token and the origin of its form.
    """
    age = f"; Max-Age={int(LONG.total_seconds())}" if keep else ""
    return _set(_SESSION, f"{token}{age}; SameSite=Lax", state)


def keep_visit(token: str, state: AppState) -> Header:
    """Return the header that ties a form for signing in to the browser that asked for it."""
    return _set(_VISIT, f"{token}; SameSite=Strict", state)


def forget(state: AppState) -> tuple[Header, ...]:
    """Return the headers that leave nothing of the reader in the browser."""
    gone = [_set(name, "; Max-Age=0; SameSite=Lax", state) for name in (_SESSION, _VISIT)]
    cargo = f"{CARGO}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"
    return (*gone, (b"set-cookie", cargo.encode()))


def forget_visit(state: AppState) -> Header:
    """Return the header that takes the cookie of a visit away."""
    return _set(_VISIT, "; Max-Age=0; SameSite=Strict", state)


def _named(name: str, state: AppState) -> str:
    # Browsers take `__Host-` from this very host over https alone: no sister site can plant one.
    return f"__Host-{name}" if _is_https(state) else name


def _set(name: str, rest: str, state: AppState) -> Header:
    secure = "; Secure" if _is_https(state) else ""
    return b"set-cookie", f"{_named(name, state)}={rest}; Path=/; HttpOnly{secure}".encode()


def _is_https(state: AppState) -> bool:
    return (state.settings.public_url or "").startswith("https:")
