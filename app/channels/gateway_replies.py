"""What Kannel's answers and delivery reports mean for us, as data.

Source: Kannel user guide 1.4.5, "SMS push reply codes" and table "DLR mask"; the words are those of
gw/smsbox.c. Gateways that speak its dialect keep to the HTTP status at least.
"""

from app.channels.base import Rejected

#: Beginnings of the body of a 2xx: accepted, kept until there is a line, and the answer of a
#: gateway that was told not to say more.
ACCEPTED = ("0: ", "3: ", "Sent.")

#: No line of the gateway takes this number, and none will; another provider may.
_NO_LINE = "not routable"
#: (HTTP status, words in the body, lower case) -> (permanent, whose trouble it is). The first that
#: fits counts; "" fits any body, and status 4 stands for the rest of 4xx.
_REPLIES: tuple[tuple[int, str, bool, str], ...] = (
    (403, "authorization failed", True, "account"),
    (403, _NO_LINE, True, "recipient"),
    (403, "black-list", True, "recipient"),
    (401, "", True, "account"),
    (402, "", True, "account"),  # out of money, in dialects that have it
    (404, "", True, "account"),  # no sendsms there: our URL is wrong
    (405, "", True, "account"),
    (408, "", False, "provider"),
    (413, "", True, "recipient"),
    (429, "", False, "provider"),
    (503, "", False, "provider"),  # "Temporal failure, try again later."
    (4, "", True, "recipient"),  # missing or empty number, a field it may not set
)

#: A gateway between that may have passed the request on before it lost the answer.
UNCLEAR_STATUS = frozenset({500, 502, 504})

#: What to be told of: delivered, not delivered, kept by the SMSC, taken and refused by the SMSC.
DLR_MASK = 1 | 2 | 4 | 8 | 16

#: Type of a delivery report -> our word for it. Bits: a report may say two things at once.
_REPORTS: tuple[tuple[int, str], ...] = (
    (1, "delivered"),
    (2, "undelivered"),
    (16, "failed"),
    (8, "sent"),
    (4, "queued"),
)

_CLASS = 100


def rejection(status: int, body: str, *, detail: str, retry_after_s: float | None) -> Rejected:
    """Return what an answer that is no acceptance means."""
    said = body.lower()
    for known, words, permanent, scope in _REPLIES:
        if known in {status, status // _CLASS} and words in said:
            return Rejected(
                permanent=permanent,
                code=str(status),
                detail=detail,
                scope=scope,
                retry_after_s=retry_after_s,
                elsewhere=words == _NO_LINE,
            )
    return Rejected(
        permanent=False,
        code=str(status),
        detail=detail,
        scope="provider",
        retry_after_s=retry_after_s,
    )


def word_of(report: int) -> str | None:
    """Return our word for the type of a delivery report; None: one that Kannel does not have."""
    return next((word for bit, word in _REPORTS if report & bit), None)
