"""Rules that a version ships otherwise than those in force: found, and settled by an admin.

A database keeps the rules that it began with, and what its admins made of them: no version changes
them. What `rules.toml` of the configuration has beside them is shown until it was in a rule set, or
an admin has said what becomes of it.
"""

import logging
from datetime import datetime

from sqlalchemy import Connection

from app.audit import store as audit_store
from app.config import Config
from app.flows.context import Context
from app.flows.rating.rule_books import active_book
from app.risk import store as risk_store
from app.risk.rules import parse_rule, parse_rules
from app.risk.shipped import ShippedRule, otherwise, says, unsettled

_log = logging.getLogger(__name__)

_SETTLED = "rule.settled"
_OF = "rule"
#: What was said of shipped rules, looked through: as many as a file may have.
_TRAIL = 300


def unsettled_rules(conn: Connection, config: Config) -> tuple[ShippedRule, ...]:
    """Return the shipped rules that an admin has yet to look at, new ones first.

    Only reads. Without a rule set in force there is none: the shipped ones are about to be.
    """
    active = risk_store.active_rule_set(conn)
    if active is None:
        return ()
    cargoes = config.cargoes.codes
    shipped, _ = parse_rules(config.rules, cargoes=cargoes)
    in_force, _ = parse_rules(active.rules, cargoes=cargoes)
    found = otherwise(shipped, in_force, cargoes)
    if not found:
        return ()
    tables = risk_store.rules_ever(conn, {one.rule.id for one in found})
    read = (parse_rule(table, cargoes=cargoes)[0] for table in tables)
    known = {says(rule, cargoes) for rule in read if rule is not None}
    trail = audit_store.list_entries(conn, before=None, limit=_TRAIL, subject_type=_OF)
    known |= {str(one.detail["says"]) for one in trail if one.action == _SETTLED}
    return unsettled(found, known, cargoes)


def warn_of_unheard(conn: Connection, context: Context) -> tuple[str, ...]:
    """Log and return the kinds of incident that the rules in force say nothing of."""
    unheard = active_book(conn, context).unheard(context.config.kinds)
    if unheard:
        _log.warning("rules.unheard", extra={"kinds": unheard, "hint": "add a rule at /rules"})
    return unheard


def warn_of_shipped(conn: Connection, config: Config) -> tuple[str, ...]:
    """Log and return the ids of shipped rules that an admin has yet to look at."""
    found = tuple(one.rule.id for one in unsettled_rules(conn, config))
    if found:
        hint = "an admin takes over or leaves each at /rules; `sira rules shipped` shows them"
        _log.warning("rules.shipped_otherwise", extra={"rules": found, "hint": hint})
    return found


def settle(
    conn: Connection, rule_id: str, *, taken: bool, actor: str, config: Config, now: datetime
) -> None:
    """Keep that an admin has decided on a rule as it is shipped: it is shown no more.

    Args:
        conn: In a transaction.
        rule_id: Of a shipped rule; of another one nothing is kept.
        taken: It was taken over, perhaps changed.
        actor: The admin's key.
        config: With the shipped rules.
        now: When.
    """
    cargoes = config.cargoes.codes
    shipped, _ = parse_rules(config.rules, cargoes=cargoes)
    for rule in shipped:
        if rule.id == rule_id:
            detail = {"says": says(rule, cargoes), "taken": taken}
            audit_store.record(conn, _SETTLED, rule_id, actor=actor, detail=detail, now=now)
