"""How long a provider's log is asked that answers nobody."""

import logging
from datetime import datetime, timedelta

_log = logging.getLogger(__name__)

#: Questions without an answer, one after another, after which the log is left alone.
_SILENT = 3
#: Rests without an answer in between after which it is known to be silent, not just disturbed.
_GIVEN_UP = 2


class Patience:
    """What one process knows of how a log answers.

    A question counts against it where none was answered since it was asked: of a log that answers
    some and not others, one goes on asking.

    Args:
        rest: How long it is left alone.
    """

    def __init__(self, *, rest: timedelta) -> None:
        self._rest = rest
        self._asked = self._answered = 0
        self._silent = self._rests = 0
        self._until: datetime | None = None

    def ask(self) -> int:
        """Return the number of a question that is asked now."""
        self._asked += 1
        return self._asked

    def answered(self) -> None:
        """Take note that it answered one."""
        if self._rests:
            _log.info("doubts.log_answers")
        self._answered = self._asked
        self._silent = self._rests = 0
        self._until = None

    def unanswered(self, question: int, *, now: datetime) -> None:
        """Take note that it did not answer this one."""
        if question <= self._answered:
            return
        self._silent += 1
        if self._silent >= _SILENT and not self.is_resting(now):
            self._rests += 1
            self._until = now + self._rest
            _log.warning("doubts.log_silent", extra={"until": str(self._until)})

    def room(self, now: datetime, *, most: int) -> int:
        """Return how many questions may wait for an answer at once."""
        if self._until is None:
            return most
        return 0 if self.is_resting(now) else 1

    def is_given_up(self, now: datetime) -> bool:
        """Tell whether it rests, and was tried since it fell silent: nothing is to be had of it."""
        return self._rests >= _GIVEN_UP and self.is_resting(now)

    def is_resting(self, now: datetime) -> bool:
        """Tell whether it is left alone; a clock that was put back does not make that longer."""
        return self._until is not None and timedelta(0) < self._until - now <= self._rest
