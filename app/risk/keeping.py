"""How much of a section's past is looked at one by one: bounded, whatever has happened there."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

T = TypeVar("T")


def kept(
    entries: Sequence[T],
    *,
    key: Callable[[T], tuple[datetime, str]],
    spoke_at: Callable[[T], datetime],
    most: int,
    span: timedelta,
) -> list[T]:
    """Return the newest `most` entries, and the older ones that may still hold a level.

    Where hundreds of incidents have happened since, what an old one adds to the hazard is in the
    noise; a blockade that is still reported is not. A function of the entries alone, so that
    evidence that grew and evidence that was loaded are the same.

    Args:
        entries: In any order.
        key: When it happened, and its id.
        spoke_at: When it was last reported.
        most: The newest so many are kept in any case.
        span: The longest that a floor holds after its incident was last reported.
    """
    ordered = sorted(entries, key=key)
    if len(ordered) <= most:
        return ordered
    since = key(ordered[-1])[0] - span
    holding = [one for one in ordered[:-most] if spoke_at(one) >= since]
    return holding + ordered[-most:]
