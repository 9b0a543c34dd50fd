"""Who was asked whether he wants to be told, and what he answered. No code is kept here."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base
from app.db.types import Id, UtcDateTime, one_of

_OPEN = text("state = 'open'")


class InvitationRow(Base):
    """One invitation of a contact, and the proof of what came of it.

    The contact goes, and this stays as the bare fact that somebody was asked and answered. The code
    is not kept: it follows from the id and the vault's index key.
    """

    __tablename__ = "invitation"
    __table_args__ = (
        one_of("state", ["open", "confirmed", "refused", "expired", "spent", "failed"]),
        one_of("way", ["sms", "code", "page"]),
        Index(None, "contact_id", "id"),
        Index(None, "organisation_id", "created_at"),
        Index(None, "due_at"),
        Index(
            "ix_invitation_open",
            "contact_id",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    contact_id: Mapped[str | None] = mapped_column(ForeignKey("contact.id", ondelete="SET NULL"))
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"))
    channel: Mapped[str] = mapped_column(String(10))  # of the address that it goes to
    language: Mapped[str] = mapped_column(String(8))
    wording: Mapped[str] = mapped_column(String(20))  # which text was shown
    wording_hash: Mapped[str] = mapped_column(String(64))  # of its words, before name and code
    invited_by: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(10))
    way: Mapped[str | None] = mapped_column(String(10))  # how the answer came
    wrong: Mapped[int] = mapped_column(Integer)  # codes given that were not it
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # of the one message
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # None: nothing to send
    tries: Mapped[int] = mapped_column(Integer)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    error_code: Mapped[str | None] = mapped_column(String(40))


class InvitedAddressRow(Base):
    """An address that was invited by anybody, or wants no messages, as a keyed hash alone.

    It outlives the contact: else deleting it would be the way to invite again, or to write again to
    whoever said STOP.
    """

    __tablename__ = "invited_address"
    __table_args__ = (Index(None, "invitation_id"),)

    blind_index: Mapped[str] = mapped_column(String(64), primary_key=True)
    invitation_id: Mapped[str | None] = mapped_column(Id)  # the last one
    invited_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    refused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
