"""What organisations may spend, and what they spent. Money in millionths of the currency."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base
from app.db.types import Id, UtcDateTime


class BudgetRow(Base):
    """What an organisation may spend on SMS in a month; without a row as much as it takes."""

    __tablename__ = "budget"

    organisation_id: Mapped[str] = mapped_column(
        ForeignKey("organisation.id", ondelete="CASCADE"), primary_key=True
    )
    monthly: Mapped[int] = mapped_column(BigInteger)
    reserve: Mapped[int] = mapped_column(BigInteger)  # on top, for `severe` and what ends it
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SpendingRow(Base):
    """What an organisation's SMS of a month cost, by tariff and level. It names no contact."""

    __tablename__ = "spending"

    organisation_id: Mapped[str] = mapped_column(Id, primary_key=True)  # outlives it
    month: Mapped[str] = mapped_column(String(7), primary_key=True)  # 2025-09
    tariff: Mapped[str] = mapped_column(String(20), primary_key=True)
    level: Mapped[str] = mapped_column(String(10), primary_key=True)  # or delivery.outbox Beside
    messages: Mapped[int] = mapped_column(Integer)
    segments: Mapped[int] = mapped_column(Integer)
    cost: Mapped[int] = mapped_column(BigInteger)
