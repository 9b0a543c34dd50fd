"""How far a place lies from another, where a report says so in its words beside the name."""

import re

from app.roads.spelt import in_digits

#: What a summary may hold; a bound on what the pattern has to read.
_LONGEST = 2_000
#: Shorter names are too much like other words.
_SHORTEST_NAME = 3
_BESIDE = (
    r"[\s,(:\u2013-]+(?:(?:village|hameau|localit[ée]|lieu)\s+)?"
    r"(?:(?:situ[ée]e?|located|lies|lying|qui se trouve|distante?|soit)\s+)?"
    r"(?:[àa]\s+|at\s+|some\s+|about\s+|around\s+|environ\s+|pr[èe]s de\s+|quelques?\s+|une?\s+)*"
    r"(?P<distance>\d{1,3}(?:[.,]\d+)?\s*(?:km|kilom[èe]tres?|kilometers?)\s[^.;:)\n]{3,80})"
)


def told_distance(place: str | None, words: str) -> str | None:
    """Return what `words` say of how far `place` lies from somewhere, as a text of a place.

    `Chamane` and "six killed at Chamane, 38 km north of Menaka, among them ..." give
    `Chamane, 38 km north of Menaka`; None where they say nothing of the kind right behind the name.
    """
    name = re.split(r"[(\[,]", place or "", maxsplit=1)[0].strip()
    if len(name) < _SHORTEST_NAME or not words:
        return None
    beside = re.compile(rf"(?<!\w){re.escape(name)}{_BESIDE}", re.IGNORECASE)
    found = beside.search(in_digits(words[:_LONGEST]))
    if found is None:
        return None
    return f"{name}, {found['distance'].split(',')[0].strip()}"
