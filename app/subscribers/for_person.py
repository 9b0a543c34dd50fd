"""What somebody at the desk has to read, as nothing was made of it. Pure."""

from app.incidents.kinds import Kinds
from app.incidents.report import Family
from app.subscribers.conversation import Outcome
from app.subscribers.understood import Action, Reading

#: What became of a message that tells of a danger and made no report.
NOT_FILED = frozenset({Outcome.UNKNOWN, Outcome.ASKED, Outcome.REFUSED})
#: And of one that is not plain; a machine's, or a loop's, is nobody's word.
_NOT_DONE = NOT_FILED | {Outcome.UNCLEAR, Outcome.NOTHING}


def is_for_person(reading: Reading, outcome: Outcome, kinds: Kinds) -> bool:
    """Tell whether a person has to read a message.

    It tells of a danger, of which Sira could make no report or asked what is meant, and who wrote
    may never come to answer; it denies one, moves one that was told, tells of one at a place that
    nobody knows as well, or calls for help. A stranger's, too: nothing is done of what he writes,
    so nobody else reads it.
    """
    if reading.action is Action.REPORT:
        return outcome in NOT_FILED or bool(reading.moved_from or reading.said)
    if reading.action is not Action.UNCLEAR or outcome not in _NOT_DONE:
        return False
    return reading.denied or reading.in_need or _names_danger(reading, kinds)


def _names_danger(reading: Reading, kinds: Kinds) -> bool:
    """Tell whether a message that is not plain names one: of a place alone it may just ask."""
    kind = kinds.find(reading.kind) if reading.kind else None
    if kind is not None:
        return kind.family is not Family.POSITIVE
    return any(one.action is Action.REPORT and one.place is None for one in reading.choices)
