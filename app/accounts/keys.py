"""API keys: how they are made, recognised and remembered; nothing here reads or writes."""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Scope(StrEnum):
    """What a key is for. `admin` may do everything; each other scope only what names it."""

    REPORTER = "reporter"
    SUBSCRIBER = "subscriber"
    MODERATOR = "moderator"
    ADMIN = "admin"


#: `sira_<first letter of the scope>_<43 characters>`: secret scanners and people recognise it.
KEY_SHAPE = re.compile(r"sira_[rsma]_[A-Za-z0-9_-]{43}", re.ASCII)

#: Bytes of randomness in a key.
SECRET_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """What is known of a key; the key itself is not among it."""

    id: str
    scope: Scope
    organisation_id: str | None
    name: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None

    def is_live(self, now: datetime) -> bool:
        """Tell whether the key opens anything at `now`."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


def new_key(scope: Scope) -> str:
    """Return a fresh key of `scope`; it can never be read again once it has been shown."""
    return f"sira_{scope[0]}_{secrets.token_urlsafe(SECRET_BYTES)}"


def hash_key(key: str) -> str:
    """Return what is stored of `key`.

    One round of SHA-256: a key holds 256 random bits, so there is no dictionary that a slow hash
    would have to slow down, and every request pays for this call.
    """
    return hashlib.sha256(key.encode()).hexdigest()


def looks_like_key(text: str) -> bool:
    """Tell whether `text` has the shape of a key, so that nothing else reaches the database."""
    return KEY_SHAPE.fullmatch(text) is not None
