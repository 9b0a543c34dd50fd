"""What people wrote to us, who may report by phone, and the words that say "I am forced to"."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base
from app.db.types import Id, UtcDateTime, one_of


def _only(sqlite: str, *, postgresql: str | None = None) -> dict[str, Any]:
    """Return of which rows an index is, as each database writes it."""
    return {"sqlite_where": text(sqlite), "postgresql_where": text(postgresql or sqlite)}


class InboundRow(Base):
    """A message that came in, once however often it was delivered.

    What names somebody or was said is sealed, the cargo asked for included; retention empties it
    and leaves the row, so that the message cannot come again.
    """

    __tablename__ = "inbound"
    __table_args__ = (
        one_of("sender", ["reporter", "contact", "unknown"]),
        UniqueConstraint("provider", "message_id"),
        Index(None, "phone_index", "at"),
        Index(None, "sender", "at"),
        Index(None, "report_id"),
        Index(None, "organisation_id", "id"),
        # what few messages are is found by these, however many others years have kept
        Index("ix_inbound_duress", "id", **_only("duress = 1", postgresql="duress")),
        Index("ix_inbound_set_aside", "id", **_only("set_aside_at IS NOT NULL")),
        Index(
            "ix_inbound_for_person",
            "at",
            **_only("for_person IS NOT 0", postgresql="for_person IS NOT false"),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    provider: Mapped[str] = mapped_column(String(20))
    message_id: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    sender: Mapped[str] = mapped_column(String(10))
    organisation_id: Mapped[str | None] = mapped_column(Id)  # no key: the record outlives it
    phone_index: Mapped[str | None] = mapped_column(String(64))
    phone_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    said_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)  # JSON, see inbound_codec
    said_index: Mapped[str | None] = mapped_column(String(64))  # keyed hashes: loops are seen by
    reply_index: Mapped[str | None] = mapped_column(String(64))  # them, nothing is opened
    replied: Mapped[bool] = mapped_column(Boolean)
    action: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str | None] = mapped_column(String(40))
    outcome: Mapped[str] = mapped_column(String(16))
    duress: Mapped[bool] = mapped_column(Boolean)
    report_id: Mapped[str | None] = mapped_column(Id)
    alert_id: Mapped[str | None] = mapped_column(Id)  # acknowledged
    for_person: Mapped[bool | None] = mapped_column(Boolean)  # NULL: the version before kept it
    set_aside_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    set_aside_by: Mapped[str | None] = mapped_column(Id)  # a key; the record outlives it


class ReporterRow(Base):
    """A phone that reports come from. The number itself is not kept: nobody has to write to it."""

    __tablename__ = "reporter"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    organisation_id: Mapped[str | None] = mapped_column(
        ForeignKey("organisation.id", ondelete="CASCADE")
    )
    key_id: Mapped[str | None] = mapped_column(Id)  # the reporter's API key: one source with it
    phone_index: Mapped[str] = mapped_column(String(64), unique=True)
    masked: Mapped[str] = mapped_column(String(40))
    language: Mapped[str | None] = mapped_column(String(8))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DuressWordRow(Base):
    """A word agreed on, as its keyed hash; `subject`: `reporter:<id>`, `organisation:<id>`."""

    __tablename__ = "duress_word"

    subject: Mapped[str] = mapped_column(String(60), primary_key=True)
    token: Mapped[str] = mapped_column(String(64))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ForcedSenderRow(Base):
    """Whose phone or key is in the hands of others, until a moderator says that he is free.

    Once he is, the row says of which reports of the key it was so; of the phone nothing stays.
    """

    __tablename__ = "forced_sender"
    __table_args__ = (Index(None, "phone_index"), Index(None, "key_id"))

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    phone_index: Mapped[str | None] = mapped_column(String(64))
    key_id: Mapped[str | None] = mapped_column(Id)  # no foreign key: the record outlives it
    inbound_id: Mapped[str | None] = mapped_column(Id)  # the message that said so
    organisation_id: Mapped[str | None] = mapped_column(Id)  # whose moderators see it, too
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    freed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
