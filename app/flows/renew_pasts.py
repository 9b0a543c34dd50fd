"""New rules weigh the long past, too: section by section, while reports go on.

A rule set that comes into force rates every road at once, but of what is kept as sums by what the
rules before it made of that. To weigh ten years anew takes seconds a section: they are read beside
the work, and put in force in a transaction of their own, if nobody was faster.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from app.alerts.decide import Cause
from app.flows import assess, rule_books, turns
from app.flows.assess import Changes
from app.flows.context import Context
from app.flows.ratings import read_anew
from app.risk import store as risk_store
from app.risk.rulebook import RuleBook
from app.risk.store import SectionPast

ACTOR = "clock"


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


def put_in_force(conn: Connection, renewal: Renewal, *, context: Context, now: datetime) -> bool:
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
        risk_store.renew_token(conn, section_id, now=now)
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
