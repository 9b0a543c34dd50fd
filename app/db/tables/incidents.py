"""Reports, the incidents they speak of, and the sections these reach."""

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Float, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base
from app.db.types import Id, Json, UtcDateTime, one_of


class ReportRow(Base):
    """One claim by one source; never edited. Nothing in it names a reporter."""

    __tablename__ = "report"
    __table_args__ = (
        one_of("outcome", ["placed", "asked"]),
        UniqueConstraint("key_id", "idempotency_key"),
        Index(None, "reported_at"),
        Index(None, "outcome", "received_at"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    key_id: Mapped[str] = mapped_column(String(64))
    idempotency_key: Mapped[str | None] = mapped_column(String(200))  # keyed hash: see the flow
    body_hash: Mapped[str] = mapped_column(String(64))
    external_id: Mapped[str | None] = mapped_column(String(100))  # report_id of a CSV
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reported_at: Mapped[datetime] = mapped_column(UtcDateTime)
    occurred_at: Mapped[datetime] = mapped_column(UtcDateTime)
    date_precision: Mapped[str] = mapped_column(String(8))
    kind: Mapped[str] = mapped_column(String(40))
    outcome: Mapped[str] = mapped_column(String(8))
    claim: Mapped[dict[str, Any]] = mapped_column(Json)  # as filed: place, road, figures, ...
    location: Mapped[dict[str, Any] | None] = mapped_column(Json)
    candidates: Mapped[list[dict[str, Any]] | None] = mapped_column(Json)
    summary: Mapped[str] = mapped_column(Text)
    source_type: Mapped[str] = mapped_column(String(20))
    basis: Mapped[str] = mapped_column(String(12))
    origin: Mapped[str] = mapped_column(String(64))  # keyed hash: who it comes from, unnamed
    #: Since when nobody looks for its place any more; only of what was asked.
    set_aside_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: The answer given to the reporter, so that a replay gets the same bytes.
    answer: Mapped[dict[str, Any]] = mapped_column(Json)


class ReportLinkRow(Base):
    """Which incident a report speaks of now; merges and splits move it."""

    __tablename__ = "report_link"
    __table_args__ = (Index(None, "incident_id"),)

    report_id: Mapped[str] = mapped_column(ForeignKey("report.id"), primary_key=True)
    incident_id: Mapped[str] = mapped_column(ForeignKey("incident.id"))
    linked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(Text)


class SourceVerdictRow(Base):
    """What a moderator held of an incident that a source reported; the source is only a token."""

    __tablename__ = "source_verdict"
    __table_args__ = (Index(None, "incident_id"),)

    token: Mapped[str] = mapped_column(String(64), primary_key=True)  # `report.origin`
    incident_id: Mapped[str] = mapped_column(ForeignKey("incident.id"), primary_key=True)
    confirmed: Mapped[bool] = mapped_column(Boolean)  # False: refuted
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class IncidentRow(Base):
    """What is held to have happened now. Every state it ever had is in `incident_version`."""

    __tablename__ = "incident"
    __table_args__ = (
        one_of("status", ["open", "confirmed", "refuted", "resolved", "merged"]),
        Index(None, "family", "cell", "occurred_at"),
        Index(None, "last_reported_at"),
        Index(None, "status", "id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    version: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(40))
    family: Mapped[str] = mapped_column(String(16))
    status: Mapped[str] = mapped_column(String(12))
    occurred_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_reported_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lat: Mapped[float] = mapped_column(Float)
    lon: Mapped[float] = mapped_column(Float)
    cell: Mapped[int] = mapped_column(Integer)  # half-degree cell, see incidents.matching.cell_of
    credibility: Mapped[float] = mapped_column(Float)
    facts: Mapped[dict[str, Any]] = mapped_column(Json)  # the whole Incident value
    merged_into: Mapped[str | None] = mapped_column(ForeignKey("incident.id"))
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class IncidentVersionRow(Base):
    """What was held to have happened from `known_at` on. Append-only: the past stays as it was."""

    __tablename__ = "incident_version"
    __table_args__ = (Index(None, "known_at"),)

    incident_id: Mapped[str] = mapped_column(ForeignKey("incident.id"), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    known_at: Mapped[datetime] = mapped_column(UtcDateTime)
    cause: Mapped[str] = mapped_column(String(64))  # "report:<id>", "key:<id>", "clock"
    facts: Mapped[dict[str, Any]] = mapped_column(Json)


class ExposureRow(Base):
    """A section that an incident reaches (or reached, in an earlier version)."""

    __tablename__ = "exposure"
    __table_args__ = (
        Index(None, "section_id", "incident_id"),
        Index(None, "section_id", "occurred_at", "incident_id"),
    )

    incident_id: Mapped[str] = mapped_column(ForeignKey("incident.id"), primary_key=True)
    section_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    occurred_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # None: from before 0014
    distance_km: Mapped[float] = mapped_column(Float)
    live: Mapped[bool] = mapped_column(Boolean)  # False: moved away, merged; kept for the past


class DeskHoldRow(Base):
    """Who works on what at the desk, until when; a hint to the others, and no bar to anything."""

    __tablename__ = "desk_hold"

    subject: Mapped[str] = mapped_column(String(80), primary_key=True)  # "incident:<id>"
    holder: Mapped[str] = mapped_column(String(64))  # hash of the session's token
    key_id: Mapped[str] = mapped_column(ForeignKey("api_key.id", ondelete="CASCADE"))
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime] = mapped_column(UtcDateTime)
