"""Rules put in force, and the roads rated by them, without a server."""

from datetime import datetime
from functools import partial

from app.db.engine import Database
from app.flows.context import Context
from app.flows.rules import new_rules, publish_rules
from app.flows.rules.new_rules import Ahead
from app.flows.rules.publish_rules import Signed
from app.flows.rules.tune_rules import Change
from app.risk.kept import RuleSet


def publish(
    db: Database, change: Change, *, context: Context, now: datetime, ahead: Ahead | None = None
) -> RuleSet:
    """Put a change in force, whatever warnings say; the roads are rated by nobody yet."""
    drafted = db.read_now(lambda conn: publish_rules.draft(conn, change, context=context, now=now))
    signed = Signed(actor="k", accept="it is meant so")

    work = partial(
        publish_rules.publish,
        drafted=drafted,
        signed=signed,
        context=context,
        now=now,
        ahead=ahead,
    )
    return db.write_now(work)


def rate_roads(
    db: Database, *, context: Context, now: datetime, most: int = new_rules.PART
) -> list[frozenset[str]]:
    """Rate every road by the rules in force; return the sections of each part."""
    parts = []
    ask = partial(new_rules.warm_next, context=context, now=now, most=most)
    while part := db.read_now(ask):
        rate = partial(new_rules.rate_part, sections=part, actor="key:k", context=context, now=now)
        db.write_now(rate)
        parts.append(part)
    return parts
