"""Time passes: ratings age, statements run out, nothing becomes safe by it."""

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from app.alerts import store as alert_store
from app.alerts.alert import ENDS, AlertState
from app.alerts.change import Cause
from app.alerts.decision import Chain
from app.alerts.expired import decide_expired
from app.core.clock import Clock
from app.db.engine import Database
from app.flows import assess, turns
from app.flows.alerting import bundle
from app.flows.alerting.besides import where_on
from app.flows.alerting.bundle import Decided
from app.flows.alerting.calm import calm_of, going_on_at, over_quietly
from app.flows.alerting.statements import Background, statement_of
from app.flows.assess import Changes
from app.flows.context import Context
from app.flows.rating import ratings, rule_books
from app.flows.rating.standing import Standing
from app.flows.readers.journeys_out import OVER
from app.incidents import store as incident_store
from app.incidents.incident import Incident, Status
from app.risk import store as risk_store
from app.risk.rating import RouteState

#: Sections rated again in one transaction, with what is told of them: a report that comes meanwhile
#: waits for it. After a pause all of them are due at once.
_STRIDE = 40
#: Statements looked at in one transaction.
_DUE = 50
ACTOR = "clock"
BY_TIME = Background(
    cause=Cause.AGED,
    trigger=None,
    where=None,
    changed=frozenset(),
    resolved=frozenset(),
    refuted=frozenset(),
    backfill=False,
)


async def age_all(
    db: Database,
    context: Context,
    clock: Clock,
    *,
    older_than: timedelta,
    made: Callable[[], None],
) -> None:
    """Rate again every section not rated for `older_than`, some at a time; call `made` after each.

    What there is to read is read before each transaction that writes, which every report waits for:
    after a pause nothing of it is remembered.
    """

    def read(conn: Connection) -> bool:
        return _read_ahead(conn, older_than=older_than, context=context, now=clock.now())

    def write(conn: Connection) -> bool:
        return age_ratings(conn, older_than=older_than, context=context, now=clock.now()) > 0

    while await db.read(read) and await db.write(write):
        made()


def _read_ahead(
    conn: Connection, *, older_than: timedelta, context: Context, now: datetime
) -> bool:
    """Remember the evidence of the sections that come next; False: there are none.

    What changes before they are rated changes their tokens, and is read again then.
    """
    due = _due(conn, older_than=older_than, of=context.config.network.sections, now=now)
    book = rule_books.active_book(conn, context)
    states = ratings.states_of(conn, due, context)
    read = ratings.evidence_of(
        conn, dict.fromkeys(due, ()), states, book=book, context=context, now=now
    )
    for section_id, known in read.items():
        if (state := states.get(section_id)) is not None:
            context.evidence.put(state.token, known)
    return bool(due)


def age_ratings(conn: Connection, *, older_than: timedelta, context: Context, now: datetime) -> int:
    """Rate again some sections not rated for `older_than`, the oldest first; return how many.

    Before these, those on which a closure begins that was announced for an instant that has come:
    whoever drives that morning must not wait for the hour to be over. The caller calls again until
    it returns 0. Evidence that has grown old ends in `unknown`; what was told is answered by "no
    fresh news", never by an all-clear.
    """
    turns.alone(conn)
    sections = context.config.network.sections
    due = _due(conn, older_than=older_than, of=sections, now=now)
    if due:
        changes = Changes(cause=Cause.AGED, sections=frozenset(due))
        assess.assess(conn, changes, actor=ACTOR, context=context, now=now)
    return len(due)


def _due(
    conn: Connection, *, older_than: timedelta, of: Collection[str], now: datetime
) -> list[str]:
    """Return the sections `of` these to rate next: where a closure begins, then the oldest."""
    if begun := _begun(conn, older_than=older_than, of=of, now=now):
        return begun
    return risk_store.states_due(conn, older_than=older_than, of=of, limit=_STRIDE, now=now)


def _begun(
    conn: Connection, *, older_than: timedelta, of: Collection[str], now: datetime
) -> list[str]:
    """Return sections `of` these on which an announced closure began since they were rated.

    What began longer ago than `older_than` found them rated since, or due by their age alone.
    """
    for one in incident_store.list_begun(conn, since=now - older_than, now=now):
        reached = [key for key in incident_store.sections_of(conn, one.id) if key in of]
        since = now - one.begins_at
        due = risk_store.states_due(conn, older_than=since, of=reached, limit=_STRIDE, now=now)
        if due:
            return due
    return []


def expire_statements(conn: Connection, *, context: Context, now: datetime) -> int:
    """Answer statements whose time is over; return how many were looked at.

    1. Nobody released a held alert in time: it is dropped.
    2. The danger holds: the statement is renewed, or said to be unconfirmed still.
    3. Evidence answered it, and it has been quiet long enough since: the all-clear.
    4. Nobody did: who was told hears that there is no fresh news, and the chain ends.
    """
    turns.alone(conn)
    alert_store.end_expired_held(conn, now=now)
    due = alert_store.due_expired(conn, now=now, limit=_DUE)
    if not due:
        return 0
    corridors = context.config.network.corridors
    states = risk_store.route_states(conn, corridors.keys() & {one.route for one in due})
    book = rule_books.active_book(conn, context)
    standing = Standing(conn, book=book, context=context, now=now)
    standing.load({state.worst_section for state in states.values()})
    said: list[Decided] = []
    renewed: dict[str, datetime] = {}
    for one in due:
        state = states.get((one.route, one.cargo))
        decided = _answer_expired(conn, one.state, state, standing, context=context, now=now)
        if decided is None or decided.decision.chain is Chain.ENDED:
            alert_store.end_chain(conn, one.state.chain_id, now=now)
        elif decided.decision.chain is Chain.RENEWED:
            renewed[one.state.id] = decided.decision.expires_at
        elif decided.decision.type is not None:
            said.append(decided)
    alert_store.renew(conn, renewed)
    # What runs out together, for several cargoes of a road or on several roads, is one message.
    bundle.store(conn, said, {}, BY_TIME, actor=ACTOR, context=context, now=now)
    return len(due)


def _answer_expired(
    conn: Connection,
    told: AlertState,
    state: RouteState | None,
    standing: Standing,
    *,
    context: Context,
    now: datetime,
) -> Decided | None:
    """Return what is said to who was told, or of the chain; None: the route is no more."""
    if state is None:
        return None
    news = standing.news(state, told.level)
    calm = None
    goes_on = partial(
        going_on_at,
        route=state.route,
        cargo=state.cargo,
        standing=standing,
        config=context.config,
        now=now,
    )
    about, ended = _doubted(conn, told)
    if ended:  # who waits for a word of it is told what goes on there, if something does
        about = goes_on(ended[0], where_on(news, ended[0], context.config), None)
    if told.type not in ENDS and not context.config.alerts.is_told(state.level):
        calm = calm_of(conn, state, told, standing=standing, config=context.config, now=now)
    elif told.type not in ENDS and not ended:
        where = partial(where_on, news, config=context.config)
        ended = over_quietly(conn, state.cargo, told, where=where, config=context.config, now=now)
        # beside what is spoken of and what holds the level it would not fit into one SMS
        held = statement_of(news, BY_TIME, context.config, about=about).held_by
        ended = ended if held is None else ()
    if calm is not None and calm.awaited and calm.evidence is not None:
        about = incident_store.find_incident(conn, calm.evidence)
    statement = statement_of(news, BY_TIME, context.config, about=about)
    over = tuple(
        (one, stretch)
        for one in ended
        if goes_on(one, stretch := where_on(news, one, context.config), statement.speaks) is None
    )
    statement = replace(statement, over=over, change=replace(statement.change, calm=calm))
    decision = decide_expired(
        told,
        level=state.level,
        certainty=statement.change.certainty,
        speaks=statement.change.speaks,
        policy=context.config.alerts,
        now=now,
        calm=calm,
        over=bool(over),
    )
    return Decided(statement, decision, told)


def _doubted(conn: Connection, told: AlertState) -> tuple[Incident | None, tuple[Incident, ...]]:
    """Return the incident that was told as unconfirmed and waits for a word, if there is one.

    One that is over waits for none: what still holds the road is spoken of. Where there are only
    such, they are the others: of the first of them is said that it is over.
    """
    known = incident_store.list_incidents_of(conn, told.unanswered & told.incident_ids)
    if (open_one := next((one for one in known if one.status not in OVER), None)) is not None:
        return open_one, ()
    return None, tuple(one for one in known if one.status is Status.RESOLVED)
