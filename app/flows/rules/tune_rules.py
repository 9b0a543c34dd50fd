"""An admin changes the rules: checked, numbered, in force. What follows: `new_rules`."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Connection

from app.audit import store as audit_store
from app.config import Config
from app.core.errors import ConfigError, ConflictError, InvalidError, NotFoundError
from app.flows import turns
from app.flows.context import Context
from app.flows.rules import new_rules
from app.flows.rules.new_rules import Ahead
from app.risk import store as risk_store
from app.risk.checking import InvalidRulesError, check_rules
from app.risk.kept import RuleSet, RuleSetPendingError
from app.risk.place_names import unknown_names
from app.risk.problems import Problem, near_name
from app.risk.rules import Rule, parse_rules

Tables = Sequence[Mapping[str, Any]]
#: Makes the rules of the next set from those in force.
Change = Callable[[Tables], Tables]


class RuleNotFoundError(NotFoundError):
    """The rule set in force has no rule of this id."""

    code: ClassVar[str] = "rule-not-found"
    title: ClassVar[str] = "No such rule"


class RuleExistsError(ConflictError):
    """A rule of this id is in force already: change it by PUT, or choose another id."""

    code: ClassVar[str] = "rule-exists"
    title: ClassVar[str] = "The rule exists already"


class NoteMissingError(InvalidError):
    """The policy wants every change of the rules to say why: send `note`."""

    code: ClassVar[str] = "note-missing"
    title: ClassVar[str] = "A change needs a note"


def check(tables: Tables, config: Config) -> tuple[tuple[Rule, ...], list[Problem]]:
    """Return the rules that `tables` say, and everything that speaks against using them."""
    rules, problems = parse_rules(tables, cargoes=config.cargoes.codes)
    if not problems:
        problems = check_rules(
            rules,
            families={kind.code: kind.family for kind in config.kinds},
            cargoes=config.cargoes.codes,
            policy=config.risk,
        )
    return rules, problems


def check_draft(
    tables: Tables, config: Config, *, in_force: Tables = ()
) -> tuple[tuple[Rule, ...], list[Problem]]:
    """Return what `check` does, and warnings of names that nothing on the map bears.

    For what an admin writes, while it is written: a rule that is in force as it stands is not
    questioned again, and the map may change under it.
    """
    rules, problems = check(tables, config)
    if all(one.warning for one in problems):
        kept, _ = parse_rules(in_force, cargoes=config.cargoes.codes)
        written = [rule for rule in rules if rule not in kept]
        problems = [*problems, *unknown_names(written, config.network)]
    return rules, problems


def first_rules(config: Config) -> tuple[Rule, ...]:
    """Return the rules that a database begins with.

    Raises:
        ConfigError: They cannot be used; says everything that is wrong.
    """
    rules, problems = check(config.rules, config)
    if problems:
        file = config.directory / "rules.toml"
        said = [str(one["detail"]) for one in InvalidRulesError(problems).errors]
        head = f"{file}: the rules to begin with cannot be used (`sira rules check` has the lines)"
        raise ConfigError("\n  ".join([f"{head}:", *said]))
    return rules


def seed(conn: Connection, config: Config, *, now: datetime) -> int:
    """Make the shipped rules rule set 1 where there is none; return the number in force.

    Raises:
        ConfigError: config/rules.toml cannot be used.
    """
    if (number := risk_store.active_number(conn)) is not None:
        return number
    rules = first_rules(config)
    return risk_store.seed_rule_set(conn, rules, now=now).number


def record(
    conn: Connection,
    action: str,
    rule_set: RuleSet,
    detail: Mapping[str, Any],
    *,
    actor: str,
    now: datetime,
) -> None:
    """Keep in the audit trail what was done with a rule set."""
    audit_store.record(
        conn,
        actor=actor,
        action=action,
        subject_type="rule_set",
        subject_id=str(rule_set.number),
        detail=detail,
        now=now,
    )


def activate(
    conn: Connection,
    number: int,
    *,
    note: str | None,
    actor: str,
    context: Context,
    now: datetime,
    ahead: Ahead | None = None,
) -> RuleSet:
    """Put a rule set in force again that was before; `new_rules.rate_roads` is to follow.

    A way back must be short: no second admin is asked.

    Raises:
        RuleSetNotFoundError: There is none of this number.
        RuleSetPendingError: It never was in force: it waits for a second admin.
        NoteMissingError: The policy wants a note.
    """
    turns.alone(conn)
    must_say_why(note, context)
    if risk_store.get_rule_set(conn, number).pending:
        raise RuleSetPendingError(
            f"Rule set {number} waits for another admin: POST /v1/rulesets/{number}/approve."
        )
    before = risk_store.active_number(conn)
    found = risk_store.activate(conn, number, now=now)
    record(conn, "rules.activated", found, {"note": note or ""}, actor=actor, now=now)
    new_rules.come_into_force(conn, found, before=before, ahead=ahead, context=context, now=now)
    return found


def must_say_why(note: str | None, context: Context) -> None:
    """Refuse a change without a note where the policy wants one.

    Raises:
        NoteMissingError: There is none.
    """
    if context.config.changing.require_note and not (note and note.strip()):
        detail = "Say why, for those who read the history."
        fault = {"parameter": "note", "in": "query", "detail": detail}
        raise NoteMissingError(detail, errors=[fault])


def added(table: Mapping[str, Any]) -> Change:
    """Return the change that adds a rule.

    Raises (when made):
        RuleExistsError: Its id is taken.
    """

    def change(tables: Tables) -> Tables:
        if any(one["id"] == table["id"] for one in tables):
            raise RuleExistsError(f"There is a rule {table['id']!r} already; change it by PUT.")
        return [*tables, table]

    return change


def replaced(rule_id: str, table: Mapping[str, Any]) -> Change:
    """Return the change that puts `table` in the place of a rule, its examples included."""

    def change(tables: Tables) -> Tables:
        find(tables, rule_id)
        return [table if one["id"] == rule_id else one for one in tables]

    return change


def put(rule_id: str, table: Mapping[str, Any]) -> Change:
    """Return the change that puts `table` in the place of a rule, or adds it."""

    def change(tables: Tables) -> Tables:
        known = any(one["id"] == rule_id for one in tables)
        return (replaced(rule_id, table) if known else added(table))(tables)

    return change


def removed(rule_id: str) -> Change:
    """Return the change that takes a rule away."""

    def change(tables: Tables) -> Tables:
        find(tables, rule_id)
        return [one for one in tables if one["id"] != rule_id]

    return change


def find(tables: Tables, rule_id: str) -> Mapping[str, Any]:
    """Return a rule's table.

    Raises:
        RuleNotFoundError: There is none of this id; names the nearest.
    """
    for one in tables:
        if one["id"] == rule_id:
            return one
    near = near_name(rule_id, [one["id"] for one in tables])
    hint = f" Did you mean {near!r}?" if near else ""
    raise RuleNotFoundError(f"There is no rule {rule_id[:80]!r} in force.{hint}")
