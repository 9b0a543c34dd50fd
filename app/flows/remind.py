"""A severe danger goes on and nothing new is heard: those who were told are reminded."""

from datetime import datetime

from sqlalchemy import Connection

from app.alerts import store as alert_store
from app.alerts.alert import AlertState
from app.alerts.remind import Reminding, is_due, reminder
from app.flows import turns
from app.flows.age_out import ACTOR, BY_TIME
from app.flows.alerting import bundle
from app.flows.alerting.bundle import Decided
from app.flows.alerting.statements import statement_of
from app.flows.context import Context
from app.flows.rating import rule_books
from app.flows.rating.route_news import RouteNews, holders
from app.flows.rating.standing import Standing
from app.incidents import store as incident_store
from app.incidents.incident import Incident
from app.risk import store as risk_store


def remind(conn: Connection, *, context: Context, now: datetime) -> int:
    """Say again what is severe still; return how many statements were made.

    A reminder is an update of its chain, to those whom the chain reached; fan-out leaves out who
    was told lately. It waits for quiet hours, digests, mutes and the limit of the day like any news
    that is no danger of its own; none is made at night. Done twice, the second finds that something
    was just said.
    """
    policy = context.config.moment.remind
    if policy is None or context.config.alerts.is_night(now):
        return 0
    turns.alone(conn)
    found = alert_store.list_severe(conn, said_before=now - policy.after)
    if not found:
        return 0
    corridors = context.config.network.corridors
    states = risk_store.route_states(conn, corridors.keys() & {one.route for one in found})
    book = rule_books.active_book(conn, context)
    standing = Standing(conn, book=book, context=context, now=now)
    said = []
    for one in found:
        state, told = states.get((one.route, one.cargo)), one.state
        if state is None:
            continue
        count = alert_store.count_reminders(conn, told.chain_id)
        if (
            is_due(told, level=state.level, reminded=count, policy=policy, now=now)
            is not Reminding.DUE
        ):
            continue
        news = standing.news(state, told.level)
        statement = statement_of(news, BY_TIME, context.config, about=_held_by(conn, told, news))
        said.append(
            Decided(
                statement,
                reminder(
                    told,
                    certainty=statement.change.certainty,
                    policy=context.config.alerts,
                    now=now,
                ),
                told,
            )
        )
    bundle.store(conn, said, {}, BY_TIME, actor=ACTOR, context=context, now=now)
    return len(said)


def _held_by(conn: Connection, told: AlertState, news: RouteNews) -> Incident | None:
    """Return what was spoken of last, if it is that which is severe; None: what is, is spoken of.

    That a lesser danger elsewhere is not confirmed yet may have been said last: to be reminded of
    that alone reads as if the severe one were over.
    """
    last = incident_store.find_incident(conn, told.speaks) if told.speaks else None
    return last if last in holders(news) else None
