"""Alerts as they go into the database and come out of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from app.alerts.alert import AlertFacts, AlertState, AlertType, Audience, Certainty, NotedBy, Reason
from app.alerts.decision import AlertDecision
from app.core.errors import ConflictError, NotFoundError
from app.core.levels import Level

#: In place of the route and the cargo of a test message: nobody subscribes to it.
TRIAL = "TEST"


class AlertNotFoundError(NotFoundError):
    """No alert has this id."""

    code: ClassVar[str] = "alert-not-found"
    title: ClassVar[str] = "No such alert"


class AlertNotHeldError(ConflictError):
    """Only an alert that waits for a moderator can be released."""

    code: ClassVar[str] = "alert-not-held"
    title: ClassVar[str] = "The alert is not waiting for release"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAlert:
    """A statement to make, as the flow that decided on it fills it in.

    Attributes:
        decision: Says something (`decision.type` is not None).
        facts: Of the words; route, cargo and `before` are taken from here.
        targets: What a subscription may name to hear of it: `route:..`, `region:..`, `all`.
        incident_ids: Incidents it speaks of.
        evidence: Incident versions and contributions that made it.
        bundle_id: Alerts of one cause share it; None: a bundle of its own.
        bundle_rank: Lowest first: whom several alerts of a bundle concern gets the first one.
    """

    decision: AlertDecision
    facts: AlertFacts
    targets: frozenset[str]
    incident_ids: frozenset[str]
    created_by: str
    rule_set: int | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict)
    bundle_id: str | None = None
    bundle_rank: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAlert:
    """An alert as it stands in the database."""

    id: str
    bundle_id: str
    chain_id: str
    type: AlertType
    status: str
    route: str
    cargo: str
    level: Level
    before: Level
    certainty: Certainty
    audience: Audience
    references: tuple[str, ...]
    reason: Reason
    facts: AlertFacts
    evidence: Mapping[str, Any]
    rule_set: int | None
    created_by: str
    created_at: datetime
    expires_at: datetime
    acknowledged_at: datetime | None
    fanned_out_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """Somebody has taken note of an alert.

    Attributes:
        contact_id: Who; None: whoever holds the key.
        key_id: That said so; None where the contact did by himself.
        organisation_id: Whose contact or key; None: the desk's.
    """

    alert_id: str
    contact_id: str | None
    key_id: str | None
    organisation_id: str | None
    way: NotedBy
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFilter:
    """Which alerts to list; None: any. `hide_held` leaves out what waits for a moderator.

    Attributes:
        trials_of: Of test messages only those to people of this organisation; None: all.
    """

    route: str | None = None
    cargo: str | None = None
    type: AlertType | None = None
    status: str | None = None
    chain_id: str | None = None
    since: datetime | None = None
    hide_held: bool = False
    trials_of: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DueAlert:
    """An alert that has expired, and what it speaks of."""

    route: str
    cargo: str
    state: AlertState
