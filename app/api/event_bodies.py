"""What we post to the programs of organisations, for the `webhooks` of the description.

`alerts.webhook_event` writes it; a test holds the two together.
"""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Header
from pydantic import ConfigDict, Field

from app.alerts.alert import AlertType, Certainty
from app.core.levels import Level
from app.http.model import ApiModel

router = APIRouter()


class StretchOut(ApiModel):
    """The two towns between which a danger lies."""

    model_config = ConfigDict(validate_by_name=True, serialize_by_alias=True)

    start: str = Field(alias="from")
    end: str = Field(alias="to")


class EventAlert(ApiModel):
    """One alert. Members may be added; only a new `version` takes one away."""

    id: str
    kind: AlertType
    level: Level
    level_before: Level
    certainty: Certainty
    route: str
    route_title: str
    cargo: str
    stretch: StretchOut | None = Field(description="null: the whole route")
    road: str | None
    place: str | None
    place_km: int | None = Field(description="How far from it, about; 0: near it; null: in it.")
    incident_kind: str | None
    occurred_at: datetime | None
    date_precision: str
    starts_at: datetime | None = Field(description="From when it holds, where it was announced.")
    reported_at: datetime | None
    alternative: str | None = Field(description="Another way, less dangerous.")
    alternative_lost: str | None = Field(
        default=None, description="Another way that was named before and is dangerous now."
    )
    exercise: bool = Field(description="No real danger.")
    reason: str = Field(description="Why it is said, a stable word; `why`: in a sentence.")
    why: str
    advice: str
    headline: str
    text: str = Field(description="All of it in sentences.")
    sms: str = Field(description="As an SMS of at most two segments says it.")
    language: str
    at: datetime
    expires_at: datetime
    ends: bool = Field(description="Nothing of the chain is left.")
    supersedes: list[str] = Field(description="Earlier alerts of its chain, oldest first.")
    link: str | None


class EventAlerts(ApiModel):
    """One alert, or several that have one cause; each stands for itself."""

    alerts: list[EventAlert] = Field(min_length=1)


class AlertsEvent(ApiModel):
    """An event that tells of roads."""

    version: Literal[1]
    type: Literal["alerts"]
    timestamp: datetime
    data: EventAlerts


class TrialText(ApiModel):
    """Words for whoever looks."""

    text: str


class TrialEvent(ApiModel):
    """An event that shows that events arrive; it says nothing of any road."""

    version: Literal[1]
    type: Literal["test"]
    timestamp: datetime
    data: TrialText


Event = Annotated[AlertsEvent | TrialEvent, Field(discriminator="type")]


@router.post("alerts", status_code=204, responses={410: {"description": "Never again."}})
def post_event(
    body: Event,
    webhook_id: Annotated[str, Header(description="The same each time this event is sent.")],
    webhook_timestamp: Annotated[int, Header(description="Seconds since 1970.")],
    webhook_signature: Annotated[
        str, Header(description="Standard Webhooks: `v1,...`, several with a space between.")
    ],
) -> None:
    """Told to a program that an organisation subscribed: see docs/webhooks.md.

    Any 2xx takes it. Whatever else is answered, it is sent again, under the same id.
    """
