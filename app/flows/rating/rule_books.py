"""The rule set in force, compiled."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from app.config import Config
from app.core.errors import ConfigError
from app.flows.context import Context
from app.risk import store as risk_store
from app.risk.checking import InvalidRulesError, compile_rules
from app.risk.kept import RuleSet
from app.risk.rulebook import RuleBook
from app.risk.rules import Rule, parse_rules
from app.risk.store import Bounds

#: Rule sets kept compiled, 0.3 MB each: the one in force, and those that old ratings ask for.
BOOKS_KEPT = 16


def active_book(conn: Connection, context: Context) -> RuleBook:
    """Return the rules in force, compiled once for each number in this process.

    Raises:
        ConfigError: No rule set was ever seeded; `sira migrate` does it.
    """
    number = risk_store.active_number(conn)
    if number is None:
        raise ConfigError("no rule set is in force: run `sira migrate`")
    return book_of(conn, number, context)


def book_of(conn: Connection, number: int, context: Context) -> RuleBook:
    """Return a rule set, compiled. A set never changes, so it is compiled once."""
    known = context.books.pop(number, None)
    if known is None:
        known = book_from(risk_store.get_rule_set(conn, number), context)
    context.books[number] = known  # last again: who was asked for longest ago is forgotten
    for old in list(context.books)[:-BOOKS_KEPT]:
        context.books.pop(old, None)
    return known


def book_from(rule_set: RuleSet, context: Context) -> RuleBook:
    """Return a rule set, compiled anew: of one that is not committed yet nothing is remembered."""
    return compiled(rule_set.number, rules_of(rule_set, context.config), context.config)


def rules_of(rule_set: RuleSet, config: Config) -> tuple[Rule, ...]:
    """Return the rules of a stored set, all of them: a danger whose rule is left out is silent.

    Raises:
        InvalidRulesError: They were checked when the set was made, and the configuration, or this
            version, has since ceased to know what one of them names.
    """
    rules, problems = parse_rules(rule_set.rules, cargoes=config.cargoes.codes)
    if problems:
        raise InvalidRulesError(problems)
    return rules


def refuse_unusable(conn: Connection, config: Config) -> int | None:
    """Return the number of the rules in force, which fit a configuration; None: there are none.

    Raises:
        ConfigError: They do not fit it.
    """
    rule_set = risk_store.active_rule_set(conn)
    if rule_set is None:
        return None
    try:
        compiled(rule_set.number, rules_of(rule_set, config), config)
    except InvalidRulesError as error:
        named = sorted({problem.rule for problem in error.problems})
        raise ConfigError(
            f"the rules in force (rule set {rule_set.number}) do not fit {config.directory}:"
            f" {error.problems[0].message}, in {', '.join(named)}. Put back what these rules name,"
            " or start with the configuration as it was and change them first"
        ) from error
    return rule_set.number


def book_at(conn: Connection, at: datetime, context: Context) -> RuleBook:
    """Return the rules in force at an instant; before there were any, the first that were."""
    number = risk_store.number_in_force_at(conn, at)
    if number is None:
        return active_book(conn, context)
    return book_of(conn, number, context)


def compiled(number: int, rules: Sequence[Rule], config: Config) -> RuleBook:
    """Return rules, compiled under the number of their set."""
    return compile_rules(
        number,
        rules,
        families={kind.code: kind.family for kind in config.kinds},
        cargoes=config.cargoes.codes,
        policy=config.risk,
    )


def bounds_of(book: RuleBook) -> Bounds:
    """Return how much of a section's past is looked at under a rule set.

    Of what is older, sums that other rules weighed will do until `new_rules.put_weighed` has been
    there.
    """
    return Bounds(memory_days=book.policy.memory_days, scale=book.scale)
