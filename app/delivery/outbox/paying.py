"""What each SMS will cost, set aside in the statement that makes it.

`delivery.reserved` is what a message will cost; it is money that nobody else may plan with, until
`spending.settle` puts what it did cost in its place. No counter is kept beside the rows: what is
reserved is their sum, so that no crash can leave the two apart.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    String,
    and_,
    case,
    cast,
    func,
    literal,
    null,
    select,
    update,
)

from app.alerts.templates import ONE_SEGMENT
from app.db.tables import DeliveryRow, DigestRow, MessageRow
from app.delivery.delivery import Status
from app.subscribers.countries import OTHER, Countries

SMS = "sms"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """What the messages of a bundle cost.

    Attributes:
        segments: Of each text of an only alert, by language; empty for several alerts.
    """

    countries: Countries
    segments: tuple[tuple[str, int], ...]


def rates_of(
    conn: Connection, countries: Countries, alert_ids: Collection[str], languages: Sequence[str]
) -> Rates:
    """Return the rates of alerts; a text that is not written counts as one segment."""
    if len(alert_ids) > 1:
        return Rates(countries=countries, segments=())
    query = select(MessageRow.language, MessageRow.segments).where(
        MessageRow.channel == SMS, MessageRow.alert_id.in_(alert_ids)
    )
    written = {row.language: row.segments for row in conn.execute(query)}
    read = [form for one in languages for form in (one, f"{one}{ONE_SEGMENT}")]
    return Rates(countries=countries, segments=tuple((one, written.get(one, 1)) for one in read))


def language_of(
    language: ColumnElement[str], *, channel: Any, tariff: Any, countries: Countries
) -> ColumnElement[str]:
    """Return in which language's texts a message is: in one segment where no more arrive whole."""
    plain = func.replace(language, ONE_SEGMENT, "")
    if not countries.in_one_segment:
        return plain
    single = and_(channel == SMS, tariff.in_(countries.in_one_segment))
    return case((single, plain.concat(ONE_SEGMENT)), else_=plain)


def price_of(tariff: Any, countries: Countries) -> ColumnElement[int]:
    """Return the price of one segment to a number of a tariff."""
    other = countries.tariffs[OTHER].price
    prices = {one.code: one.price for one in countries.tariffs.values() if one.price != other}
    if not prices:
        return literal(other, BigInteger())
    return cast(case(prices, value=tariff, else_=other), BigInteger())


def tariff_of(channel: Any, tariff: Any) -> ColumnElement[str | None]:
    """Return the tariff that a delivery is kept with: that of an SMS's number, when it was made."""
    return case((channel == SMS, func.coalesce(tariff, OTHER)), else_=cast(null(), String))


def cost_of(
    rows: Any, *, tariff: Any, language: Any, speaks: ColumnElement[bool], rates: Rates
) -> ColumnElement[Any]:
    """Return what to set aside for each row of an only alert that leaves now; else NULL.

    Of several alerts some are said together, in texts still to be written: see `reserve`.
    """
    nothing = cast(null(), BigInteger())
    if not rates.segments:
        return nothing
    written = dict(rates.segments)
    segments = cast(case(written, value=language, else_=1), BigInteger())
    leaves = and_(rows.c.channel == SMS, speaks, rows.c.why.is_(None))
    return case((leaves, segments * price_of(tariff, rates.countries)), else_=nothing)


def reserve(conn: Connection, which: ColumnElement[bool], *, countries: Countries) -> None:
    """Set aside what messages cost that leave now, once their texts are written."""
    conn.execute(
        update(DeliveryRow)
        .where(
            which,
            DeliveryRow.channel == SMS,
            DeliveryRow.status == Status.QUEUED,
            DeliveryRow.tell_at.is_(None),
        )
        .values(reserved=segments_of_text() * price_of(DeliveryRow.tariff, countries))
    )


def segments_of_text() -> ColumnElement[int]:
    """Return the segments of the text that a delivery has, as we count them."""
    digest = (
        select(DigestRow.segments)
        .where(
            DigestRow.id == DeliveryRow.digest_id,
            DigestRow.channel == SMS,
            DigestRow.language == DeliveryRow.language,
        )
        .correlate(DeliveryRow)
        .scalar_subquery()
    )
    alone = (
        select(MessageRow.segments)
        .where(
            MessageRow.alert_id == DeliveryRow.alert_id,
            MessageRow.channel == SMS,
            MessageRow.language == DeliveryRow.language,
        )
        .correlate(DeliveryRow)
        .scalar_subquery()
    )
    return func.coalesce(digest, alone, 1)


#: A message that is sent once more will cost as much again.
AGAIN = func.coalesce(DeliveryRow.reserved, DeliveryRow.cost)
