"""The outbox: one row per message, contact and channel, and everything that was tried."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base
from app.db.types import Id, Json, UtcDateTime, one_of

STATUSES = [
    "queued",
    "sending",
    "in_doubt",
    "sent",
    "delivered",
    "undelivered",
    "failed",
    "expired",
    "suppressed",
]


class DeliveryRow(Base):
    """One message to one contact on one channel."""

    __tablename__ = "delivery"
    __table_args__ = (
        one_of("status", STATUSES),
        UniqueConstraint("alert_id", "contact_id", "channel"),
        Index(None, "status", "channel", "priority", "due_at"),
        Index(None, "provider", "provider_id"),
        Index(None, "contact_id", "created_at"),
        Index(
            "ix_delivery_counts_at",
            "contact_id",
            "channel",
            "counts_at",
            sqlite_where=text("counts_at IS NOT NULL"),
            postgresql_where=text("counts_at IS NOT NULL"),
        ),
        Index(
            "ix_delivery_tell_at",
            "tell_at",
            "contact_id",
            sqlite_where=text("tell_at IS NOT NULL"),
            postgresql_where=text("tell_at IS NOT NULL"),
        ),
        Index(
            "ix_delivery_digest_id",
            "digest_id",
            "contact_id",
            sqlite_where=text("digest_id IS NOT NULL"),
            postgresql_where=text("digest_id IS NOT NULL"),
        ),
        Index(
            "ix_delivery_sent_as",
            "sent_as",
            unique=True,
            sqlite_where=text("sent_as IS NOT NULL"),
            postgresql_where=text("sent_as IS NOT NULL"),
        ),
        Index(
            "ix_delivery_not_arrived",
            "updated_at",
            sqlite_where=text("status IN ('failed', 'undelivered')"),
            postgresql_where=text("status IN ('failed', 'undelivered')"),
        ),
        Index(
            "ix_delivery_reserved",
            "organisation_id",
            "reserved",
            sqlite_where=text("reserved IS NOT NULL"),
            postgresql_where=text("reserved IS NOT NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    alert_id: Mapped[str] = mapped_column(ForeignKey("alert.id"))
    contact_id: Mapped[str] = mapped_column(Id)  # no foreign key: the record outlives the contact
    organisation_id: Mapped[str] = mapped_column(Id)
    channel: Mapped[str] = mapped_column(String(10))
    language: Mapped[str] = mapped_column(String(8))
    status: Mapped[str] = mapped_column(String(12))
    priority: Mapped[int] = mapped_column(Integer)  # 0 first; see delivery.delivery.priority_of
    attempts: Mapped[int] = mapped_column(Integer)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lease_owner: Mapped[str | None] = mapped_column(String(64))
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    provider: Mapped[str | None] = mapped_column(String(20))
    provider_id: Mapped[str | None] = mapped_column(String(100))
    route: Mapped[str | None] = mapped_column(String(8))  # prefix whose traffic is watched together
    # the provider that took it and fell silent: another one got it since, so it may arrive twice
    silent_provider: Mapped[str | None] = mapped_column(String(20))
    listed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # put on the call list
    error_code: Mapped[str | None] = mapped_column(String(40))
    error_detail: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    deferred: Mapped[str | None] = mapped_column(String(12))  # why not at once; delivery.moment.Why
    tell_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # it waits until then; else NULL
    digest_id: Mapped[str | None] = mapped_column(Text)  # the message that says it with others
    counts_at: Mapped[datetime | None] = mapped_column(
        UtcDateTime
    )  # of which day's limit it is one
    # money, of an SMS, in millionths of the currency; see delivery.outbox.paying
    tariff: Mapped[str | None] = mapped_column(String(20))  # its row of config/countries.toml
    reserved: Mapped[int | None] = mapped_column(BigInteger)  # set aside for it, not yet settled
    segments: Mapped[int | None] = mapped_column(Integer)  # that providers took, of every attempt
    cost: Mapped[int | None] = mapped_column(BigInteger)  # of these
    # set when its address was put right: what it is sent as since, in place of its id, and how many
    # attempts were made at the one before
    sent_as: Mapped[str | None] = mapped_column(Id)
    attempts_before: Mapped[int | None] = mapped_column(Integer)
    # told because nobody of the organisation had answered: the step of its list
    escalated: Mapped[int | None] = mapped_column(Integer)
    # nobody of the organisation answered, and nobody is left to tell: a person should call
    unanswered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DigestRow(Base):
    """The text that says several alerts in one message: rendered once for all who read the same."""

    __tablename__ = "digest"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    channel: Mapped[str] = mapped_column(String(10), primary_key=True)
    language: Mapped[str] = mapped_column(String(8), primary_key=True)
    alert_ids: Mapped[list[str]] = mapped_column(Json)  # as they are said
    subject: Mapped[str | None] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str | None] = mapped_column(Text)
    segments: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: The contact whose name is put in for `alerts.escalation_text.NAME` when it leaves.
    names: Mapped[str | None] = mapped_column(Id)


class DeliveryAttemptRow(Base):
    """One call to a provider. Append-only; goes with its delivery."""

    __tablename__ = "delivery_attempt"

    delivery_id: Mapped[str] = mapped_column(
        ForeignKey("delivery.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    provider: Mapped[str] = mapped_column(String(20))
    outcome: Mapped[str] = mapped_column(String(20))
    code: Mapped[str | None] = mapped_column(String(40))
    detail: Mapped[str | None] = mapped_column(Text)
    segments: Mapped[int | None] = mapped_column(Integer)  # as the provider counted, where it says


class ReceiptRow(Base):
    """What a provider said later. Append-only, whatever it changed; goes after its delivery."""

    __tablename__ = "receipt"
    __table_args__ = (Index(None, "delivery_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    delivery_id: Mapped[str] = mapped_column(Id)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    provider: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(40))
    code: Mapped[str | None] = mapped_column(String(40))
    applied: Mapped[str] = mapped_column(String(12))  # the status it moved to, or "ignored"


class ProviderHealthRow(Base):
    """How a provider does on one route, as all workers know it; route "": the provider itself."""

    __tablename__ = "provider_health"

    provider: Mapped[str] = mapped_column(String(20), primary_key=True)
    route: Mapped[str] = mapped_column(String(8), primary_key=True)
    shift: Mapped[int] = mapped_column(Integer)  # points taken from its weight
    shifted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    errors: Mapped[int] = mapped_column(Integer)  # since `errors_since`
    errors_since: Mapped[datetime] = mapped_column(UtcDateTime)
    rests_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    code: Mapped[str | None] = mapped_column(String(40))  # why it rests
    detail: Mapped[str | None] = mapped_column(Text)


class NoticeRow(Base):
    """Something a person on duty is told, once; `number` may grow before and after."""

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("about", "channel"),
        Index(None, "due_at"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))  # see delivery.outbox.notices
    about: Mapped[str] = mapped_column(String(64))  # an alert's id, a provider's name, inbound:<id>
    channel: Mapped[str] = mapped_column(String(10))
    words: Mapped[str] = mapped_column(String(200))  # route and cargo, the provider's code
    number: Mapped[int] = mapped_column(Integer)  # recipients
    told: Mapped[int | None] = mapped_column(Integer)  # `number` as last sent
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # None: nothing to send
    attempts: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    contact_id: Mapped[str | None] = mapped_column(Id)  # told in place of the person on duty
