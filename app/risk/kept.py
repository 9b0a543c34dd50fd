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


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """A numbered rule set as stored; `rules` are tables for `app.risk.rules.parse_rules`."""

    number: int
    created_at: datetime
    created_by: str
    note: str
    rules: tuple[Mapping[str, Any], ...]
    active: bool
    activated_at: datetime | None


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
