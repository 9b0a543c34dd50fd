"""Phrases that differ in a word are written once: "(armee|fama) (a|ont) pris". Pure."""

import re
from collections.abc import Iterator
from itertools import product

_EITHER = re.compile(r"\(([^()]*)\)")


def each_of(text: str) -> Iterator[str]:
    """Yield every phrase that a text with alternatives stands for.

    An empty alternative leaves a word out: "par (l |)armee".
    """
    parts = _EITHER.split(text)  # every second one is what stood in parentheses
    ways = [part.split("|") if at % 2 else [part] for at, part in enumerate(parts)]
    for way in product(*ways):
        yield " ".join("".join(way).split())
