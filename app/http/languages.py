"""Which language a client would rather read."""

from collections.abc import Sequence

#: Characters of the header that are read; browsers send some dozens.
_LONGEST = 500


def preferred(header: str | None, offered: Sequence[str]) -> str:
    """Return what `Accept-Language` asks for of the languages `offered`; else the first of them.

    Source: RFC 9110, 12.5.4; a range matches by its first part ("en-GB" is "en"). What cannot be
    read counts as not said, and so does what comes after the first entries: whatever stands there,
    the page is shown.
    """
    wished = []
    for place, entry in enumerate((header or "")[:_LONGEST].split(",")):
        name, _, weight = entry.partition(";")
        code = name.strip().lower().partition("-")[0]
        quality = _quality(weight)
        if quality > 0 and code in {*offered, "*"}:
            wished.append((-quality, place, offered[0] if code == "*" else code))
    return min(wished)[2] if wished else offered[0]


def _quality(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if not name:
        return 1.0
    try:
        return float(value) if name.strip() == "q" else 0.0
    except ValueError:
        return 0.0
