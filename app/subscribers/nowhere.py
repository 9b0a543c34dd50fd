"""Nobody can say where on a road it was, and the message says so: "lieu exact inconnu". Pure."""

import re
from typing import Any

from app.roads.gazetteer import Gazetteer
from app.subscribers import commands
from app.subscribers.conversation import settle
from app.subscribers.inbound_codec import Said
from app.subscribers.lexicon import Lexicon
from app.subscribers.understood import Action, Missing, Reading, Standing
from app.subscribers.wording import words_of

_TOKEN = re.compile(r"\S+")
#: One word alone is said of much else: "hommes inconnus".
_FEWEST, _MOST = 2, 8


def understand(
    text: str, standing: Standing, *, lexicon: Lexicon, gazetteer: Gazetteer, **how: Any
) -> Reading:
    """Return what `commands.understand` does, and a report of a long road at once as of all of it.

    Whoever was told so on the telephone sends one message and drives on: the question where
    exactly would wait for him while all of that road is open.
    """

    def read(said: str) -> Reading:
        return commands.understand(said, standing, lexicon=lexicon, gazetteer=gazetteer, **how)

    reading = read(text)
    told = without_doubt_where(text, lexicon)
    if told is None or reading.action in (Action.CHOICE, Action.STOP):
        return reading
    asks = read(told)
    placed = reading.action is Action.REPORT and reading.location is not None
    if placed or asks.action is not Action.REPORT or asks.missing is not Missing.PLACE:
        return reading
    choice = next((one for one in asks.choices if one.ends is not None), None)
    if choice is None:
        return asks  # too long to warn all of it: where is asked
    question = Said(text=text, reading=asks)
    return settle(question, choice, lexicon=lexicon, gazetteer=gazetteer)


def without_doubt_where(text: str, lexicon: Lexicon) -> str | None:
    """Return a message without the words that nobody can say where; None: it does not say so.

    They stand at its end or its beginning: within it they may be of anything.
    """
    tokens = [match.span() for match in _TOKEN.finditer(text)]
    unsure = lexicon.whole.get("unsure", frozenset())
    for number in range(min(_MOST, len(tokens) - 1), _FEWEST - 1, -1):
        before, behind = text[: tokens[-number][0]], text[tokens[-number][0] :]
        if tuple(words_of(behind, lexicon)) in unsure:
            return before.rstrip(" ,;.:(-") or None
        behind, before = text[tokens[number][0] :], text[: tokens[number][0]]
        if tuple(words_of(before, lexicon)) in unsure:
            return behind
    return None
