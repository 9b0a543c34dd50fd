"""Who hears a statement: it follows from why it is said. Pure."""

from app.alerts.alert import AlertState, Audience, Reason
from app.core.levels import Level

#: What is new or worse; the rest ends or eases what some were told.
_TO_ALL = frozenset(
    {
        Reason.FIRST,
        Reason.ROSE,
        Reason.OTHER_STRETCH,
        Reason.GRAVER,
        Reason.FURTHER_INCIDENT,
        Reason.CONFIRMED,
        Reason.NOT_OVER,
    }
)

#: News of another incident than was told. It ends, confirms and corrects nothing of that: whoever
#: asked for the road hears it from the level on that he asked for, told of the chain or not.
OF_ANOTHER = frozenset({Reason.OTHER_STRETCH, Reason.GRAVER, Reason.FURTHER_INCIDENT})
#: What leaves standing what was said before of something else, where the road is as dangerous.
BESIDE_OTHERS = OF_ANOTHER | {Reason.CONFIRMED}


def audience_of(reason: Reason, level: Level, told: AlertState | None) -> Audience:
    """Return who hears it: what is new or worse goes to all, what ends or eases to the told."""
    worse = reason is Reason.CORRECTED and told is not None and level.rank > told.level.rank
    return Audience.SUBSCRIBERS_AND_TOLD if worse or reason in _TO_ALL else Audience.TOLD_ONLY
