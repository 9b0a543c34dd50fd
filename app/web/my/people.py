"""Which of an organisation's people a page of `/my` shows, and where the others are. Pure."""

from collections.abc import Mapping
from typing import Any

from app.web.speaking import Words

#: Digits of the number of a page; what has more is no page.
_LONGEST = 6


def page_of(query: Mapping[str, str]) -> int:
    """Return the number of the page that is asked for, from 1 on."""
    said = query.get("page", "")
    return max(1, int(said)) if said.isascii() and said.isdigit() and len(said) <= _LONGEST else 1


def people_words(
    words: Words, *, shown: int, found: int, total: int, page: int = 1, start: int = 0
) -> dict[str, Any]:
    """Return what a page says of the people on it, and the numbers of the pages beside it.

    Args:
        words: The language.
        shown: How many are on it.
        found: Of how many.
        total: How many there are of the organisation.
        page: Its number.
        start: How many are on the pages before it.
    """
    number = words.part(shown, found)
    if page > 1:
        first, last = words.number(start + 1), words.number(start + shown)
        number = words("my_part", first=first, last=last, total=words.number(total))
    beside = {"before": page - 1, "after": 0}
    return {"number": number, "many": shown < total, "sought": "", "lost": [], **beside}
