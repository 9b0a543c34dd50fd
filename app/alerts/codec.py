"""`AlertFacts` to JSON and back. Instants are RFC 3339; what is not known is left out."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import datetime
from enum import StrEnum
from typing import Any

from app.alerts.alert import AlertFacts, Certainty, NamedWay, Reason
from app.core.levels import Level

#: How what JSON has no word for is read.
_READ: Mapping[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("occurred_at", "reported_at", "told_at", "starts_at"), datetime.fromisoformat),
    **dict.fromkeys(
        (
            "ends",
            "stretch",
            "closed_at",
            "held_at",
            "lifted_at",
            "vehicles",
            "fatalities",
            "abducted",
            "with_cargoes",
            "way",
        ),
        tuple,
    ),
    **dict.fromkeys(("level", "before", "coming", "here", "way_level", "lost_level"), Level),
    **dict.fromkeys(("certainty", "held_certainty"), Certainty),
    "reason": Reason,
    "ways": lambda stored: tuple(way_from_json(one) for one in stored),
}
_NAMES = tuple(field.name for field in fields(AlertFacts))
#: Left out where a later version has a default, so that facts of older alerts still read.
_REQUIRED_OPTIONAL = ("stretch", "road", "place", "kind", "occurred_at", "reported_at")


def facts_to_json(facts: AlertFacts) -> dict[str, Any]:
    """Return `facts` as plain JSON values."""
    named = ((name, getattr(facts, name)) for name in _NAMES)
    return {name: _plain(value) for name, value in named if value is not None and value != ()}


def facts_from_json(stored: Mapping[str, Any]) -> AlertFacts:
    """Return the facts that `facts_to_json` wrote; names it does not know are ignored."""
    values: dict[str, Any] = dict.fromkeys(_REQUIRED_OPTIONAL)
    values |= {name: stored[name] for name in _NAMES if name in stored}
    for name, read in _READ.items():
        if values.get(name) is not None:
            values[name] = read(values[name])
    if "lifted_too" in values:
        values["lifted_too"] = tuple(tuple(one) for one in values["lifted_too"])
    if "also" in values:
        values["also"] = tuple((cargo, Level(level)) for cargo, level in values["also"])
    return AlertFacts(**values)


def way_from_json(stored: Mapping[str, Any]) -> NamedWay:
    """Return another road as `facts_to_json` wrote it."""
    sections, level = tuple(stored["section_ids"]), Level(stored["level"])
    return NamedWay(title=stored["title"], section_ids=sections, level=level)


def _plain(value: Any) -> Any:
    if isinstance(value, NamedWay):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, StrEnum):
        return value.value
    return [_plain(one) for one in value] if isinstance(value, tuple) else value
