"""What people at the desk wrote to those who had written to us."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base
from app.db.tables.delivery import STATUSES
from app.db.types import Id, UtcDateTime, one_of


class AnswerRow(Base):
    """One SMS to whoever wrote a message, with its own place in the outbox.

    The number is the message's. What is said is sealed, and emptied after the message.
    """

    __tablename__ = "answer"
    __table_args__ = (
        one_of("status", STATUSES),
        UniqueConstraint("written_by", "idempotency"),
        Index(None, "inbound_id"),
        Index(None, "created_at"),
        Index(
            "ix_answer_open",
            "status",
            "due_at",
            sqlite_where=text("cost IS NULL"),
            postgresql_where=text("cost IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    inbound_id: Mapped[str] = mapped_column(ForeignKey("inbound.id"))
    written_by: Mapped[str] = mapped_column(
        Id
    )  # a key; no key to its table: the record outlives it
    idempotency: Mapped[str | None] = mapped_column(String(64))  # keyed hash; NULL: none was given
    text_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    status: Mapped[str] = mapped_column(String(12))
    attempts: Mapped[int] = mapped_column(Integer)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lease_owner: Mapped[str | None] = mapped_column(String(64))
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    provider: Mapped[str | None] = mapped_column(String(20))
    provider_id: Mapped[str | None] = mapped_column(String(100))
    error_code: Mapped[str | None] = mapped_column(String(40))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    parts: Mapped[int] = mapped_column(Integer)  # as we count; as the provider does, once it said
    cost: Mapped[int | None] = mapped_column(BigInteger)  # millionths; NULL: not settled yet
