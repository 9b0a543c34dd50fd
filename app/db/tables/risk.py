"""Rule sets, and what sections and routes are rated now and were rated before."""

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Float, Index, Integer, String, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base
from app.db.types import Id, Json, UtcDateTime


class RuleSetRow(Base):
    """A numbered rule set. Its rules never change; only `active` moves from one to another.

    One that was never activated waits for the approval of a second admin.
    """

    __tablename__ = "rule_set"

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[str] = mapped_column(String(64))
    note: Mapped[str] = mapped_column(Text)
    rules: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    active: Mapped[bool] = mapped_column(Boolean)
    activated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    base: Mapped[int | None] = mapped_column(Integer)  # the set that it was made from
    approved_by: Mapped[str | None] = mapped_column(String(64))  # the second admin
    accepted: Mapped[str | None] = mapped_column(Text)  # why warnings were overridden


class RuleActivationRow(Base):
    """Which rule set came into force when. Append-only: the past is rated by the rules of then."""

    __tablename__ = "rule_activation"
    __table_args__ = (Index(None, "at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    number: Mapped[int] = mapped_column(Integer)


class SectionStateRow(Base):
    """A section's rating now, per cargo.

    `token` changes with every change of the section's evidence: what a process has cached of that
    evidence is good as long as the token is the same, whoever changed it and whatever rolled back.
    """

    __tablename__ = "section_state"
    __table_args__ = (
        Index(None, "restless", "rated_at"),
        Index(
            "ix_section_state_stale",
            "section_id",
            sqlite_where=text("stale"),
            postgresql_where=text("stale"),
        ),
    )

    section_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    token: Mapped[str] = mapped_column(Id)
    rated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    restless: Mapped[bool] = mapped_column(Boolean)  # time alone may change a level
    #: Other rules have come into force since it was rated, or weigh its past otherwise.
    stale: Mapped[bool] = mapped_column(Boolean, server_default=false())
    #: {cargo: {level, score, since, calm_since, evidence_at, positive_at, by_day?, closures?}}
    cargoes: Mapped[dict[str, Any]] = mapped_column(Json)


class SectionPastRow(Base):
    """What a section's long past adds, so that nobody has to read it again: see `Beyond`.

    All that happened before the cut is in the sums, but `holding`; what is newer is looked at.
    """

    __tablename__ = "section_past"

    section_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    made_for: Mapped[str] = mapped_column(String(64))  # rules and policy: others weigh otherwise
    cut_at: Mapped[datetime] = mapped_column(UtcDateTime)
    cut_id: Mapped[str] = mapped_column(Id)
    older: Mapped[int] = mapped_column(Integer)  # incidents before the cut, to see when one came
    holding: Mapped[list[str]] = mapped_column(Json)
    beyond: Mapped[dict[str, Any]] = mapped_column(Json)


class RouteStateRow(Base):
    """A route's level now for one cargo, and what its subscribers were last told."""

    __tablename__ = "route_state"

    route: Mapped[str] = mapped_column(String(40), primary_key=True)
    cargo: Mapped[str] = mapped_column(String(20), primary_key=True)
    level: Mapped[str] = mapped_column(String(10))
    score: Mapped[float] = mapped_column(Float)
    worst_section: Mapped[str | None] = mapped_column(String(80))
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    rated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class LevelChangeRow(Base):
    """Every change of level of a section or route, with the reasons. Append-only."""

    __tablename__ = "level_change"
    __table_args__ = (
        Index(None, "subject", "cargo", "at"),
        Index(None, "at"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    subject: Mapped[str] = mapped_column(String(90))  # "section:<id>" or "route:<code>"
    cargo: Mapped[str] = mapped_column(String(20))
    before: Mapped[str] = mapped_column(String(10))
    after: Mapped[str] = mapped_column(String(10))
    score: Mapped[float] = mapped_column(Float)
    rule_set: Mapped[int] = mapped_column(Integer)
    reasons: Mapped[dict[str, Any]] = mapped_column(Json)
