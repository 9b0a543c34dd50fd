"""What a preview of rules answers."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from app.alerts.alert import AlertType, Certainty
from app.api.rule_bodies import ProblemOut
from app.core.levels import Level
from app.http.model import ApiModel

_MOVED = "Hours by which it would have come later; below 0: earlier."


class RaisedOut(ApiModel):
    """An alert that a rule set would have raised; `incidents` are keys of `incidents`."""

    at: datetime
    route: str
    cargo: str
    type: AlertType
    before: Level
    level: Level
    certainty: Certainty
    reason: str
    held: Annotated[bool, Field(description="It would have waited for a moderator.")]
    incidents: list[str]


class MovedAlertOut(ApiModel):
    """The same alert at another time."""

    before: RaisedOut
    after: RaisedOut
    hours: Annotated[float, Field(description=_MOVED)]


class AlertsInPreview(ApiModel):
    """Alerts that would have been added, removed or moved, and both lists in full."""

    added: list[RaisedOut]
    removed: list[RaisedOut]
    moved: list[MovedAlertOut]
    same: int
    before: Annotated[list[RaisedOut], Field(description="All, by the rules in force.")]
    after: Annotated[list[RaisedOut], Field(description="All, by the changed rules.")]


class TurnOut(ApiModel):
    """A change of a route's level for a cargo."""

    at: datetime
    route: str
    cargo: str
    before: Level
    level: Level
    incidents: list[str]


class MovedTurnOut(ApiModel):
    """The same change of level at another time."""

    before: TurnOut
    after: TurnOut
    hours: Annotated[float, Field(description=_MOVED)]


class HoursOut(ApiModel):
    """How long a route stood at each level for a cargo."""

    route: str
    cargo: str
    before: dict[Level, float]
    after: dict[Level, float]


class RatingsOut(ApiModel):
    """Changes of level that would have been added, removed or moved.

    `hours`: of those routes and cargoes where the time spent at some level would differ.
    """

    added: list[TurnOut]
    removed: list[TurnOut]
    moved: list[MovedTurnOut]
    same: int
    hours: list[HoursOut]


class MissOut(ApiModel):
    """A serious incident on a route that stood below `high` right before it."""

    at: datetime
    incident: str
    route: str
    cargo: str
    level: Level


class QualitySideOut(ApiModel):
    """How right one rule set would have been, as far as is known at the end of the window.

    A miss: an incident of a serious kind, not refuted, on a section whose route stood below `high`
    right before it, for a cargo that it names; where it names none, for every cargo. A false alarm:
    an alert or a rise to `high` and above with nothing confirmed or corroborated on its route
    within the horizon before or after it, nor among the incidents it spoke of.
    """

    incidents: int
    missed: int
    misses: list[MissOut]
    alarms: int
    false_alarms: int
    false: list[RaisedOut]
    undecided: Annotated[int, Field(description="Alerts too young to be judged.")]


class QualityOut(ApiModel):
    """Misses and false alarms of both rule sets."""

    before: QualitySideOut
    after: QualitySideOut


class BillOut(ApiModel):
    """Messages, parts of SMS, and what the parts cost at the prices of config."""

    sms: int
    email: int
    segments: int
    cost: float


class OrganisationInPreview(ApiModel):
    """What one organisation would have been sent."""

    organisation_id: str
    name: str | None
    before: BillOut
    after: BillOut


class MessagesOut(ApiModel):
    """What would have been sent to those who subscribe today, and what it would have cost.

    At the prices of config/countries.toml, which are the operator's to set. Reminders and second
    attempts come on top.
    """

    currency: str
    before: BillOut
    after: BillOut
    organisations: list[OrganisationInPreview]


class IncidentInPreview(ApiModel):
    """An incident that is spoken of, as it was held at the end of the window."""

    id: str
    kind: str
    family: str
    status: str
    certain: bool
    occurred_at: datetime
    place: str
    reports: int


class ChangedOut(ApiModel):
    """Ids of the rules that differ."""

    added: list[str]
    changed: list[str]
    removed: list[str]


class PreviewOut(ApiModel):
    """The window by the rules in force (`before`) and by the changed ones (`after`)."""

    since: datetime
    until: datetime
    base: Annotated[int, Field(description="The rule set in force that it is compared with.")]
    rules: ChangedOut
    warnings: Annotated[
        list[ProblemOut],
        Field(description="What publishing would refuse without a reason (`accept_warnings`)."),
    ]
    ratings: RatingsOut
    alerts: AlertsInPreview
    quality: QualityOut
    messages: MessagesOut
    incidents: dict[str, IncidentInPreview]
