"""An invitation: its code and link, and what an answer to it is worth. Pure."""

import hmac
import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.subscribers.contact import FIELD_OF, ContactChannel
from app.subscribers.signed_link import Keyed, read_link, sign_link

#: A million codes and a handful of tries; short enough to be read out over a bad line.
_DIGITS = 6
#: What the link of an invitation is good for.
_PAGE = "join-page"
#: Of a token as many hex digits as leave a code no bias that matters.
_ENOUGH = 15
_CODE = re.compile(r"(?:ok|oui|yes|code)?(\d{6})", re.IGNORECASE)
_NO = frozenset({"non", "no", "refuse", "refus"})


class State(StrEnum):
    """What became of an invitation."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    EXPIRED = "expired"
    #: Too many wrong codes.
    SPENT = "spent"
    #: It cannot be sent.
    FAILED = "failed"


class AnsweredBy(StrEnum):
    """How an answer came: by SMS from the phone, as a code told to the organisation, by a link."""

    SMS = "sms"
    CODE = "code"
    PAGE = "page"


class Verdict(StrEnum):
    """What a code is worth."""

    RIGHT = "right"
    WRONG = "wrong"
    #: Wrong once too often: the invitation is void.
    SPENT = "spent"
    #: There is nothing to confirm.
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """One invitation, as it is kept.

    Attributes:
        contact_id: None: the contact is gone.
        channel: Of the address that it went to.
        wording: Name of the text that was shown; `wording_hash`: SHA-256 of its words.
        way: How the answer came.
        wrong: Wrong codes so far.
    """

    id: str
    contact_id: str | None
    organisation_id: str
    channel: ContactChannel
    language: str
    wording: str
    wording_hash: str
    invited_by: str
    state: State
    way: AnsweredBy | None
    wrong: int
    created_at: datetime
    expires_at: datetime
    answered_at: datetime | None
    sent_at: datetime | None

    def is_open(self, now: datetime) -> bool:
        """Tell whether it can be answered."""
        return self.state is State.OPEN and now < self.expires_at and self.contact_id is not None

    def state_at(self, now: datetime) -> State:
        """Return what it is now: an open one runs out by itself."""
        expired = self.state is State.OPEN and now >= self.expires_at
        return State.EXPIRED if expired else self.state


def code_of(invitation_id: str, keyed: Keyed) -> str:
    """Return the code of an invitation.

    It follows from the id and a key of ours, so that it need not be kept: no dump holds it, and a
    message that is sent again says the same one.
    """
    return f"{int(keyed(f'join|{invitation_id}')[:_ENOUGH], 16) % 10**_DIGITS:0{_DIGITS}}"


def link_of(invitation_id: str, keyed: Keyed) -> str:
    """Return what stands in the link of an invitation, and opens its page."""
    return sign_link(_PAGE, invitation_id, keyed)


def opened_by(link: str, keyed: Keyed) -> str | None:
    """Return the id of the invitation that a link opens; None: it is none of ours."""
    return read_link(_PAGE, link, keyed)


def judge(
    invitation: Invitation | None, code: str, keyed: Keyed, *, wrong_codes: int, now: datetime
) -> Verdict:
    """Return what a code is worth; `wrong_codes`: after so many the invitation is void."""
    if invitation is None or not invitation.is_open(now):
        return Verdict.CLOSED
    if hmac.compare_digest(code.encode(), code_of(invitation.id, keyed).encode()):
        return Verdict.RIGHT
    return Verdict.SPENT if invitation.wrong + 1 >= wrong_codes else Verdict.WRONG


def code_in(text: str) -> str | None:
    """Return the code in a message that says a code and nothing else; None: it does not."""
    found = _CODE.fullmatch(re.sub(r"[\W_]", "", text))
    return found[1] if found and found[1].isascii() else None


def says_no(text: str) -> bool:
    """Tell whether a message refuses, and says nothing else."""
    return re.sub(r"[\W_]", "", text).lower() in _NO


def goes_along(channel: ContactChannel, confirmed: ContactChannel) -> bool:
    """Tell whether a yes at one address is a yes for that of `channel`: it is the same one."""
    return FIELD_OF[channel] == FIELD_OF[confirmed]
