"""Codes that a contact signs in with once, and how often they may be asked for and tried. Pure."""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

#: Ten million to one against each try.
DIGITS = 8
GOOD_FOR = timedelta(minutes=10)
#: Tries at one code.
MOST_ATTEMPTS = 5
#: Between two codes for one person; and codes in a day: each is paid for, and wakes somebody.
AGAIN_AFTER, MOST_A_DAY, DAY = timedelta(minutes=1), 8, timedelta(hours=24)

_SPACES = re.compile(r"[\s.\-\u00a0\u202f]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How often a person has asked for a code.

    Attributes:
        at: The last time; None: never.
        day_began_at: When the day began that is counted.
        on_day: Codes since then.
    """

    at: datetime | None
    day_began_at: datetime | None
    on_day: int


def new_code() -> str:
    """Return a code that nobody can foresee."""
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"


def as_typed(text: str) -> str | None:
    """Return the code that somebody typed, with or without gaps; None: it is none."""
    code = _SPACES.sub("", text[:40])
    return code if len(code) == DIGITS and code.isascii() and code.isdigit() else None


def hash_code(code: str, visit: str) -> str:
    """Return what is kept of a code: it opens nothing without the browser that asked for it.

    The key is the secret of that browser's visit, of which the database has a hash only: whoever
    reads the database cannot try the codes one by one.
    """
    return hmac.new(visit.encode(), b"code " + code.encode(), hashlib.sha256).hexdigest()


def is_code(code: str, visit: str, code_hash: str) -> bool:
    """Tell whether this is the code, in a time that says nothing of how near it came."""
    return hmac.compare_digest(hash_code(code, visit), code_hash)


def count_asking(asked: Asked, *, now: datetime) -> Asked | None:
    """Return the count with one code more; None: he has to wait."""
    if asked.at is not None and now - asked.at < AGAIN_AFTER:
        return None
    if asked.day_began_at is None or now - asked.day_began_at >= DAY:
        return Asked(at=now, day_began_at=now, on_day=1)
    if asked.on_day >= MOST_A_DAY:
        return None
    return Asked(at=now, day_began_at=asked.day_began_at, on_day=asked.on_day + 1)
