"""What the database keeps of rules and ratings, as values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.core.errors import ConflictError, NotFoundError
from app.core.levels import Level
from app.risk.rating import SectionCargoState


class RuleSetNotFoundError(NotFoundError):
    """No rule set has this number."""

    code = "rule-set-not-found"
    title = "Rule set not found"


class RuleSetChangedError(ConflictError):
    """Somebody else saved rules in the meantime."""

    code = "rule-set-changed"
    title = "The rules were changed by somebody else"


class RuleSetPendingError(ConflictError):
    """The rule set waits for another admin: `POST /v1/rulesets/{number}/approve`."""

    code = "rule-set-pending"
    title = "The rule set waits for approval"


class RuleSetNotPendingError(ConflictError):
    """The rule set was approved before, or never needed to be."""

    code = "rule-set-not-pending"
    title = "The rule set does not wait for approval"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """A numbered rule set as stored; `rules` are tables for `app.risk.rules.parse_rules`.

    Attributes:
        activated_at: When it last came into force; None: it waits for a second admin.
        base: The set that it was made from.
        approved_by: The second admin: "key:<id>".
        accepted: Why its warnings were overridden.
    """

    number: int
    created_at: datetime
    created_by: str
    note: str
    rules: tuple[Mapping[str, Any], ...]
    active: bool
    activated_at: datetime | None
    base: int | None = None
    approved_by: str | None = None
    accepted: str | None = None

    @property
    def pending(self) -> bool:
        """Tell whether it waits for the approval of a second admin."""
        return self.activated_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionState:
    """A section's ratings now, and the token of the evidence behind them.

    Attributes:
        restless: Time alone may change a level; see `app.risk.rate.is_restless`.
    """

    section_id: str
    token: str
    rated_at: datetime
    cargoes: Mapping[str, SectionCargoState]
    restless: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelChange:
    """One change of level; `subject` is "section:<id>" or "route:<code>"."""

    id: str
    at: datetime
    subject: str
    cargo: str
    before: Level
    after: Level
    score: float
    rule_set: int
    reasons: Mapping[str, Any]
