"""What follows when rules come into force: the roads are rated by them, and reports go on.

1. Before, where they look farther than those in force: incidents come to reach as far
   (`look_ahead`). Rules that look less far make nothing of it.
2. In the transaction that puts them in force every section is marked.
3. Sections are rated part by part. A report that comes meanwhile takes with it what else is on the
   routes that it touches (`assess`), so that no level follows from two sets of rules.
4. What lies long back is kept as sums: until it is weighed anew, section by section, what the rules
   before made of it counts.

Whatever takes long only reads. Whoever is interrupted has left marks: the clock goes on.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from app.alerts.change import Cause
from app.core.clock import Clock
from app.db.engine import Database
from app.flows import assess, turns
from app.flows.assess import Changes
from app.flows.context import Context
from app.flows.rating import rule_books
from app.flows.rating.ratings import read_anew
from app.incidents import store as incident_store
from app.incidents.incident import Incident
from app.incidents.store import IncidentFilters
from app.risk import store as risk_store
from app.risk.kept import RuleSet
from app.risk.rulebook import RuleBook
from app.risk.rules import Rule
from app.risk.store import SectionPast
from app.roads.network import Network

ACTOR = "clock"
#: Sections rated in one transaction; a country's, so that what follows is one message to each.
PART = 400
#: Incidents looked at together when rules look further than those before.
_STRIDE = 200
#: Clocks of several machines differ by less.
_CLOCKS = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Ahead:
    """Incidents reach as far as `reach_km`, but those that have changed since `since`."""

    reach_km: float
    since: datetime


async def look_ahead(
    db: Database, context: Context, clock: Clock, rules: Sequence[Rule]
) -> Ahead | None:
    """Let incidents reach as far as rules look that are to come into force, some at a time.

    None: those in force look as far.
    """
    book = rule_books.compiled(0, rules, context.config)
    active = await db.read(lambda conn: rule_books.active_book(conn, context))
    if active.reach_km >= book.reach_km:
        return None
    began, after = clock.now() - _CLOCKS, None
    since = began - timedelta(days=book.policy.memory_days)
    while page := await db.write(
        partial(_extend_next, book=book, since=since, after=after, network=context.config.network)
    ):
        after = page
    await db.write(partial(risk_store.count_older_anew, scale=book.scale))
    return Ahead(book.reach_km, began)


def come_into_force(
    conn: Connection,
    rule_set: RuleSet,
    *,
    before: int | None,
    ahead: Ahead | None,
    context: Context,
    now: datetime,
) -> None:
    """Have every road rated by a set that comes into force with this transaction.

    Args:
        conn: In which it does.
        rule_set: The set.
        before: The number of the set that was in force.
        ahead: How far incidents reach already.
        context: With the network.
        now: The present instant.
    """
    book = rule_books.book_from(rule_set, context)
    if ahead is not None and ahead.reach_km >= book.reach_km:
        changed = incident_store.changed_since(conn, ahead.since)
        _extend(conn, changed, book, context.config.network)
        risk_store.count_older_anew(conn, book.scale)
    elif before is None or rule_books.book_of(conn, before, context).reach_km < book.reach_km:
        since, after = now - timedelta(days=book.policy.memory_days), None
        network = context.config.network
        while page := _extend_next(conn, book=book, since=since, after=after, network=network):
            after = page
        risk_store.count_older_anew(conn, book.scale)
    risk_store.make_all_stale(
        conn,
        incident_store.reached_sections(conn),
        network=context.config.network.sections,
        now=now,
    )


async def rate_roads(
    db: Database,
    context: Context,
    clock: Clock,
    *,
    made: Callable[[], None],
    actor: str = ACTOR,
    within: timedelta | None = None,
) -> bool:
    """Rate by the rules in force what other rules rated; tell whether all of it is done.

    Args:
        db: Written to part by part.
        context: With the network.
        clock: Of the ratings.
        made: Called after each part: there may be alerts.
        actor: Who put the rules in force, in the audit trail.
        within: After that long no part is begun any more; None: until it is done.
    """
    ends = asyncio.get_running_loop().time() + (within or timedelta.max).total_seconds()
    while part := await db.read(partial(warm_next, context=context, now=clock.now())):
        if asyncio.get_running_loop().time() > ends:
            return False
        await db.write(
            partial(rate_part, sections=part, actor=actor, context=context, now=clock.now())
        )
        made()
    return True


def warm_next(
    conn: Connection, *, context: Context, now: datetime, most: int = PART
) -> frozenset[str]:
    """Return the sections to be rated next; none: all are. What is known of them is in memory then.

    Only reads.

    Args:
        conn: Any.
        context: With the network, and the memory.
        now: The present instant.
        most: No further route is begun with so many sections.
    """
    network = context.config.network
    part = _next_part(risk_store.stale_sections(conn) & network.sections.keys(), network, most)
    if part:
        book = rule_books.active_book(conn, context)
        tokens = risk_store.section_tokens(conn, part)
        found = read_anew(
            conn,
            dict.fromkeys(part, ()),
            book=book,
            bounds=rule_books.bounds_of(book),
            context=context,
            now=now,
        )
        for section_id, evidence in found:
            context.evidence.put(tokens[section_id], evidence)
    return part


def rate_part(
    conn: Connection, *, sections: frozenset[str], actor: str, context: Context, now: datetime
) -> None:
    """Rate those of these sections that nobody was faster with, and tell what follows."""
    turns.alone(conn)
    if left := sections & risk_store.stale_sections(conn):
        changes = Changes(cause=Cause.RULES, sections=left)
        assess.assess(conn, changes, actor=actor, context=context, now=now)


def _next_part(stale: frozenset[str], network: Network, most: int) -> frozenset[str]:
    """Return stale sections, whole routes of them."""
    part: set[str] = set()
    for code in sorted({code for one in stale for code in network.routes_of(one)}):
        part |= stale & set(network.corridors[code].section_ids)
        if len(part) >= most:
            break
    return frozenset(part)


def _extend_next(
    conn: Connection, *, book: RuleBook, since: datetime, after: str | None, network: Network
) -> str | None:
    """Let the next incidents reach as far as the rules look; return the last of them."""
    turns.alone(conn)
    kept = IncidentFilters(since=since)
    page = incident_store.list_incidents(conn, filters=kept, after=after, limit=_STRIDE)
    _extend(conn, page, book, network)
    return page[-1].id if page else None


def _extend(
    conn: Connection, incidents: Sequence[Incident], book: RuleBook, network: Network
) -> None:
    incident_store.extend_exposures(
        conn, [(one, network.reach_any(one.spots, book.reach_km)) for one in incidents]
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """A section whose long past was weighed anew.

    Attributes:
        rule_set: The number of the rules that did it.
        before: What was kept of it then.
        past: What is to be kept; None: everything is looked at again.
    """

    section_id: str
    rule_set: int
    before: SectionPast
    past: SectionPast | None


def weigh_next(conn: Connection, *, after: str, context: Context, now: datetime) -> Renewal | None:
    """Weigh the past of the next section anew whose sums other rules made; None: there is no more.

    Only reads.

    Args:
        conn: Any.
        after: Sections up to this id have had their turn.
        context: With the network.
        now: The present instant.
    """
    book = rule_books.active_book(conn, context)
    found = risk_store.next_weighed_otherwise(conn, book.weighs_as, after=after)
    if found is None:
        return None
    before = risk_store.find_pasts(conn, [found])[found]
    past = _weighed(conn, found, book, context=context, now=now)
    return Renewal(section_id=found, rule_set=book.number, before=before, past=past)


def put_weighed(conn: Connection, renewal: Renewal, *, context: Context, now: datetime) -> bool:
    """Rate a section by what was weighed; False: it has changed since, and is weighed again later.

    What has happened after the newest of its sums is looked at one by one, now as before.
    """
    turns.alone(conn)
    section_id = renewal.section_id
    kept = risk_store.find_pasts(conn, [section_id]).get(section_id)
    if risk_store.active_number(conn) != renewal.rule_set or kept != renewal.before:
        return False
    risk_store.replace_past(conn, section_id, renewal.past)
    if section_id in context.config.network.sections:
        risk_store.make_stale(conn, section_id, now=now)
        changes = Changes(cause=Cause.RULES, sections=frozenset({section_id}))
        assess.assess(conn, changes, actor=ACTOR, context=context, now=now)
    return True


def _weighed(
    conn: Connection, section_id: str, book: RuleBook, *, context: Context, now: datetime
) -> SectionPast | None:
    """Return a section's sums by these rules; what is no more on the network has none."""
    if section_id not in context.config.network.sections:
        return None
    bounds = replace(rule_books.bounds_of(book), scale=None)
    [(_, evidence)] = read_anew(
        conn, {section_id: ()}, book=book, bounds=bounds, context=context, now=now
    )
    return risk_store.past_of(conn, evidence) if evidence.beyond.count else None
