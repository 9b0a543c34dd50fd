"""Why a delivery ended or was put back, as its record says it."""

from datetime import UTC, datetime

#: A delivery that had not left was taken out of the queue: something newer is said.
OVERTAKEN = "overtaken"
#: It was never sent: another one of its bundle says it, too, for several cargoes.
SAID_TOGETHER = "said_together"
#: It was never sent: the message with the same `digest_id` says it.
IN_DIGEST = "in_digest"
#: It never left, and another message says what it had to say.
SAID_BY_OTHERS = frozenset({OVERTAKEN, SAID_TOGETHER, IN_DIGEST})
#: It waited, and is over by now: nobody reads old news.
NO_LONGER_TRUE = "no_longer_true"
#: It waited, and its address is gone, or wants nothing any more.
NO_ADDRESS = "no_address"
#: It was never sent: its reader had said STOP, before whoever told him added his address.
OPTED_OUT = "opted_out"
#: It was never sent: there is no money for it, and an e-mail says it.
BUDGET = "budget"
#: It may have left and was put back: the doubt could not be settled in time.
UNSETTLED = "unsettled"

#: It was not tried: every provider that takes its address is left alone.
RESTING = "resting"
#: It is in doubt: the worker that held it vanished.
LEASE_LOST = "lease_lost"
#: It was to say that nobody answers; somebody did before it left.
ANSWERED = "answered"

#: When what waits is due: not before it is put into a message.
NEVER = datetime(9999, 12, 31, tzinfo=UTC)
