"""When each of many people is told, decided in the statement that makes their deliveries.

One step after the other in a WITH: nested, they would be too deep for SQLite's parser. It says in
SQL what `delivery.moment.decide` says of one contact; a test holds them together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    BindParameter,
    ColumnElement,
    Connection,
    Integer,
    Select,
    String,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from app.alerts.alert import AlertType, Reason
from app.alerts.codec import facts_from_json
from app.core.levels import Level
from app.db import turns
from app.db.ids import sql_uuid7, uuid7_prefix
from app.db.tables import AlertRow, ContactRow, DeliveryRow, MuteRow
from app.db.turns import Sort
from app.db.types import UtcDateTime
from app.delivery.delivery import Status, priority_of
from app.delivery.moment import (
    ANSWERS,
    COUNTED,
    Haste,
    MomentPolicy,
    Tell,
    Why,
    haste_of,
)
from app.delivery.outbox import paying
from app.delivery.outbox.pace import Pace, PaceShape
from app.delivery.outbox.words import IN_DIGEST, NEVER, SAID_TOGETHER
from app.subscribers.countries import Countries

#: What a statement that is built once is told with every chunk; see `given`.
_NOW = bindparam("b_now", type_=UtcDateTime())
_PREFIX = bindparam("b_prefix", type_=String())
#: What one heard before whom no end reached, of an alert that is not held up because of an end.
NO_END_HEARD = -1
#: Numbers of each alert, by the names under which it is given them.
_OF_ALERT = ("priority", "haste", "allowance", "rank", "hurried")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """An alert as far as the moment depends on it.

    Attributes:
        rank: The least that a subscriber's minimum is held against.
        hurried: It is told at once only because an end was told before it.
    """

    priority: int
    haste: Haste
    allowance: int
    rank: int
    hurried: bool = False


def count_alone(conn: Connection) -> None:
    """Let nobody else count until the transaction ends: two would find the same room."""
    turns.take(conn, Sort.DAY, ["messages"])


def said_in(row: Any, policy: MomentPolicy | None) -> Said:
    """Return what of an alert's row the moment depends on; without a policy all goes at once."""
    level, kind, reason = Level(row.level), AlertType(row.type), Reason(row.reason)
    priority, before = priority_of(level, kind), Level(row.before_level)
    # who heard it rise hears it fall; who will be stopped on an announced day hears of it now
    facts = facts_from_json(row.facts)
    rank = facts.heard_from.rank
    rank = rank if kind is AlertType.ALERT else max(rank, before.rank)
    if policy is None:
        return Said(priority=priority, haste=Haste.AT_ONCE, allowance=0, rank=rank)
    haste = haste_of(level, before, kind, reason, after_end=facts.after_end)
    otherwise = haste_of(level, before, kind, reason)
    return Said(
        priority=priority,
        haste=haste,
        allowance=policy.allowance(level, answers=reason in ANSWERS),
        rank=rank,
        hurried=haste is Haste.AT_ONCE and otherwise is Haste.NEWS,
    )


def given(now: datetime, said: Mapping[str, Said], pace: Pace | None) -> dict[str, Any]:
    """Return what `deliveries` and `muted_until` are told of an instant, and of alerts by id."""
    found: dict[str, Any] = {"b_now": now, "b_prefix": uuid7_prefix(now)}
    for place, (alert_id, one) in enumerate(said.items()):
        numbers = (one.priority, int(one.haste), one.allowance, one.rank, int(one.hurried))
        found[f"b_alert_{place}"] = alert_id
        found |= {f"b_{name}_{place}": it for name, it in zip(_OF_ALERT, numbers, strict=True)}
    return found | (pace.given if pace is not None else {})


def alert_ids(number: int) -> list[BindParameter[str]]:
    """Return what stands for the ids of so many alerts."""
    return [bindparam(f"b_alert_{place}", type_=String()) for place in range(number)]


def of_alert(name: str, number: int, alert_id: Any) -> ColumnElement[int]:
    """Return a number of an alert, one of `_OF_ALERT`."""
    numbers = [bindparam(f"b_{name}_{place}", type_=Integer()) for place in range(number)]
    return case(dict(zip(alert_ids(number), numbers, strict=True)), value=alert_id)


def muted_until(pace: PaceShape | None) -> ColumnElement[Any]:
    """Return until when a contact's organisation wants no news of an alert's route, or NULL."""
    if pace is None or not pace.mutes:
        return cast(null(), UtcDateTime())
    return (
        select(func.max(MuteRow.until))
        .where(
            MuteRow.until > _NOW,
            MuteRow.organisation_id == ContactRow.organisation_id,
            or_(MuteRow.route.is_(None), MuteRow.route == AlertRow.route),
        )
        .correlate(ContactRow, AlertRow)
        .scalar_subquery()
    )


def deliveries(
    rows: CTE,
    number: int,
    languages: Sequence[str],
    *,
    bundle_id: BindParameter[str],
    pace: PaceShape | None,
    countries: Countries | None,
) -> Select[Any]:
    """Return the deliveries of a chunk: what leaves now, what waits, what another one says.

    It stays the same for other alerts and at other times: of those it is told by `given`.

    Args:
        rows: Who hears which alert.
        number: Of alerts in the bundle.
        languages: That texts exist in; the first one is for everybody else.
        bundle_id: Of the alerts.
        pace: None: everything is told at once.
        countries: What messages cost; None: nobody asks.
    """
    gathered = _alone(rows) if number == 1 else _gathered(rows, number, bundle_id)
    timed = _timed(gathered, pace)
    return _rows(timed, number, languages, paced=pace is not None, countries=countries)


def _alone(rows: CTE) -> CTE:
    """Return the rows of the only alert: nothing to choose, and no sorting of everybody for it."""
    return select(
        rows,
        literal(1).label("turn"),
        literal(1).label("first"),
        literal(1).label("groups"),
        _haste(bindparam("b_haste_0", type_=Integer()), rows).label("haste"),
        bindparam("b_allowance_0", type_=Integer()).label("allowance"),
        cast(null(), String).label("digest_id"),
    ).cte("gathered")


def _gathered(rows: CTE, number: int, bundle_id: BindParameter[str]) -> CTE:
    """Return the rows with what else of the bundle the same contact hears.

    `turn` 1: of its route and type it is the first. `first` 1: of all. `groups`: how many routes
    and types. What is muted is apart from what is not; so is what he wants to hear tomorrow from
    what he wants to hear now, unless all of it leaves now: a message that leaves is said by none
    that waits.
    """
    haste = _haste(of_alert("haste", number, rows.c.alert_id), rows)
    held = case((and_(haste == Haste.NEWS, rows.c.muted_until.is_not(None)), 1), else_=0)
    one = select(
        rows,
        haste.label("own_haste"),
        of_alert("allowance", number, rows.c.alert_id).label("own_allowance"),
        held.label("held"),
    ).cte("one")
    two = _apart(one)
    person = (two.c.contact_id, two.c.channel, two.c.held, two.c.later)
    order = (two.c.own_haste, two.c.bundle_rank, two.c.alert_id)
    ranks = func.aggregate_strings(cast(two.c.bundle_rank, String), ".").over(
        partition_by=person, order_by=order, rows=(None, None)
    )
    placed = select(
        two,
        func.row_number()
        .over(partition_by=(*person, two.c.route, two.c.type), order_by=order)
        .label("turn"),
        func.row_number().over(partition_by=person, order_by=order).label("first"),
        func.max(two.c.own_allowance).over(partition_by=person).label("allowance"),
        bundle_id.concat(":").concat(ranks).label("digest_id"),
    ).cte("placed")
    group = (placed.c.contact_id, placed.c.channel, placed.c.held, placed.c.later)
    first_of_group = case((placed.c.turn == 1, 1), else_=0)
    groups = func.sum(first_of_group).over(partition_by=group)
    return select(placed, groups.label("groups")).cte("gathered")


def _apart(one: CTE) -> CTE:
    """Return the rows with the `haste` of what leaves together, and which are read `later`."""
    together = (one.c.contact_id, one.c.channel, one.c.held)
    haste = func.min(one.c.own_haste).over(partition_by=together)
    known = select(one, haste.label("haste")).cte("hasty")
    later = and_(known.c.haste == Haste.NEWS, known.c.tell != Tell.IMMEDIATELY)
    return select(known, case((later, 1), else_=0).label("later")).cte("two")


def _haste(haste: ColumnElement[int], rows: CTE) -> ColumnElement[int]:
    """Return how far an alert may be held up from a contact, by the worst he `heard` before."""
    first_word = and_(haste == Haste.AGAIN, rows.c.heard < Level.SEVERE.rank)
    as_news = rows.c.heard == NO_END_HEARD
    return case((as_news, int(Haste.NEWS)), (first_word, int(Haste.AT_ONCE)), else_=haste)


def _timed(rows: CTE, pace: PaceShape | None) -> CTE:
    """Return the rows with `why` they wait and `until` when; both NULL: they do not."""
    if pace is None:
        return select(
            rows,
            cast(null(), String).label("why"),
            cast(null(), UtcDateTime()).label("until"),
        ).cte("timed")
    why = _why(rows, pace)
    if pace.limited:
        rows = select(rows, why.label("early")).cte("known").prefix_with("MATERIALIZED")
        full = _said_today(rows, pace) >= rows.c.allowance
        person = rows.c.channel.in_(COUNTED)  # a program is not worn out by hearing much
        waits = and_(rows.c.early.is_(None), rows.c.haste != Haste.AT_ONCE, person, full)
        why = case((waits, Why.LIMIT.value), else_=rows.c.early)
    # worked out once a row, however often its columns are named
    decided = select(rows, why.label("why")).cte("decided").prefix_with("MATERIALIZED")
    until = case(
        (decided.c.why == Why.MUTED, decided.c.muted_until),
        (decided.c.why == Why.QUIET_HOURS, pace.instant(decided, "quiet_until")),
        (decided.c.why == Why.DAILY, pace.instant(decided, "morning_at")),
        (decided.c.why == Why.WEEKLY, pace.instant(decided, "weekly_at")),
        (decided.c.why == Why.LIMIT, pace.instant(decided, "next_day")),
    )
    return select(decided, until.label("until")).cte("timed")


def _why(rows: CTE, pace: PaceShape) -> ColumnElement[Any]:
    news = rows.c.haste == Haste.NEWS
    quiet = pace.instant(rows, "quiet_until")
    whens: list[tuple[ColumnElement[bool], Any]] = [
        (rows.c.haste == Haste.AT_ONCE, null()),
        (and_(news, rows.c.muted_until.is_not(None)), Why.MUTED.value),
        (and_(news, rows.c.tell == Tell.DAILY), Why.DAILY.value),
        (and_(news, rows.c.tell == Tell.WEEKLY), Why.WEEKLY.value),
        (and_(news, quiet.is_not(None)), Why.QUIET_HOURS.value),
    ]
    return case(*whens, else_=cast(null(), String))


def _said_today(rows: CTE, pace: PaceShape) -> ColumnElement[int]:
    """Return how much a contact was told on his local day: a look at an index a channel.

    What an SMS and an e-mail both say was told once: they name the same alert.
    """
    before = aliased(DeliveryRow, name="before")
    return (
        select(func.count(before.alert_id.distinct()))
        .where(
            before.contact_id == rows.c.contact_id,
            before.channel.in_(COUNTED),
            before.counts_at >= pace.instant(rows, "day_began_at"),
        )
        .correlate(rows)
        .scalar_subquery()
    )


def _rows(
    rows: Any,
    number: int,
    languages: Sequence[str],
    *,
    paced: bool,
    countries: Countries | None,
) -> Select[Any]:
    language: ColumnElement[str] = case(
        (rows.c.language.in_(languages), rows.c.language), else_=languages[0]
    )
    if countries is not None:
        language = paying.language_of(
            language, channel=rows.c.channel, tariff=rows.c.tariff, countries=countries
        )
    at_once = rows.c.why.is_(None)
    several = rows.c.groups > 1
    speaks = or_(
        rows.c.why.is_not(None),
        case((several, rows.c.first == 1), else_=rows.c.turn == 1),
    )
    found = select(
        sql_uuid7(_PREFIX).label("id"),
        rows.c.alert_id,
        rows.c.contact_id,
        rows.c.organisation_id,
        rows.c.channel,
        language.label("language"),
        case((speaks, Status.QUEUED.value), else_=Status.SUPPRESSED.value).label("status"),
        case((speaks, None), (several, IN_DIGEST), else_=SAID_TOGETHER).label("error_code"),
        of_alert("priority", number, rows.c.alert_id).label("priority"),
        literal(0).label("attempts"),
        case((at_once, _NOW), else_=literal(NEVER, UtcDateTime())).label("due_at"),
        _NOW.label("created_at"),
        _NOW.label("updated_at"),
        rows.c.expires_at,
    )
    if number > 1:
        digest = case((and_(at_once, several), rows.c.digest_id), else_=cast(null(), String))
        found = found.add_columns(digest.label("digest_id"))
    if paced:
        found = found.add_columns(rows.c.why.label("deferred"), rows.c.until.label("tell_at"))
        counts = case((and_(speaks, at_once), _NOW), else_=cast(null(), UtcDateTime()))
        found = found.add_columns(counts.label("counts_at"))
    if countries is not None:
        tariff = paying.tariff_of(rows.c.channel, rows.c.tariff)
        reserved: ColumnElement[Any] = cast(null(), BigInteger())
        if number == 1:  # texts that say several are still to be written: see `paying.reserve`
            cost = paying.cost_of(tariff, language, languages, countries, channel=rows.c.channel)
            reserved = case((and_(speaks, at_once), cost))
        found = found.add_columns(tariff.label("tariff"), reserved.label("reserved"))
    # SQLite takes the ON of "ON CONFLICT" for that of a join where no WHERE comes between
    return found.where(rows.c.alert_id.is_not(None))
