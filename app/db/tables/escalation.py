"""Where the calling of an organisation's next contacts stands."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base
from app.db.types import Id, UtcDateTime


class EscalationRow(Base):
    """One organisation and one bundle of alerts that it was told: how far its list was called."""

    __tablename__ = "escalation"
    __table_args__ = (Index(None, "due_at"),)

    bundle_id: Mapped[str] = mapped_column(Id, primary_key=True)
    organisation_id: Mapped[str] = mapped_column(
        ForeignKey("organisation.id", ondelete="CASCADE"), primary_key=True
    )
    step: Mapped[int] = mapped_column(Integer)  # the last that was told; 0: none yet
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # the organisation first heard
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # of the next step; None: over
    ended: Mapped[str | None] = mapped_column(String(12))  # why; delivery.unanswered.Why
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
