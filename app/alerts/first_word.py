"""What was said to those who knew, as the first word to somebody who did not. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from app.alerts.alert import AlertFacts, Reason, Stretch
from app.core.levels import Level, worst

#: How bad a stretch of the road is now; None: the whole of it.
LevelOf = Callable[[Stretch | None], Level]


def first_word(
    said: AlertFacts, before: Sequence[AlertFacts], *, level_of: LevelOf
) -> list[AlertFacts]:
    """Return what holds on a road now, of all that a chain has told: the worst stretch first.

    Who comes later knows nothing of "another place", nor that something else has ended there, and
    what was told last may be the least of it. Nothing is told that was not told before.

    Args:
        said: What stands: the last that was said.
        before: What was said before it, the last first; of incidents that are over, nothing.
        level_of: See there. What is below `high` by now is left out.
    """
    on: dict[Stretch | None, AlertFacts] = {}
    for one in (said, *before):
        if one.kind is not None and one.here is None and one.reason is not Reason.WAY_LOST:
            on.setdefault(one.stretch, one)
    levels = {where: level_of(where) for where in on}
    worst_of_all = worst([*levels.values()])  # of equals what was told last
    first = next((on[where] for where, level in levels.items() if level is worst_of_all), said)
    others = [
        replace(_standing(one), level=min(_holds(where, one, levels), said.level, key=_rank))
        for where, one in on.items()
        if one is not first and _holds(where, one, levels).rank >= Level.HIGH.rank
    ]
    return [_now(first, said), *(sorted(others, key=lambda one: -one.level.rank))]


def _holds(where: Stretch | None, one: AlertFacts, levels: Mapping[Stretch | None, Level]) -> Level:
    """Return how bad it is there; of an area no worse than was said: the road may be worse by now.

    "Blocus, région de Kayes" is on no stretch, and no attack on one of them takes it back.
    """
    return levels[where] if where else min(levels[where], one.level, key=_rank)


def _rank(level: Level) -> int:
    return level.rank


def _now(first: AlertFacts, said: AlertFacts) -> AlertFacts:
    """Return what holds where it is worst, with what was said last of the whole road."""
    return replace(
        _standing(first),
        level=said.level,
        before=said.before,
        alternative=said.alternative,
        alternative_unheard=said.alternative_unheard,
        way_level=said.way_level,
        closed=said.closed,
        closed_at=said.closed_at,
        lost=said.lost,
        lost_level=said.lost_level,
        with_cargoes=said.with_cargoes,
        also=said.also,
        coming=said.coming,
    )


def _standing(facts: AlertFacts) -> AlertFacts:
    """Return what was said without what answers something, and what goes beside it."""
    return replace(
        facts,
        reason=Reason.STANDS,
        told_at=None,
        told_kind=None,
        hours_old=None,
        here=None,
        held_kind=None,
        held_certainty=None,
        held_at=None,
        lifted=None,
        lifted_kind=None,
        lifted_at=None,
        lifted_too=(),
        with_cargoes=(),
        also=(),
        after_end=False,
    )
