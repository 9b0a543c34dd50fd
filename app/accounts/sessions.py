"""Sessions of people at a browser, and the tokens in their forms; nothing here reads or writes."""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.accounts.keys import ApiKey, Scope

#: How long a session lives that ends with the browser, and one that a reader asked to keep.
SHORT, LONG = timedelta(hours=12), timedelta(days=7)
#: Who can change what everybody is told signs in every day, whatever was asked.
_DESK = frozenset({Scope.MODERATOR, Scope.ADMIN})
#: Sessions of one key at a time; the oldest makes room.
SESSIONS_PER_KEY = 50

_SECRET_BYTES = 32
_SALT_BYTES = 9
#: 32 bytes in base64url: no key of the API looks like that, nor the other way round.
_SHAPE = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What is known of a session; its token is not among it.

    Attributes:
        key: Whose rights it has: it ends with that key.
    """

    key: ApiKey
    expires_at: datetime


def new_token() -> str:
    """Return the token of a session, or of a visit that is none yet."""
    return secrets.token_urlsafe(_SECRET_BYTES)


def looks_like_token(text: str) -> bool:
    """Tell whether `text` has the shape of a token, so that nothing else reaches the database."""
    return _SHAPE.fullmatch(text) is not None


def hash_token(token: str) -> str:
    """Return what is stored of a session; never the same as of a key."""
    return hashlib.sha256(b"session " + token.encode()).hexdigest()


def ends_at(scope: Scope, *, keep: bool, now: datetime) -> datetime:
    """Return when a session that begins now is over; `keep`: the reader asked to stay."""
    return now + (LONG if keep and scope not in _DESK else SHORT)


def form_token(token: str) -> str:
    """Return what a form of this session holds, which no other site can know.

    It is another one each time: a page is squeezed, and of a text that stays the same its length
    could tell, letter by letter (BREACH).
    """
    salt = secrets.token_urlsafe(_SALT_BYTES)
    return f"{salt}.{_sign(token, salt)}"


def is_form_token(text: str, token: str) -> bool:
    """Tell whether a form with `text` came from a page of this session."""
    salt, _, signature = text.partition(".")
    return hmac.compare_digest(signature.encode(), _sign(token, salt).encode())


def _sign(token: str, salt: str) -> str:
    return hmac.new(token.encode(), b"form " + salt.encode(), hashlib.sha256).hexdigest()
