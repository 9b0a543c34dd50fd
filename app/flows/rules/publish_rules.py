"""A changed rule set on its way into force: looked at, saved, approved where policy wants it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from sqlalchemy import Connection

from app.accounts import store as accounts_store
from app.audit import store as audit_store
from app.audit.store import OPERATOR
from app.core.errors import ForbiddenError, InvalidError, UnauthorizedError
from app.core.levels import Level
from app.flows import turns
from app.flows.context import Context
from app.flows.rating import rule_books
from app.flows.rating.ratings import read_anew
from app.flows.rules import new_rules, tune_rules
from app.flows.rules.new_rules import Ahead
from app.flows.rules.tune_rules import Change
from app.incidents import store as incident_store
from app.risk import store as risk_store
from app.risk.checking import InvalidRulesError, problem_table
from app.risk.kept import RuleSet, RuleSetChangedError, RuleSetNotPendingError
from app.risk.problems import Problem
from app.risk.rate import rate
from app.risk.rules import Rule
from app.risk.silence import newly_silent


class RuleWarningsError(InvalidError):
    """The rules would work, but hardly as anybody wants. Change them, or send the reason why not.

    `problems` says what speaks against them. An admin who means it repeats the request with
    `accept_warnings`: the reason, which stays with the rule set.
    """

    code: ClassVar[str] = "rules-need-a-reason"
    title: ClassVar[str] = "The rules would do what hardly anybody wants"

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(
            f"{_hinted(problems[0])}; if it is meant so, say why in `accept_warnings`.",
            errors=[{"pointer": one.field, "detail": _hinted(one)} for one in problems],
            extra={"problems": [problem_table(one) for one in problems]},
        )
        self.problems = tuple(problems)


def _hinted(problem: Problem) -> str:
    return problem.message + (f"; meant: {problem.suggestion}" if problem.suggestion else "")


class OwnChangeError(ForbiddenError):
    """Who made a change does not approve it: another admin's key does."""

    code: ClassVar[str] = "own-change"
    title: ClassVar[str] = "A change is approved by another admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Rules that could be put in force.

    Attributes:
        base: The set they were made from, in force when they were looked at.
        warnings: What a person must have a reason to override.
    """

    rules: tuple[Rule, ...]
    base: int | None
    warnings: tuple[Problem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """Who publishes, and why.

    Attributes:
        note: For those who read the history; `otherwise` where nobody gave one.
        accept: Why warnings are overridden.
        expected: The number the change was made from; None: whichever is in force.
    """

    actor: str
    note: str | None = None
    otherwise: str = ""
    accept: str | None = None
    expected: int | None = None


def draft(conn: Connection, change: Change, *, context: Context, now: datetime) -> Draft:
    """Return the rules that `change` makes of those in force, with everything that was found.

    Only reads: a look at every road takes a while, and no report should wait for it.

    1. Form, types and words; names on the map; samples of every kind; the examples of each rule.
    2. The roads as they are now: what happened there is judged by the new rules.
    3. What nobody would hear of any more, beside the rules in force.

    Raises:
        InvalidRulesError: They cannot be used; warnings are among its problems.
    """
    active = risk_store.active_rule_set(conn)
    in_force = active.rules if active is not None else ()
    rules, problems = tune_rules.check_draft(change(in_force), context.config, in_force=in_force)
    if all(one.warning for one in problems):
        problems = [*problems, *_today(conn, rules, context=context, now=now)]
    if not all(one.warning for one in problems):
        raise InvalidRulesError(problems)
    return Draft(
        rules=rules, base=active.number if active is not None else None, warnings=tuple(problems)
    )


def publish(
    conn: Connection,
    drafted: Draft,
    signed: Signed,
    *,
    context: Context,
    now: datetime,
    ahead: Ahead | None = None,
) -> RuleSet:
    """Put drafted rules in force, or let them wait for a second admin where policy wants one.

    `new_rules.rate_roads` is to follow.

    Raises:
        RuleWarningsError: There are warnings, and no reason to override them.
        RuleSetChangedError: Another set came into force since.
        NoteMissingError: The policy wants a note.
    """
    turns.alone(conn)
    tune_rules.must_say_why(signed.note, context)
    if drafted.warnings and not signed.accept:
        raise RuleWarningsError(drafted.warnings)
    before = risk_store.active_number(conn)
    if signed.expected is None and before != drafted.base:
        raise RuleSetChangedError(f"rule set {before} came into force meanwhile: try again")
    waits = context.config.changing.second_admin
    saved = risk_store.save_rule_set(
        conn,
        drafted.rules,
        note=signed.note or signed.otherwise,
        actor=f"key:{signed.actor}",
        now=now,
        expected=signed.expected,
        pending=waits,
        accepted=signed.accept if drafted.warnings else None,
    )
    tune_rules.record(
        conn,
        "rules.proposed" if waits else "rules.changed",
        saved,
        {"note": saved.note, "accepted": saved.accepted},
        actor=signed.actor,
        now=now,
    )
    if not waits:
        new_rules.come_into_force(conn, saved, before=before, ahead=ahead, context=context, now=now)
    return saved


def approve(
    conn: Connection,
    number: int,
    *,
    note: str | None,
    actor: str,
    context: Context,
    now: datetime,
    ahead: Ahead | None = None,
) -> RuleSet:
    """Put a rule set in force that waited for a second admin, who is `actor`.

    `new_rules.rate_roads` is to follow.

    Raises:
        RuleSetNotFoundError: There is none of this number.
        RuleSetNotPendingError: It does not wait.
        OwnChangeError: `actor` is who made it.
        UnauthorizedError: `actor` was revoked, or ran out, while the roads were looked at.
        RuleSetChangedError: Another set came into force since it was made: make it anew.
    """
    turns.alone(conn)
    found = risk_store.get_rule_set(conn, number)
    if not found.pending:
        raise RuleSetNotPendingError(f"Rule set {number} does not wait for approval.")
    made_by = _second_admin(conn, found, actor, now=now)
    before = risk_store.active_number(conn)
    if before != found.base:
        raise RuleSetChangedError(
            f"rule set {before} is in force, not {found.base}, from which {number} was made: "
            "make the change anew"
        )
    approved = risk_store.activate(conn, number, now=now, approved_by=f"key:{actor}")
    detail = {"note": note or "", "author": found.created_by, "key_made_by": made_by}
    tune_rules.record(conn, "rules.approved", approved, detail, actor=actor, now=now)
    new_rules.come_into_force(conn, approved, before=before, ahead=ahead, context=context, now=now)
    return approved


def _second_admin(conn: Connection, found: RuleSet, actor: str, *, now: datetime) -> str:
    """Refuse a key that is not another one; return who made it, for those who read the history.

    Whoever made a change could have made a second key as well: that is seen there, not prevented,
    for where one admin makes all keys nobody else could ever approve.
    """
    if found.created_by == f"key:{actor}":
        detail = f"Rule set {found.number} is your own change; another admin approves it."
        raise OwnChangeError(detail)
    key = accounts_store.get_key(conn, actor)
    if not key.is_live(now):
        raise UnauthorizedError("This key has been revoked or has expired.")
    return audit_store.maker_of_key(conn, actor) or OPERATOR


def _today(
    conn: Connection, rules: Sequence[Rule], *, context: Context, now: datetime
) -> list[Problem]:
    """Return what the rules would do wrong on the roads as they are now."""
    network = context.config.network
    reached = incident_store.reached_sections(conn)
    sections = [one for one in reached if one in network.sections]
    book = rule_books.compiled(0, rules, context.config)
    bounds = rule_books.bounds_of(book)
    reached_now = read_anew(
        conn, dict.fromkeys(sections, ()), book=book, bounds=bounds, context=context, now=now
    )
    thrown: dict[str, Problem] = {}
    severe = dict.fromkeys(book.cargoes, 0)
    for _, known in reached_now:
        thrown |= {one.rule: one for one in known.problems}
        for cargo in book.cargoes:
            severe[cargo] += rate(known, cargo, now=now).level is Level.SEVERE
    found = [*thrown.values(), *_widely_severe(conn, severe, context)]
    if risk_store.active_number(conn) is None:
        return found
    families = {kind.code: kind.family for kind in context.config.kinds}
    return [*newly_silent(rule_books.active_book(conn, context), book, families), *found]


def _widely_severe(conn: Connection, severe: Mapping[str, int], context: Context) -> list[Problem]:
    """Return a warning for each cargo for which too much of the network would turn `severe`."""
    sections = context.config.network.sections
    limit = context.config.changing.severe_share * len(sections)
    states = risk_store.section_states(conn, sections.keys()).values()
    problems = []
    for cargo, number in severe.items():
        known = (state.cargoes.get(cargo) for state in states)
        before = sum(one is not None and one.level is Level.SEVERE for one in known)
        if number > limit and number > before:
            message = (
                f"{number} of {len(sections)} sections would be severe for {cargo} now "
                f"({before} are)"
            )
            found = Problem(
                rule="",
                field="",
                message=message,
                warning=True,
                code="severe-widely",
                about=(cargo, str(number), str(len(sections)), str(before)),
            )
            problems.append(found)
    return problems
