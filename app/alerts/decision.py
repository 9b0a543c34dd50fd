"""What is said of a change and why, or why nothing is."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.alerts.alert import AlertType, Audience, Certainty, Reason
from app.core.levels import Level


class Action(StrEnum):
    """What is said; the words are those of `AlertType`, and `none`."""

    NONE = "none"
    ALERT = "alert"
    UPDATE = "update"
    ALL_CLEAR = "all_clear"
    WITHDRAWAL = "withdrawal"


class Chain(StrEnum):
    """What becomes of the alert that was told, where nothing new is said."""

    KEPT = "kept"
    RENEWED = "renewed"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertDecision:
    """What to say, or why nothing.

    Attributes:
        chain_id: Of the chain it continues; None: it starts one.
        references: Alerts it answers, oldest first (CAP 1.2, 3.2.1 `references`).
        expires_at: Until when it holds; for a renewed chain, until when the old one now holds.
        hold: A moderator must release it first.
        chain: Of the alert that was told, where nothing is said.
    """

    action: Action
    reason: Reason
    level: Level
    certainty: Certainty
    audience: Audience
    expires_at: datetime
    references: tuple[str, ...] = ()
    chain_id: str | None = None
    hold: bool = False
    chain: Chain = Chain.KEPT

    @property
    def type(self) -> AlertType | None:
        """Return the type of the alert to make, None for nothing."""
        return None if self.action is Action.NONE else AlertType(self.action.value)


#: What is said, and why.
Saying = tuple[Action, Reason]
