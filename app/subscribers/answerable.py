"""Whether somebody at the desk may write to who wrote a message, and why not. Pure."""

from datetime import timedelta
from enum import StrEnum

#: A message is answered while it is news; later its writer has long since arrived, or has not.
ANSWERED_FOR = timedelta(days=7)


class Bar(StrEnum):
    """Why nobody writes to the phone of a message."""

    #: It may be read by who forces its owner: an answer in a person's own words gives him away.
    FORCED = "forced"
    #: It wrote STOP, or its owner said by other ways that he wants nothing.
    STOPPED = "stopped"
    #: What came is of a name or a short code, which no SMS reaches.
    NO_NUMBER = "no_number"
    #: It is too old, or was emptied.
    TOO_OLD = "too_old"
