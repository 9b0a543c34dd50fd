"""How far a place lies from another, where a report says so in its words beside the name."""

import re
import unicodedata

from app.core.text import unaccented
from app.roads.spelt import in_digits

#: What a summary may hold; a bound on what the pattern has to read.
_LONGEST = 2_000
#: Shorter names are too much like other words.
_SHORTEST_NAME = 3
_BESIDE = (
    r"(?i:[\s,(:\u2013-]+(?:(?:village|hameau|localite|lieu)\s+)?"
    r"(?:(?:situee?|located|lies|lying|qui se trouve|distante?|soit)\s+)?"
    r"(?:a\s+|at\s+|some\s+|about\s+|around\s+|environ\s+|pres de\s+|quelques?\s+|une?\s+)*"
    r"(?P<distance>\d{1,3}(?:[.,]\d+)?\s*(?:km|kilometres?|kilometers?)\s[^.;:)\n]{3,80}))"
)
#: `Sébabougou, près de Banamba`
_NEAR = (
    r"\s*[,(\u2013-]?\s*(?:(?:village|hameau|localite|situee?|located)\s+)?"
    r"(?P<near>(?:(?:tout )?pres|non loin|proche|a proximite|aux (?:environs|alentours))\s+"
    r"(?:de |du |d['\u2019])|(?:near|close to)\s+)(?P<town>[A-Z][\w'\u2019-]+)"
)


def told_distance(place: str | None, words: str) -> str | None:
    """Return what `words` say of how far `place` lies from somewhere, as a text of a place.

    `Chamane` and "six killed at Chamane, 38 km north of Menaka, among them ..." give
    `Chamane, 38 km north of Menaka`; "à Sébabougou, près de Banamba" gives what it says. None where
    they say nothing of the kind right behind the name.
    """
    name = re.split(r"[(\[,]", place or "", maxsplit=1)[0].strip()
    if len(name) < _SHORTEST_NAME or not words:
        return None
    text = in_digits(unicodedata.normalize("NFC", words[:_LONGEST]))
    bare, plain = re.escape(unaccented(name)), unaccented(text)
    found = re.search(rf"(?<!\w)(?i:{bare}){_BESIDE}", plain)
    if found is not None:
        start, end = found.span("distance")
        distance = text[start:end] if len(text) == len(plain) else plain[start:end]
        return f"{name}, {distance.split(',')[0].strip()}"
    by = re.search(rf"(?<!\w)(?i:{bare}){_NEAR}", plain)
    return f"{name}, {by['near']}{by['town']}" if by else None
