"""What was said about a route, and in which words."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base
from app.db.types import Id, Json, UtcDateTime, one_of


class AlertRow(Base):
    """A statement about a route for one cargo.

    Alerts raised by one cause share a `bundle_id`: a contact whom several of them concern is sent
    one message that says them all, the one with the lowest `bundle_rank` first.
    """

    __tablename__ = "alert"
    __table_args__ = (
        one_of("type", ["alert", "update", "all_clear", "withdrawal"]),
        one_of("status", ["active", "held", "superseded", "ended"]),
        one_of("audience", ["subscribers_and_told", "told_only"]),
        Index(None, "route", "cargo", "id"),
        Index(None, "status", "route", "cargo"),
        Index(None, "status", "expires_at"),
        Index(None, "chain_id"),
        Index(None, "bundle_id"),
        Index(None, "fanned_out_at", "level_rank"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    bundle_id: Mapped[str] = mapped_column(Id)
    bundle_rank: Mapped[int] = mapped_column(Integer)
    chain_id: Mapped[str] = mapped_column(Id)  # id of the first alert of the chain
    type: Mapped[str] = mapped_column(String(12))
    status: Mapped[str] = mapped_column(String(12))
    route: Mapped[str] = mapped_column(String(40))
    cargo: Mapped[str] = mapped_column(String(20))
    level: Mapped[str] = mapped_column(String(10))
    level_rank: Mapped[int] = mapped_column(Integer)
    before_level: Mapped[str] = mapped_column(String(10))
    certainty: Mapped[str] = mapped_column(String(12))
    audience: Mapped[str] = mapped_column(String(24))  # who is told, see alerts.alert.Audience
    stretch: Mapped[str | None] = mapped_column(String(120))  # "Sandaré~Diéma"; None: whole route
    references: Mapped[list[str]] = mapped_column(Json)
    reason: Mapped[str] = mapped_column(String(64))  # the decision's reason, stable words
    facts: Mapped[dict[str, Any]] = mapped_column(Json)  # what compose needs, nothing else
    evidence: Mapped[dict[str, Any]] = mapped_column(Json)  # incident versions, contributions
    rule_set: Mapped[int | None] = mapped_column(Integer)
    created_by: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    acknowledged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    fan_out_after: Mapped[str | None] = mapped_column(Id)  # the last contact made deliveries for
    fanned_out_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # id of the first alert of what goes on along the route, for any cargo; None: before this was
    # kept, the chain is one
    episode_id: Mapped[str | None] = mapped_column(Id)


class AlertTargetRow(Base):
    """What a subscription may name to hear of the alert: its route, regions, sections, `all`."""

    __tablename__ = "alert_target"

    alert_id: Mapped[str] = mapped_column(
        ForeignKey("alert.id", ondelete="CASCADE"), primary_key=True
    )
    target: Mapped[str] = mapped_column(String(90), primary_key=True)


class AlertIncidentRow(Base):
    """The incidents an alert speaks of: when one is refuted, these alerts must be answered."""

    __tablename__ = "alert_incident"
    __table_args__ = (Index(None, "incident_id"),)

    alert_id: Mapped[str] = mapped_column(
        ForeignKey("alert.id", ondelete="CASCADE"), primary_key=True
    )
    incident_id: Mapped[str] = mapped_column(ForeignKey("incident.id"), primary_key=True)


class MessageRow(Base):
    """The text of an alert for one channel and language: rendered once, never per recipient."""

    __tablename__ = "message"

    alert_id: Mapped[str] = mapped_column(
        ForeignKey("alert.id", ondelete="CASCADE"), primary_key=True
    )
    channel: Mapped[str] = mapped_column(String(10), primary_key=True)
    language: Mapped[str] = mapped_column(String(8), primary_key=True)
    subject: Mapped[str | None] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str | None] = mapped_column(Text)
    segments: Mapped[int] = mapped_column(Integer)


class AcknowledgementRow(Base):
    """A person, or a key, has taken note of an alert: who, when, and by which way. Once each."""

    __tablename__ = "acknowledgement"
    __table_args__ = (Index(None, "organisation_id", "alert_id"),)

    alert_id: Mapped[str] = mapped_column(
        ForeignKey("alert.id", ondelete="CASCADE"), primary_key=True
    )
    by: Mapped[str] = mapped_column(String(44), primary_key=True)  # contact:<id> or key:<id>
    contact_id: Mapped[str | None] = mapped_column(Id)  # no foreign key: outlives the contact
    key_id: Mapped[str | None] = mapped_column(Id)  # that said so, for a contact or for itself
    organisation_id: Mapped[str | None] = mapped_column(Id)  # None: the desk
    way: Mapped[str] = mapped_column(String(10))  # alerts.alert.NotedBy
    at: Mapped[datetime] = mapped_column(UtcDateTime)
