"""What each SMS, call and WhatsApp will cost, set aside in the statement that makes it.

`delivery.reserved` is what a message will cost; it is money that nobody else may plan with, until
`spending.settle` puts what it did cost in its place. No counter is kept beside the rows: what is
reserved is their sum, so that no crash can leave the two apart.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    String,
    Update,
    and_,
    bindparam,
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
from app.delivery.outbox.among import among, among_given, as_given
from app.delivery.outbox.chunks import Span, within
from app.delivery.outbox.joins import ITS_DIGEST, ITS_MESSAGE
from app.subscribers.countries import BEYOND, OTHER, Countries

SMS = "sms"
#: Channels that are paid for. What is said beside SMS is one part, whatever its length.
PRICED = (SMS, *BEYOND)


def given(conn: Connection, alert_ids: Sequence[str], languages: Sequence[str]) -> dict[str, int]:
    """Return what `cost_of` is told of an only alert, whose texts are written: their segments."""
    if len(alert_ids) != 1:
        return {}
    query = select(MessageRow.language, MessageRow.segments).where(
        MessageRow.channel == SMS, MessageRow.alert_id == alert_ids[0]
    )
    written = {row.language: row.segments for row in conn.execute(query)}
    return {name: written.get(form, 1) for form, name in _forms(languages).items()}


def _forms(languages: Sequence[str]) -> dict[str, str]:
    """Return the languages of texts, each with the name of what says its segments."""
    forms = [form for one in languages for form in (one, f"{one}{ONE_SEGMENT}")]
    return {form: f"b_segments_{place}" for place, form in enumerate(forms)}


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
    listed = (*countries.tariffs.values(), *countries.beyond.values())
    prices = {one.code: one.price for one in listed if one.price != other}
    if not prices:
        return literal(other, BigInteger())
    return cast(case(prices, value=tariff, else_=other), BigInteger())


def tariff_of(channel: Any, tariff: Any) -> ColumnElement[str | None]:
    """Return the tariff that a delivery is kept with: that of its number, when it was made."""
    return case((channel.in_(PRICED), func.coalesce(tariff, OTHER)), else_=cast(null(), String))


def cost_of(
    tariff: Any, language: Any, languages: Sequence[str], countries: Countries, *, channel: Any
) -> ColumnElement[Any]:
    """Return what an only alert's message costs; NULL for what is not paid for. See `given`."""
    segments = case(
        {form: bindparam(name, type_=BigInteger()) for form, name in _forms(languages).items()},
        value=language,
        else_=literal(1, BigInteger()),
    )
    one = literal(1, BigInteger())
    parts = case((channel == SMS, segments), else_=one)
    return case((tariff.is_not(None), parts * price_of(tariff, countries)))


def reserve(
    conn: Connection, alert_ids: Sequence[str], span: Span, *, countries: Countries
) -> None:
    """Set aside what messages of a chunk cost that leave now, once all their texts are written."""
    statement = _reserving(
        conn.dialect.name, countries, span.after is not None, span.until is not None
    )
    given = {"b_ids": as_given(conn, alert_ids), "b_after": span.after, "b_until": span.until}
    conn.execute(statement, given)


def reserve_these(conn: Connection, ids: Sequence[str], *, countries: Countries) -> None:
    """Likewise for deliveries by their ids."""
    conn.execute(_leaving(countries).where(among(conn, DeliveryRow.id, ids)))


@lru_cache(maxsize=8)
def _reserving(dialect: str, countries: Countries, after: bool, until: bool) -> Update:  # noqa: FBT001
    """Return the statement that sets aside what a chunk costs; built once."""
    span = Span(after or None, until or None, by_contact=False).given
    return _leaving(countries).where(
        among_given(dialect, DeliveryRow.alert_id), within(DeliveryRow.contact_id, span)
    )


def _leaving(countries: Countries) -> Update:
    return (
        update(DeliveryRow)
        .where(
            DeliveryRow.channel.in_(PRICED),
            DeliveryRow.status == Status.QUEUED,
            DeliveryRow.tell_at.is_(None),
        )
        .values(reserved=segments_of_text() * price_of(DeliveryRow.tariff, countries))
    )


def segments_of_text() -> ColumnElement[int]:
    """Return the segments of the text that a delivery has, as we count them."""
    digest = select(DigestRow.segments).where(ITS_DIGEST).correlate(DeliveryRow).scalar_subquery()
    alone = select(MessageRow.segments).where(ITS_MESSAGE).correlate(DeliveryRow).scalar_subquery()
    return func.coalesce(digest, alone, 1)


#: A message that is sent once more will cost as much again.
AGAIN = func.coalesce(DeliveryRow.reserved, DeliveryRow.cost)
