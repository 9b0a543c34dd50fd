"""Rule sets: numbered, never changed, one in force."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from app.core.ids import new_id
from app.db.tables.risk import (
    RuleActivationRow,
    RuleSetRow,
)
from app.risk.kept import RuleSet, RuleSetChangedError, RuleSetNotFoundError
from app.risk.rules import Rule

_RULE_SETS = select(RuleSetRow.__table__)
_ACTIVE = select(RuleSetRow.number).where(RuleSetRow.active)  # built once: every report asks
#: Any number; held to the end of the transaction by whoever changes rule sets on PostgreSQL.
_RULE_SET_LOCK = 7_401


def active_rule_set(conn: Connection) -> RuleSet | None:
    """Return the rule set in force, None before the first was seeded."""
    return _rule_set(conn.execute(_RULE_SETS.where(RuleSetRow.active)).first())


def active_number(conn: Connection) -> int | None:
    """Return the number of the rule set in force, None before the first was seeded."""
    return conn.scalar(_ACTIVE)


def number_in_force_at(conn: Connection, at: datetime) -> int | None:
    """Return the number of the rule set that was in force at an instant.

    Before the first it is the first, which no later change moves; None: there is none at all.
    """
    then = conn.scalar(
        select(RuleActivationRow.number)
        .where(RuleActivationRow.at <= at)
        .order_by(RuleActivationRow.at.desc(), RuleActivationRow.id.desc())
        .limit(1)
    )
    if then is not None:
        return then
    return conn.scalar(
        select(RuleActivationRow.number)
        .order_by(RuleActivationRow.at, RuleActivationRow.id)
        .limit(1)
    )


def get_rule_set(conn: Connection, number: int) -> RuleSet:
    """Return a rule set.

    Raises:
        RuleSetNotFoundError: There is none of this number.
    """
    found = _rule_set(conn.execute(_RULE_SETS.where(RuleSetRow.number == number)).first())
    if found is None:
        raise RuleSetNotFoundError(f"there is no rule set {number}")
    return found


def list_rule_sets(conn: Connection, *, below: int | None, limit: int) -> list[RuleSet]:
    """Return a page of rule sets, newest first; `below` is the last number of the page before."""
    query = _RULE_SETS.order_by(RuleSetRow.number.desc()).limit(limit)
    if below is not None:
        query = query.where(RuleSetRow.number < below)
    return [found for row in conn.execute(query) if (found := _rule_set(row)) is not None]


def rules_ever(conn: Connection, ids: Collection[str]) -> Iterator[Mapping[str, Any]]:
    """Yield the tables of rules of these ids in every set that was in force, or may be approved.

    One that waits for a second admin can be approved no more once another set is in force.
    """
    active = select(RuleSetRow.number).where(RuleSetRow.active).scalar_subquery()
    were = RuleSetRow.activated_at.is_not(None) | (RuleSetRow.base == active)
    for (rules,) in conn.execute(select(RuleSetRow.rules).where(were)):
        yield from (one for one in rules if one["id"] in ids)


def seed_rule_set(conn: Connection, rules: Iterable[Rule], *, now: datetime) -> RuleSet:
    """Return the active rule set; make `rules` number 1 and active when there is none at all."""
    _lock_rule_sets(conn)  # another process may start on the same empty database
    if (found := active_rule_set(conn)) is not None:
        return found
    return save_rule_set(conn, rules, note="as shipped", actor="system", now=now)


def save_rule_set(
    conn: Connection,
    rules: Iterable[Rule],
    *,
    note: str,
    actor: str,
    now: datetime,
    expected: int | None = None,
    pending: bool = False,
    accepted: str | None = None,
) -> RuleSet:
    """Store rules under the next number and put them in force; sets never change afterwards.

    Args:
        conn: In a transaction.
        rules: Checked, see `app.risk.checking.check_rules`.
        note: Why.
        actor: Who: "key:<id>" or "system".
        now: When.
        expected: The active number that the change was made from; None: whatever it is.
        pending: It waits for a second admin: what is in force stays so.
        accepted: Why warnings were overridden.

    Raises:
        RuleSetChangedError: Another set has been activated since `expected`.
    """
    _lock_rule_sets(conn)
    active = conn.scalar(select(RuleSetRow.number).where(RuleSetRow.active))
    if expected is not None and active != expected:
        raise RuleSetChangedError(f"rule set {active} is in force, not {expected}: read it first")
    number = (conn.scalar(select(func.max(RuleSetRow.number))) or 0) + 1
    if not pending:
        conn.execute(update(RuleSetRow).where(RuleSetRow.active).values(active=False))
    conn.execute(
        insert(RuleSetRow).values(
            number=number,
            created_at=now,
            created_by=actor,
            note=note,
            rules=[rule.as_table() for rule in rules],
            active=not pending,
            activated_at=None if pending else now,
            base=active,
            accepted=accepted,
        )
    )
    if not pending:
        _add_activation(conn, number, now=now)
    return get_rule_set(conn, number)


def activate(
    conn: Connection, number: int, *, now: datetime, approved_by: str | None = None
) -> RuleSet:
    """Put an earlier rule set in force again, or one that a second admin approved.

    Raises:
        RuleSetNotFoundError: There is none of this number.
    """
    _lock_rule_sets(conn)
    get_rule_set(conn, number)
    conn.execute(update(RuleSetRow).where(RuleSetRow.active).values(active=False))
    conn.execute(
        update(RuleSetRow).where(RuleSetRow.number == number).values(active=True, activated_at=now)
    )
    if approved_by is not None:
        conn.execute(
            update(RuleSetRow).where(RuleSetRow.number == number).values(approved_by=approved_by)
        )
    _add_activation(conn, number, now=now)
    return get_rule_set(conn, number)


def _add_activation(conn: Connection, number: int, *, now: datetime) -> None:
    conn.execute(insert(RuleActivationRow).values(id=new_id(now), at=now, number=number))


def _lock_rule_sets(conn: Connection) -> None:
    """Let one transaction at a time choose the next number; SQLite has one writer anyway."""
    if conn.dialect.name == "postgresql":
        conn.execute(select(func.pg_advisory_xact_lock(_RULE_SET_LOCK)))


def _rule_set(row: Any) -> RuleSet | None:
    if row is None:
        return None
    return RuleSet(**{**row._mapping, "rules": tuple(row.rules)})  # noqa: SLF001 - public API of rows
