"""Alerts as the API takes and shows them."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import Query
from pydantic import Field, field_validator

from app.alerts.alert import AlertType, Certainty, NotedBy
from app.alerts.records import Acknowledgement
from app.core.levels import Level
from app.http.model import ApiModel, AsKept, Instant, Unsealed
from app.http.pagination import Page

NOTE_LIMIT = 120

Note = Annotated[
    Unsealed,
    Field(min_length=3, max_length=NOTE_LIMIT, pattern=r"^[^\x00-\x1f\x7f]*$"),
]


class AlertIn(ApiModel):
    """An alert in a moderator's words."""

    type: AlertType = AlertType.ALERT
    route: Annotated[str, Field(max_length=40)]
    cargo: Annotated[str, Field(max_length=20)]
    level: Literal["moderate", "high", "severe", "low", "unknown"]
    certainty: Certainty = Certainty.CONFIRMED
    note: Note
    exercise: bool = False

    @field_validator("note")
    @classmethod
    def _says_something(cls, note: str) -> str:
        if not note.strip():
            raise ValueError("say something: the note is what people read")
        return note


class WithdrawIn(ApiModel):
    """Why the alert is taken back, in words that may be sent."""

    note: Note


class AcknowledgeIn(ApiModel):
    """Who has taken note, if it is not the holder of the key."""

    contact_id: Annotated[str, Field(max_length=64)] | None = Field(
        default=None, description="A contact that you see; null: you, the holder of the key."
    )


class AlertOut(ApiModel):
    """A statement about a route for one cargo; it holds no personal data.

    `acknowledged_at`: when the first of the caller's own organisation took note; for the desk, of
    all.
    """

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
    audience: str
    references: list[str]
    reason: str
    text: str
    facts: AsKept
    evidence: AsKept
    rule_set: int | None
    created_at: datetime
    expires_at: datetime
    acknowledged_at: datetime | None
    fanned_out_at: datetime | None


class MessageOut(ApiModel):
    """A text as it was sent on one channel in one language."""

    channel: str
    language: str
    subject: str | None
    text: str
    segments: int


class AcknowledgementOut(ApiModel):
    """Somebody has taken note: a contact, or whoever holds a key, and by which way.

    `contact_id` null: the key for itself. `organisation_id` null: the desk.
    """

    contact_id: str | None
    key_id: str | None
    organisation_id: str | None
    way: NotedBy
    at: datetime

    @classmethod
    def of(cls, one: Acknowledgement) -> "AcknowledgementOut":
        """Return it as the API shows it."""
        return cls(
            contact_id=one.contact_id,
            key_id=one.key_id,
            organisation_id=one.organisation_id,
            way=one.way,
            at=one.at,
        )


class DeliveryOut(ApiModel):
    """One message to one contact on one channel; the address is masked.

    `silent_provider` took it before `provider` and never said that it arrived: both may have
    delivered it. `deferred` says why the contact was not told at once: muted, daily, weekly,
    quiet_hours, limit (of messages a day), budget, newcomer (it was said before he asked for the
    road, and holds) or rewritten (it was overtaken before it left). Until `tell_at` it waits. With
    a `digest_id` one message says several alerts: the delivery that is sent carries it, those whose
    `error_code` is in_digest are said with it. `cost`: of an SMS, what it did cost, or will.
    `acknowledged_at`: the contact took note of the alert, by `acknowledged_by`: reply, link, api or
    call. `escalated`: the step of the organisation's list that was told because nobody had.
    `unanswered_at`: nobody answered, and nobody is left to tell.
    """

    id: str
    alert_id: str
    contact_id: str
    organisation_id: str
    channel: str
    address: str | None
    language: str
    status: str
    attempts: int
    provider: str | None
    provider_id: str | None
    silent_provider: str | None
    error_code: str | None
    error_detail: str | None
    deferred: str | None
    tell_at: datetime | None
    digest_id: str | None
    tariff: str | None
    segments: int | None
    cost: float | None
    acknowledged_at: datetime | None
    acknowledged_by: NotedBy | None
    escalated: int | None
    unanswered_at: datetime | None
    subject: str | None
    text: str | None
    created_at: datetime
    updated_at: datetime
    expires_at: datetime


class AlertDetailOut(AlertOut):
    """An alert with its texts, how many deliveries stand where, and what its SMS cost, or will.

    `acknowledgements`: who has taken note; the caller's own organisation's.
    """

    acknowledgements: list[AcknowledgementOut]
    messages: list[MessageOut]
    deliveries: dict[str, int]
    cost: float


class AlertsOut(Page[AlertOut]):
    """A page of alerts; `warnings`, for the desk, says what keeps them from being told."""

    warnings: list[str]


class Filters(ApiModel):
    """Query parameters of the listing."""

    route: Annotated[str | None, Query(max_length=40)] = None
    cargo: Annotated[str | None, Query(max_length=20)] = None
    type: Annotated[AlertType | None, Query()] = None
    status: Annotated[Literal["active", "held", "superseded", "ended"] | None, Query()] = None
    chain_id: Annotated[str | None, Query(max_length=64)] = None
    since: Annotated[Instant | None, Query()] = None
