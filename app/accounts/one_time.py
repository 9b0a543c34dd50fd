"""Codes that a contact signs in with once, and how often they may be asked for and tried. Pure."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

#: Ten million to one against each try.
DIGITS = 8
GOOD_FOR = timedelta(minutes=10)
#: Tries at one code.
MOST_ATTEMPTS = 5
#: Between two codes for one address that one browser or network asks for; and how many in a day.
AGAIN_AFTER, MOST_A_DAY, DAY = timedelta(minutes=1), 8, timedelta(hours=24)
#: Codes in a day for one address that all strangers together may ask for.
MOST_OF_STRANGERS = 24
#: Likewise for all people of one organisation. Whoever stole its key lets in number after number,
#: or one that he removes and adds again, and has a code sent to each at its cost.
MOST_OF_ORGANISATION = 240
#: How long a browser is known after its person signed in with it.
KNOWN_FOR = timedelta(days=90)

_SPACES = re.compile(r"[\s.\-\u00a0\u202f]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A code that was sent to an address.

    Attributes:
        at: When.
        by: Who asked: a browser in which its person signed in before, or else a network.
        known: Whether it was such a browser.
    """

    at: datetime
    by: str
    known: bool


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


def may_ask(before: Iterable[Asked], *, by: str, known: bool, now: datetime) -> bool:
    """Tell whether a code more may be sent to an address.

    Everybody's requests are counted apart, or whoever knows a manager's number would use up his
    codes and so lock him out: see OWASP, "Slow Down Online Guessing Attacks with Device Cookies".
    Strangers have a sum besides, for each code is paid for, and wakes somebody; a browser in which
    he signed in before is not held to it.
    """
    day = [one for one in before if now - one.at < DAY]
    own = [one.at for one in day if one.by == by]
    if own and now - max(own) < AGAIN_AFTER:
        return False
    if len(own) >= MOST_A_DAY:
        return False
    return known or sum(not one.known for one in day) < MOST_OF_STRANGERS
