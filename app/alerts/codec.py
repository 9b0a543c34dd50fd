"""`AlertFacts` to JSON and back. Instants are RFC 3339; what is not known is left out."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from enum import StrEnum
from typing import Any

from app.alerts.alert import AlertFacts, Certainty, Reason
from app.core.levels import Level

_INSTANTS = ("occurred_at", "reported_at", "told_at")
_TUPLES = ("ends", "stretch", "vehicles", "fatalities", "abducted", "with_cargoes")
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
    for name in _INSTANTS:
        if values.get(name) is not None:
            values[name] = datetime.fromisoformat(values[name])
    for name in _TUPLES:
        if values.get(name) is not None:
            values[name] = tuple(values[name])
    values["level"] = Level(values["level"])
    values["before"] = Level(values["before"])
    values["certainty"] = Certainty(values["certainty"])
    if values.get("held_certainty") is not None:
        values["held_certainty"] = Certainty(values["held_certainty"])
    if values.get("reason") is not None:
        values["reason"] = Reason(values["reason"])
    if "also" in values:
        values["also"] = tuple((cargo, Level(level)) for cargo, level in values["also"])
    return AlertFacts(**values)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, StrEnum):
        return value.value
    return [_plain(one) for one in value] if isinstance(value, tuple) else value
