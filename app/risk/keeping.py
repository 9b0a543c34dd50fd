"""How much of a section's past is looked at one by one: bounded, whatever has happened there."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from app.incidents.incident import Incident
from app.risk.rulebook import RuleBook

T = TypeVar("T")


def holds_until(incident: Incident, book: RuleBook) -> datetime:
    """Return until when an incident may hold a level at the longest."""
    last = max(incident.last_reported_at, incident.begins_at)
    return last + book.floor_span(incident.kind, incident.family)


def parted(
    entries: Sequence[T],
    *,
    key: Callable[[T], tuple[datetime, str]],
    holds_until: Callable[[T], datetime],
    most: int,
) -> tuple[list[T], list[T]]:
    """Return the newest `most` entries with the older ones that may hold a level; and the rest.

    Where a hundred incidents have happened since, an old one explains nothing (`beyond` has what
    the rest adds together); a blockade that is still reported does. A function of the entries
    alone, so that evidence that grew and evidence that was loaded are the same.

    Args:
        entries: In any order.
        key: When it happened, and its id.
        holds_until: The longest that it may hold a level.
        most: The newest so many are kept in any case.
    """
    ordered = sorted(entries, key=key)
    if len(ordered) <= most:
        return ordered, []
    newest = key(ordered[-1])[0]
    holding: list[T] = []
    rest: list[T] = []
    for one in ordered[:-most]:
        (holding if holds_until(one) >= newest else rest).append(one)
    return holding + ordered[-most:], rest
