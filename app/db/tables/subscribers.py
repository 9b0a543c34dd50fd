"""Who is told. Names and addresses are sealed by the vault; the rows alone name nobody."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base
from app.db.types import Id, Json, UtcDateTime, one_of


class OrganisationRow(Base):
    """A union, company, NGO or authority."""

    __tablename__ = "organisation"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    name_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    kind: Mapped[str] = mapped_column(String(20))
    country: Mapped[str] = mapped_column(String(2))
    language: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class HoursRow(Base):
    """The clock of contacts, kept once for all who have the same: fan-out reads a few of these."""

    __tablename__ = "hours"
    __table_args__ = (UniqueConstraint("zone", "quiet_from", "quiet_until"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    zone: Mapped[str] = mapped_column(String(40))  # IANA name; "": that of the policy
    quiet_from: Mapped[str] = mapped_column(String(5))  # "22:00"; "": no quiet hours
    quiet_until: Mapped[str] = mapped_column(String(5))


class MuteRow(Base):
    """An organisation wants no news of a route, or of any, for a time. Kept as a record."""

    __tablename__ = "mute"
    __table_args__ = (Index(None, "until"), Index(None, "organisation_id", "id"))

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"))
    route: Mapped[str | None] = mapped_column(String(40))  # None: every route
    reason: Mapped[str] = mapped_column(String(200))
    created_by: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime] = mapped_column(UtcDateTime)  # brought forward when it is lifted


class EscalationContactRow(Base):
    """Who of an organisation is told next while nobody answers; several may share a step."""

    __tablename__ = "escalation_contact"
    __table_args__ = (Index(None, "contact_id"),)

    organisation_id: Mapped[str] = mapped_column(
        ForeignKey("organisation.id", ondelete="CASCADE"), primary_key=True
    )
    contact_id: Mapped[str] = mapped_column(
        ForeignKey("contact.id", ondelete="CASCADE"), primary_key=True
    )
    step: Mapped[int] = mapped_column(Integer)  # from 1 on
    wait_minutes: Mapped[int | None] = mapped_column(Integer)  # for an answer before this step
    since: Mapped[datetime] = mapped_column(UtcDateTime)  # the organisation has had a list


class ContactRow(Base):
    """A person or desk of an organisation."""

    __tablename__ = "contact"
    __table_args__ = (Index(None, "organisation_id", "id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"))
    name_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    language: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    hours_id: Mapped[str | None] = mapped_column(Id)  # None: the policy's zone, no quiet hours


class ContactChannelRow(Base):
    """An address of a contact. `blind_index` finds it; only the vault opens it."""

    __tablename__ = "contact_channel"
    __table_args__ = (
        one_of("channel", ["sms", "email", "voice", "whatsapp", "webhook"]),
        one_of("status", ["active", "opted_out", "dead", "invited"]),  # `dead`: never written
        UniqueConstraint("organisation_id", "blind_index"),
        Index(None, "blind_index"),
        Index(
            "ix_contact_channel_unreachable",
            "organisation_id",
            "contact_id",
            sqlite_where=text("unreachable_since IS NOT NULL"),
            postgresql_where=text("unreachable_since IS NOT NULL"),
        ),
    )

    contact_id: Mapped[str] = mapped_column(
        ForeignKey("contact.id", ondelete="CASCADE"), primary_key=True
    )
    channel: Mapped[str] = mapped_column(String(10), primary_key=True)
    organisation_id: Mapped[str] = mapped_column(Id)
    address_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    blind_index: Mapped[str] = mapped_column(String(64))
    masked: Mapped[str] = mapped_column(String(40))
    status: Mapped[str] = mapped_column(String(10))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # of a phone: its row of config/countries.toml; None: not looked up yet
    tariff: Mapped[str | None] = mapped_column(String(20))
    # what is sent there does not arrive; it is written to all the same, until one does
    unreachable_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    unreachable_why: Mapped[str | None] = mapped_column(String(60))


class SubscriptionRow(Base):
    """What a contact wants to hear: targets x cargoes x level x channels; AND across, OR within."""

    __tablename__ = "subscription"
    __table_args__ = (
        Index(None, "contact_id"),
        Index(None, "organisation_id", "id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"))
    contact_id: Mapped[str] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"))
    min_level: Mapped[str] = mapped_column(String(10))
    min_rank: Mapped[int] = mapped_column(Integer)
    #: As asked for: {routes, regions, towns, cargoes, channels}; the tables below are its index.
    wanted: Mapped[dict[str, Any]] = mapped_column(Json)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: How often what is below `severe` is told; delivery.moment.Tell. None: immediately.
    tell: Mapped[int | None] = mapped_column(Integer)


class SubscriptionTargetRow(Base):
    """`route:<code>`, `region:<key>`, `section:<id>` or `all`."""

    __tablename__ = "subscription_target"

    target: Mapped[str] = mapped_column(String(90), primary_key=True)
    subscription_id: Mapped[str] = mapped_column(
        ForeignKey("subscription.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class SubscriptionCargoRow(Base):
    """A cargo of a subscription; every cargo has a row when none was named."""

    __tablename__ = "subscription_cargo"

    subscription_id: Mapped[str] = mapped_column(
        ForeignKey("subscription.id", ondelete="CASCADE"), primary_key=True
    )
    cargo: Mapped[str] = mapped_column(String(20), primary_key=True)


class SubscriptionChannelRow(Base):
    """A channel of a subscription; every channel of the contact when none was named."""

    __tablename__ = "subscription_channel"

    subscription_id: Mapped[str] = mapped_column(
        ForeignKey("subscription.id", ondelete="CASCADE"), primary_key=True
    )
    channel: Mapped[str] = mapped_column(String(10), primary_key=True)
