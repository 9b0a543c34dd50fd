"""Who speaks, and the lengths in which it can be said. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo

from app.alerts.texts import Texts

#: Forms of one slot, fullest first; "" where the slot can be left out.
Forms = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """Who speaks: a language, the place names of the road, the clock on the wall."""

    texts: Texts
    short_names: Mapping[str, str]
    zone: tzinfo


def forms_of(text: str) -> Forms:
    """Return a text as the only form of a slot, none where there is no text."""
    return (text,) if text else ()
