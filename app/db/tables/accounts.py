"""API keys, sessions, the audit trail and leases."""

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base
from app.db.types import Id, Json, UtcDateTime, one_of


class ApiKeyRow(Base):
    """A key: only its hash is kept."""

    __tablename__ = "api_key"
    __table_args__ = (
        one_of("scope", ["reporter", "subscriber", "moderator", "admin"]),
        Index(None, "organisation_id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    scope: Mapped[str] = mapped_column(String(16))
    organisation_id: Mapped[str | None] = mapped_column(
        ForeignKey("organisation.id", ondelete="CASCADE")
    )
    name: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SessionRow(Base):
    """A person signed in at a browser: only the hash of its token is kept, and nothing of whom."""

    __tablename__ = "session"
    __table_args__ = (Index(None, "key_id", "created_at"), Index(None, "expires_at"))

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    key_id: Mapped[str] = mapped_column(ForeignKey("api_key.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SignInRow(Base):
    """A contact who may sign in by a code: with the rights of a key that nobody holds."""

    __tablename__ = "sign_in"
    __table_args__ = (Index(None, "visit_hash"),)

    contact_id: Mapped[str] = mapped_column(
        ForeignKey("contact.id", ondelete="CASCADE"), primary_key=True
    )
    key_id: Mapped[str] = mapped_column(ForeignKey("api_key.id", ondelete="CASCADE"))
    allowed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # for processes older than revision 0013 only, which kept one code a contact here
    visit_hash: Mapped[str | None] = mapped_column(String(64))
    code_hash: Mapped[str | None] = mapped_column(String(64))
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    day_began_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    asked_on_day: Mapped[int] = mapped_column(Integer, default=0)


class SignInCodeRow(Base):
    """A code that was sent to an address; kept on to count, and to know the browser again.

    The code itself is kept nowhere; its hash is made with the visit of the browser that asked.
    """

    __tablename__ = "sign_in_code"
    __table_args__ = (
        Index(None, "visit_hash"),
        Index(None, "blind_index", "asked_at"),
        Index(None, "contact_id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    contact_id: Mapped[str] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    blind_index: Mapped[str] = mapped_column(String(64))  # of the address it was sent to
    asked_by: Mapped[str] = mapped_column(String(64))  # a keyed hash of a network or a browser
    known: Mapped[bool] = mapped_column(Boolean)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    visit_hash: Mapped[str] = mapped_column(String(64))
    code_hash: Mapped[str] = mapped_column(String(64))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(Integer)
    entered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class AuditRow(Base):
    """Who changed what, when. Append-only: triggers refuse UPDATE and DELETE."""

    __tablename__ = "audit"
    __table_args__ = (Index(None, "subject_type", "subject_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor: Mapped[str] = mapped_column(String(64))  # key id, "clock" or "cli"; never a name
    action: Mapped[str] = mapped_column(String(64))
    subject_type: Mapped[str] = mapped_column(String(32))
    subject_id: Mapped[str] = mapped_column(String(64))
    organisation_id: Mapped[str | None] = mapped_column(Id)
    detail: Mapped[dict[str, Any]] = mapped_column(Json)


class LeaseRow(Base):
    """Who may run a clock job now, until when."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    owner: Mapped[str] = mapped_column(String(64))
    until: Mapped[datetime] = mapped_column(UtcDateTime)
    runs: Mapped[int] = mapped_column(Integer, default=0)
