"""How much is told of one road in a day, so that what gets worse is still read. Pure."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from app.alerts.alert import AlertState
from app.core.levels import Level

_DAY = timedelta(hours=24)


def news_on(told: Mapping[tuple[str, str], AlertState]) -> dict[str, set[datetime]]:
    """Return when news was told of each route, for any cargo; of one change it is one word.

    That something is not confirmed yet, or less than it was, takes no room from an attack that was
    told for one load and not yet for the next.

    Args:
        told: What was said last, by route and cargo.
    """
    found: dict[str, set[datetime]] = {}
    for (route, _), state in told.items():
        found.setdefault(route, set()).update(state.news_said_at)
    return found


def has_room(
    told: AlertState,
    *,
    level: Level,
    speaks: str | None,
    beside: Collection[datetime],
    per_day: int,
    now: datetime,
) -> bool:
    """Return whether one more statement leaves room for those that must be told, come what may.

    Args:
        told: What was said last.
        level: What would be said now.
        speaks: The incident that would be spoken of.
        beside: When news was told of the same route for other cargoes.
        per_day: Statements about one route in 24 hours.
        now: When.
    """
    today = sum(now - at < _DAY for at in {*told.said_at, *beside})
    return today < per_day - _may_follow(told, level, speaks)


def _may_follow(told: AlertState, level: Level, speaks: str | None) -> int:
    """Return how many must perhaps still be told today: each rise, and a confirmation."""
    rises = Level.SEVERE.rank - min(level.rank, told.level.rank)
    doubt = rises > 0 or speaks in told.doubtful or bool(told.unanswered)
    return rises + doubt
