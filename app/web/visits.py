"""Who sits at the browser: the cookie of a session, and what it opens as long as its key lives."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from app.accounts import store as accounts_store
from app.accounts.keys import ApiKey
from app.accounts.one_time import KNOWN_FOR
from app.accounts.sessions import LONG, hash_token, looks_like_token
from app.http.state import AppState
from app.web.sending import Asked

Header = tuple[bytes, bytes]

_SESSION, _VISIT, _KNOWN = "session", "visit", "known"
#: The cargo that a reader chose on the page of a route, and for how long.
_CARGO, _CARGO_KEPT_S = "cargo", 30 * 24 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Somebody signed in: with which token, and with whose rights."""

    token: str
    key: ApiKey


def cookie_of(name: str, wish: Asked, state: AppState) -> str:
    """Return the token in a cookie, "" where there is none that can be one."""
    return next(filter(looks_like_token, _values(_named(name, state), wish)), "")


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
    age_s = int(LONG.total_seconds()) if keep else None
    return _cookie(_named(_SESSION, state), token, state, age_s=age_s)


def keep_visit(token: str, state: AppState) -> Header:
    """Return the header that ties a form for signing in to the browser that asked for it."""
    return _cookie(_named(_VISIT, state), token, state, site="Strict")


def known_of(wish: Asked, state: AppState) -> str:
    """Return the token of the visit in which somebody signed in by code, "" without one."""
    return cookie_of(_KNOWN, wish, state)


def keep_known(visit: str, state: AppState) -> Header:
    """Return the header by which a browser is known again when its person asks for a code.

    Until he signs out: then nothing is left.
    """
    age_s = int(KNOWN_FOR.total_seconds())
    return _cookie(_named(_KNOWN, state), visit, state, age_s=age_s, site="Strict")


def forget(state: AppState) -> tuple[Header, ...]:
    """Return the headers that leave nothing of the reader in the browser."""
    names = (*(_named(one, state) for one in (_SESSION, _VISIT, _KNOWN)), _CARGO)
    return tuple(_cookie(name, "", state, age_s=0) for name in names)


def kept_cargo(wish: Asked) -> str:
    """Return the cargo that the reader chose before, "" without one."""
    return next(_values(_CARGO, wish), "")


def keep_cargo(cargo: str, state: AppState) -> Header:
    """Return the header that keeps a choice in the reader's browser, and nowhere else."""
    return _cookie(_CARGO, cargo, state, age_s=_CARGO_KEPT_S)


def forget_visit(state: AppState) -> Header:
    """Return the header that takes the cookie of a visit away."""
    return _cookie(_named(_VISIT, state), "", state, age_s=0, site="Strict")


def _named(name: str, state: AppState) -> str:
    # Browsers take `__Host-` from this very host over https alone: no sister site can plant one.
    return f"__Host-{name}" if _is_https(state) else name


def _cookie(
    name: str, value: str, state: AppState, *, age_s: int | None = None, site: str = "Lax"
) -> Header:
    """Return the header that sets a cookie; without an age it goes when the browser is closed."""
    age = "" if age_s is None else f"; Max-Age={age_s}"
    secure = "; Secure" if _is_https(state) else ""
    return b"set-cookie", f"{name}={value}; Path=/{age}; HttpOnly; SameSite={site}{secure}".encode()


def _values(name: str, wish: Asked) -> Iterator[str]:
    """Yield what a browser sent under a name: there may be several, of other paths."""
    for entry in wish.cookie.decode("latin-1").split(";"):
        found, _, value = entry.strip().partition("=")
        if found == name:
            yield value


def _is_https(state: AppState) -> bool:
    return (state.settings.public_url or "").startswith("https:")
