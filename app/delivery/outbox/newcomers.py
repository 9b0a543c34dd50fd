"""Who begins to listen while a danger holds is told of it: deliveries of what was said before.

Nothing is said anew: a row names the alert that stands, and waits like what is told after quiet
hours, to be put into a message or dropped because the danger is over. From then on its contact is
one of those who were told, and hears the end.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Connection,
    Select,
    String,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased

from app.alerts.alert import ENDS, AlertType
from app.alerts.codec import facts_from_json
from app.core.levels import Level
from app.db import turns
from app.db.ids import sql_uuid7, uuid7_prefix
from app.db.tables import (
    AlertRow,
    AlertTargetRow,
    ContactChannelRow,
    ContactRow,
    DeliveryRow,
    SubscriptionCargoRow,
    SubscriptionChannelRow,
    SubscriptionRow,
    SubscriptionTargetRow,
)
from app.db.turns import Sort
from app.db.types import UtcDateTime
from app.delivery.delivery import NOT_ARRIVED, Status, priority_of
from app.delivery.moment import Moment, Tell, Why
from app.delivery.outbox import digests, paying
from app.delivery.outbox.among import among
from app.delivery.outbox.chunks import Span, within
from app.delivery.outbox.joins import put_right_since
from app.delivery.outbox.making import asked_for
from app.delivery.outbox.pace import Pace
from app.delivery.outbox.words import IN_DIGEST, NEVER, NO_ADDRESS, OVERTAKEN, SAID_TOGETHER
from app.subscribers.countries import Countries

#: What is less is heard of with the next news: nobody stays at home for it, and whoever asks for
#: every road would begin with a page of it.
LEAST = Level.HIGH
#: No digest is longer in coming.
_WAITS_AT_MOST = timedelta(days=14)
_LISTENERS = "listeners"
#: Of a delivery that goes out once more: its attempts stay on record, with their numbers.
_AS_NEW: Mapping[str, Any] = dict.fromkeys(
    ("digest_id", "counts_at", "reserved", "listed_at", "silent_provider", "error_detail")
)
#: What its contact was not told by, nor will be.
_UNTOLD = (*NOT_ARRIVED, Status.SUPPRESSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class How:
    """What the deliveries depend on.

    Attributes:
        pace: What now is to everybody; None: nobody waits for anything.
        languages: That texts exist in; the first one is for everybody else.
        countries: What messages cost; None: nobody asks.
        now: When.
    """

    pace: Pace | None
    languages: Sequence[str]
    countries: Countries | None
    now: datetime


def listen_alone(conn: Connection) -> None:
    """Let nobody fan an alert out until the transaction ends, nor begin while somebody does.

    Two that did not see one another would both leave out who has just begun to listen.
    """
    turns.take(conn, Sort.LISTENING, [_LISTENERS])


def listen_beside(conn: Connection) -> None:
    """Wait for who begins to listen, and keep out who is about to: an alert is fanned out."""
    turns.take(conn, Sort.LISTENING, [_LISTENERS], shared=True)


def tell_newcomers(conn: Connection, contact_ids: Sequence[str], how: How) -> None:
    """Let contacts hear of the dangers that hold where they asked for.

    Whoever was told of a danger, on whichever channel, or is about to be, is not told again. Who
    reads once a day or a week hears of what is below `severe` at that time, and who does no longer,
    hears now what waits for it. It is one statement: a
    thousand who are added at once, for every road, are 100,000 rows, and SQLite has one writer.

    Args:
        conn: Open transaction, in which what they ask for is written down.
        contact_ids: Who begins to listen, or to something else than before.
        how: See there; without a pace nothing waits, and nothing is told.
    """
    if how.pace is None or how.countries is None:
        return
    people = sorted(set(contact_ids))
    concerned = among(conn, SubscriptionRow.contact_id, people)
    _release(conn, people, how.pace, now=how.now)
    digests.lose_with_carrier(conn, people, since=how.now - _WAITS_AT_MOST)
    ranks = _standing(conn, concerned, now=how.now)
    if not ranks:
        return
    rows = _untold(concerned, ranks, how.languages, how.countries).cte("untold")
    made = _deliveries(rows, how.pace, now=how.now)
    conn.execute(_insert(conn.dialect.name, made))


def tell_overtaken(conn: Connection, alert_ids: Sequence[str], span: Span, how: How) -> None:
    """Let contacts of a chunk hear what holds now who were just to be told of these alerts."""
    # by no status: SQLite would begin with all that was ever left unsent
    query = select(DeliveryRow.contact_id).where(
        DeliveryRow.alert_id.in_(alert_ids),
        DeliveryRow.error_code == OVERTAKEN,
        DeliveryRow.deferred == Why.NEWCOMER,
        within(DeliveryRow.contact_id, span),
    )
    if alert_ids and (late := list(conn.scalars(query.distinct()))):
        tell_newcomers(conn, late, how)


def _insert(dialect: str, rows: Select[*tuple[Any, ...]]) -> Any:
    """Return what writes the rows down.

    What another worker is just fanning out may be there already, and stays. What never left because
    its reader said STOP while it waited is told now that he wants it; so is what did not arrive at
    an address that was wrong, and has been put right since, or whose owner had said STOP before it
    was added, and says START.
    """
    insert: Any = (sqlite if dialect == "sqlite" else postgresql).insert(DeliveryRow)
    insert = insert.from_select(list(rows.selected_columns.keys()), rows)
    again = (
        *("status", "error_code", "language", "tariff", "deferred", "tell_at", "due_at"),
        *("expires_at", "updated_at"),
    )
    mended = and_(DeliveryRow.status.in_(NOT_ARRIVED), put_right_since())
    stopped = and_(DeliveryRow.status == Status.SUPPRESSED, DeliveryRow.error_code == NO_ADDRESS)
    return insert.on_conflict_do_update(
        index_elements=["alert_id", "contact_id", "channel"],
        set_={
            **{name: insert.excluded[name] for name in again},
            **_AS_NEW,
            **_elsewhere(mended, insert.excluded),
        },
        where=or_(stopped, mended),
    )


def _elsewhere(mended: ColumnElement[bool], made: Any) -> Mapping[str, Any]:
    """Return what makes a sending of its own of what goes to an address that was put right.

    It has as many tries as any, and an id by which no late word of the old address finds it.
    """
    row = DeliveryRow
    own = {
        "created_at": made.created_at,
        "sent_as": made.id,
        "attempts_before": row.attempts,
        **dict.fromkeys(("provider", "provider_id", "route"), null()),
    }
    return {name: case((mended, value), else_=getattr(row, name)) for name, value in own.items()}


def _release(conn: Connection, people: Sequence[str], pace: Pace, *, now: datetime) -> None:
    """Let what waits for a digest go as soon as its reader wants it, there, from now on.

    By what is theirs: 100,000 may wait for the morning, and nobody else's is looked at.
    """
    person, channel = ContactRow, SubscriptionChannelRow
    for tell, waits in ((Tell.IMMEDIATELY, (Why.DAILY, Why.WEEKLY)), (Tell.DAILY, (Why.WEEKLY,))):
        wants = exists().where(
            channel.subscription_id == SubscriptionRow.id,
            channel.channel == DeliveryRow.channel,
            SubscriptionRow.contact_id == DeliveryRow.contact_id,
            func.coalesce(SubscriptionRow.tell, 0) == tell,
            AlertRow.id == DeliveryRow.alert_id,
            SubscriptionRow.min_rank <= AlertRow.level_rank,
            exists().where(*asked_for()),
        )
        morning = select(_of_each(person, pace, lambda one: one.morning_at)).where(
            person.id == DeliveryRow.contact_id
        )
        soon = _at(now) if tell is Tell.IMMEDIATELY else morning.scalar_subquery()
        conn.execute(
            update(DeliveryRow)
            .where(
                among(conn, DeliveryRow.contact_id, people),
                DeliveryRow.created_at > now - _WAITS_AT_MOST,
                DeliveryRow.tell_at > (now if tell is Tell.IMMEDIATELY else soon),
                # nothing that an index has: SQLite would begin with all that is queued
                DeliveryRow.status.concat("") == Status.QUEUED,
                DeliveryRow.deferred.in_(waits),
                wants,
            )
            .values(tell_at=soon)
        )


def _standing(
    conn: Connection, concerned: ColumnElement[bool], *, now: datetime
) -> Mapping[str, int]:
    """Return what a subscriber's least is held against, of each alert that holds for some of them.

    What is announced counts as bad as it will be on its day.
    """
    target, aim, cargo = SubscriptionTargetRow, AlertTargetRow, SubscriptionCargoRow
    of_theirs = and_(
        concerned,
        target.subscription_id == SubscriptionRow.id,
        cargo.subscription_id == SubscriptionRow.id,
    )
    # from their side: from that of an alert it is 100,000 who asked for the same road
    asked = select(target.target, cargo.cargo).where(of_theirs).distinct().cte("asked")
    query = select(AlertRow.id, AlertRow.facts).where(
        AlertRow.status == "active",
        AlertRow.expires_at > now,
        AlertRow.type.not_in(sorted(ENDS)),
        exists().where(
            aim.alert_id == AlertRow.id,
            aim.target == asked.c.target,
            asked.c.cargo == AlertRow.cargo,
        ),
    )
    facts = {row.id: facts_from_json(row.facts) for row in conn.execute(query)}
    return {
        alert_id: one.heard_from.rank
        for alert_id, one in facts.items()
        if one.heard_from.rank >= LEAST.rank and not one.exercise
    }


def _untold(
    concerned: ColumnElement[bool],
    ranks: Mapping[str, int],
    languages: Sequence[str],
    countries: Countries,
) -> Select[*tuple[Any, ...]]:
    """Return what finds who is to hear which alert, of those who can be written to now."""
    channel, address, person = SubscriptionChannelRow, ContactChannelRow, ContactRow
    soon = func.coalesce(SubscriptionRow.tell, 0)
    severe = [one for one, rank in ranks.items() if rank >= Level.SEVERE.rank]
    least = case((AlertRow.id.in_(sorted(severe)), Level.SEVERE.rank), else_=LEAST.rank)
    # of several subscriptions the one that is told soonest
    each = (AlertRow.id, person.id, channel.channel)
    turn = func.row_number().over(partition_by=each, order_by=soon)
    language = case((person.language.in_(languages), person.language), else_=languages[0])
    form = paying.language_of(
        language, channel=channel.channel, tariff=address.tariff, countries=countries
    )
    found = select(
        AlertRow.id.label("alert_id"),
        AlertRow.level,
        AlertRow.expires_at,
        person.id.label("contact_id"),
        person.organisation_id,
        person.hours_id,
        channel.channel,
        form.label("language"),
        paying.tariff_of(channel.channel, address.tariff).label("tariff"),
        soon.label("tell"),
        turn.label("turn"),
    )
    return found.where(
        concerned,
        AlertRow.id.in_(sorted(ranks)),
        SubscriptionRow.min_rank <= least,
        exists().where(*asked_for()),
        channel.subscription_id == SubscriptionRow.id,
        person.id == SubscriptionRow.contact_id,
        address.contact_id == SubscriptionRow.contact_id,
        address.channel == channel.channel,
        address.status == "active",
        ~_knows(),
    )


def _knows() -> ColumnElement[bool]:
    """Return the condition that a contact was told of the alert, or of as much before it.

    Or is about to be. Who was told of `high` and not of the `severe` after it does not know; nor
    does he whom the last word itself did not reach, which may speak of another place. Asked of each
    alert of the chain, of which there are few: joined, SQLite would begin with all that its contact
    was ever told, for each alert that holds.
    """
    of, told = aliased(AlertRow, name="of"), aliased(DeliveryRow, name="told")
    lost = aliased(DeliveryRow, name="lost")
    with_another = and_(
        told.status == Status.SUPPRESSED, told.error_code.in_([IN_DIGEST, SAID_TOGETHER])
    )
    by_it = (
        exists()
        .where(
            told.alert_id == of.id,
            told.contact_id == SubscriptionRow.contact_id,
            or_(told.status.not_in(_UNTOLD), with_another),
        )
        .correlate(of, SubscriptionRow)
    )
    missed = (
        exists()
        .where(
            lost.alert_id == AlertRow.id,
            lost.contact_id == SubscriptionRow.contact_id,
            lost.status.in_(NOT_ARRIVED),
        )
        .correlate(AlertRow, SubscriptionRow)
    )
    as_much = and_(of.level_rank >= AlertRow.level_rank, ~missed)
    chain = exists().where(
        of.chain_id == AlertRow.chain_id, or_(of.id == AlertRow.id, as_much), by_it
    )
    return chain.correlate(AlertRow, SubscriptionRow)


def _deliveries(rows: CTE, pace: Pace, *, now: datetime) -> Select[*tuple[Any, ...]]:
    at_once = or_(rows.c.level == Level.SEVERE, rows.c.tell == Tell.IMMEDIATELY)
    daily = rows.c.tell == Tell.DAILY
    why = case((at_once, Why.NEWCOMER.value), (daily, Why.DAILY.value), else_=Why.WEEKLY.value)
    tell_at = case(
        (at_once, _at(now)),
        (daily, _of_each(rows.c, pace, lambda one: one.morning_at)),
        else_=_of_each(rows.c, pace, lambda one: one.weekly_at),
    )
    priority = {one.value: priority_of(one, AlertType.UPDATE) for one in Level}
    return select(
        sql_uuid7(literal(uuid7_prefix(now))).label("id"),
        rows.c.alert_id,
        rows.c.contact_id,
        rows.c.organisation_id,
        rows.c.channel,
        rows.c.language,
        literal(Status.QUEUED.value).label("status"),
        case(priority, value=rows.c.level).label("priority"),
        literal(0).label("attempts"),
        cast(null(), String).label("error_code"),
        _at(NEVER).label("due_at"),
        _at(now).label("created_at"),
        _at(now).label("updated_at"),
        rows.c.expires_at,
        why.label("deferred"),
        tell_at.label("tell_at"),
        rows.c.tariff,
    ).where(rows.c.turn == 1)


def _of_each(
    rows: Any, pace: Pace, instant: Callable[[Moment], datetime]
) -> ColumnElement[datetime]:
    usual, by_hours = _at(instant(pace.usual)), pace.by_hours.items()
    clocks = {hours_id: _at(instant(moment)) for hours_id, moment in by_hours}
    return case(clocks, value=rows.hours_id, else_=usual) if clocks else usual


def _at(instant: datetime) -> ColumnElement[datetime]:
    return literal(instant, UtcDateTime())
