"""What an SMTP server's refusals mean for us, as data.

Source: RFC 5321, 4.2.1 (4yz: try again, 5yz: do not), 4.2.3 and 4.3.2; RFC 4954, 6 for AUTH. What
a 5yz means is said by the code of RFC 3463 behind it. Without one it is believed when it is said
again: a server that has never seen us may refuse us once to see whether we come back (greylisting,
for which RFC 6647 wants 4yz), and one whose disk is full may say 550.
"""

import re
from dataclasses import replace

from app.channels.base import Rejected, without_contacts

#: (phase, reply) -> (permanent, whose trouble it is). Phases: connect, auth (us), mail (our address
#: as the sender), rcpt (this recipient), data (this text). 4 and 5 stand for the rest of the class.
_REPLIES: dict[tuple[str, int], tuple[bool, str]] = {
    ("connect", 4): (False, "provider"),
    ("connect", 5): (False, "provider"),  # turned away at the door: it may be for the day
    ("auth", 4): (False, "provider"),
    ("auth", 5): (True, "account"),
    ("mail", 4): (False, "provider"),
    ("mail", 5): (True, "account"),  # the server will not take mail from us
    ("rcpt", 421): (False, "provider"),  # service closing
    ("rcpt", 452): (False, "provider"),  # too many recipients, or no room
    ("rcpt", 552): (False, "recipient"),  # no room. Source: RFC 5321, 4.5.3.1.10
    ("rcpt", 530): (True, "account"),  # authentication or STARTTLS demanded
    ("rcpt", 4): (False, "recipient"),  # greylisting, a full mailbox
    ("rcpt", 5): (True, "recipient"),
    ("data", 421): (False, "provider"),
    ("data", 451): (False, "provider"),  # error in processing
    ("data", 452): (False, "provider"),
    ("data", 552): (False, "recipient"),  # no room
    ("data", 4): (False, "recipient"),
    ("data", 5): (True, "recipient"),  # this text is refused for this recipient
}
_PERMANENT_FROM = 500
_TO_RECIPIENT = ("rcpt", "data")
#: The code of RFC 3463: before the words, or at their end as qmail has it, "(#5.1.1)".
_SAID = re.compile(r"(5\.\d{1,3}\.\d{1,3})\b|.*\(#(5\.\d{1,3}\.\d{1,3})\)", re.DOTALL)
#: For good, says the server, but of us and not of the recipient: we may not send (relaying denied,
#: not allowed to send as this address, taken for spam), the day's quota is used up, the system
#: takes no mail or has no room. Somebody mends that, or the day ends. So does a full mailbox:
#: "persistent transient", whatever it begins with. Source: RFC 3463, 3.3 to 3.5 and 3.8.
_FOR_NOW = re.compile(r"5\.(7\.\d{1,3}|4\.5|3\.[12]|2\.2)")
#: Replies 5yz without such a code until one is believed, and the time between them: servers that
#: greylist want to see us again after 5 minutes mostly. Source: RFC 6647, 5.
_BARE_TRIES = 4
_BARE_PAUSE_S = 300.0

#: Codes of a mail that came back which say that its mailbox takes nothing: no such mailbox, no such
#: domain, an address that is none, moved away, a domain without mail, a mailbox that is closed.
#: Source: RFC 3463, 3.2 and 3.3; RFC 7505, 4.
_NO_MAILBOX = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"})


def has_no_mailbox(code: str) -> bool:
    """Tell whether the code of a mail that came back says that nothing will ever arrive there."""
    return code in _NO_MAILBOX


def rejection(phase: str, code: int, said: str) -> Rejected:
    """Return what the reply `code` in `phase` means, with the words that the server said."""
    kind = 5 if code >= _PERMANENT_FROM else 4
    permanent, scope = _REPLIES.get((phase, code)) or _REPLIES[(phase, kind)]
    found = Rejected(
        permanent=permanent, code=str(code), detail=without_contacts(said), scope=scope
    )
    if phase not in _TO_RECIPIENT or not found.is_final(1):
        return found
    why = _SAID.match(said)
    if why is None:
        return replace(found, permanent=False, tries=_BARE_TRIES, retry_after_s=_BARE_PAUSE_S)
    return replace(found, permanent=not _FOR_NOW.fullmatch(why[1] or why[2]))
