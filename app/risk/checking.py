"""A rule set before it goes live: every problem found, or the book that rates by it."""

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any, TypeAlias

from app.core.errors import InvalidError
from app.core.levels import Level
from app.incidents.incident import Incident
from app.incidents.report import Family
from app.risk.cel import Condition, activation, compile_condition, holds, incident_facts
from app.risk.evidence import gather
from app.risk.examples import try_examples
from app.risk.policy import RiskPolicy
from app.risk.problems import Problem
from app.risk.rate import rate
from app.risk.rulebook import RuleBook
from app.risk.rules import Rule
from app.risk.samples import BUSY, CALM, ROAD, TRACK, WHEN, samples
from app.risk.unfit import unfit
from app.risk.weighing import Exposed
from app.roads.places import Shape

#: A sample incident, and what conditions see of it: of each road, for each cargo.
_Sample: TypeAlias = tuple[Incident, Sequence[Sequence[Any]]]


class InvalidRulesError(InvalidError):
    """The rules cannot be used as they are."""

    code = "invalid-rules"
    title = "Invalid rules"

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(
            _say(problems[0]) + (f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""),
            errors=[{"pointer": one.field, "detail": _say(one)} for one in problems],
            extra={"problems": [problem_table(one) for one in problems]},
        )
        self.problems = tuple(problems)


def problem_table(problem: Problem) -> dict[str, str | int | bool | None]:
    """Return a problem as it is answered to an editor."""
    return {
        "rule": problem.rule,
        "field": problem.field,
        "line": problem.line,
        "column": problem.column,
        "message": problem.message,
        "suggestion": problem.suggestion,
        "warning": problem.warning,
    }


def compile_rules(
    number: int,
    rules: Sequence[Rule],
    *,
    families: Mapping[str, Family],
    cargoes: Sequence[str],
    policy: RiskPolicy,
) -> RuleBook:
    """Return the book of a rule set, for rating.

    Checks types and words only: a set that was live stays usable although `check_rules` has since
    become stricter.

    Args:
        number: Of the set.
        rules: In order; disabled ones are left out.
        families: Every configured kind and its family.
        cargoes: Every configured cargo, in order.
        policy: Of config/risk.toml.

    Raises:
        InvalidRulesError: A condition cannot be compiled.
    """
    compiled, problems = _compiled(rules, kinds=families, cargoes=cargoes)
    if problems:
        raise InvalidRulesError(problems)
    enabled = [(rule, condition) for rule, condition in compiled if rule.enabled]
    return RuleBook(number, enabled, families=families, cargoes=cargoes, policy=policy)


def check_rules(
    rules: Sequence[Rule],
    *,
    families: Mapping[str, Family],
    cargoes: Sequence[str],
    policy: RiskPolicy,
) -> list[Problem]:
    """Return everything that speaks against making these rules live; [] when nothing does.

    Beside types and words, and what is unfit to be shown or tried, each rule is tried on samples
    of every kind, plain and grave, on a spot and on an area, so that one that throws, raises the
    danger by good news, or holds everything at `severe` is found before it is saved. Then each
    must say of its own examples what these expect. A problem marked as a warning may be overridden
    by a person with a reason.
    """
    compiled, problems = _compiled(rules, kinds=families, cargoes=cargoes)
    problems += [problem for rule in rules for problem in unfit(rule)]
    if problems:
        return problems
    made_up = [(sample, _views(sample, cargoes)) for sample in samples(families)]
    for rule, condition in compiled:
        problems += _never_true(rule, condition, families)
        problems += _tried(rule, condition, made_up)
        if rule.examples:
            alone = partial(
                RuleBook,
                0,
                [(rule, condition)],
                families=families,
                cargoes=cargoes,
                policy=policy,
            )
            problems += try_examples(rule.id, rule.examples, alone)
    enabled = [(rule, condition) for rule, condition in compiled if rule.enabled]
    if problems or not enabled:
        return problems
    book = RuleBook(0, enabled, families=families, cargoes=cargoes, policy=policy)
    return _too_severe(book, [sample for sample, _ in made_up])


def _views(sample: Incident, cargoes: Sequence[str]) -> list[list[Any]]:
    """Return the sample as conditions see it on a known road among others, and alone on a track."""
    facts = incident_facts(sample)
    return [
        [activation(facts, road, cargo, recent) for cargo in cargoes]
        for road, recent in ((ROAD, BUSY), (TRACK, CALM))
    ]


def _outcomes(condition: Condition, sample: Incident, views: Sequence[Sequence[Any]]) -> list[Any]:
    """Return what the condition says of each view of a sample that it can tell from others.

    A conjunct that is false makes the whole false, whatever the others throw: what a rating does
    not ask the condition about is not asked here either.
    """
    if not condition.may_hold(sample.kind, sample.family):
        return []
    roads = views if condition.by_section or condition.by_recent else views[:1]
    return [
        holds(condition, view)
        for road in roads
        for view in (road if condition.by_cargo else road[:1])
    ]


def _compiled(
    rules: Sequence[Rule], *, kinds: Collection[str], cargoes: Collection[str]
) -> tuple[list[tuple[Rule, Condition]], list[Problem]]:
    compiled: list[tuple[Rule, Condition]] = []
    problems: list[Problem] = []
    for rule in rules:
        condition, found = compile_condition(rule.id, rule.when, kinds=kinds, cargoes=cargoes)
        problems += found
        if condition is not None:
            compiled.append((rule, condition))
    return compiled, problems


def _never_true(rule: Rule, condition: Condition, families: Mapping[str, Family]) -> list[Problem]:
    """Return what makes a condition speak of nothing, such as "and" where "or" was meant."""
    name = condition.impossible
    if name is None and not any(condition.may_hold(*one) for one in families.items()):
        name = "incident.family"
    if name is None:
        return []
    message = (
        f"is never true: it asks {name} to be two things at once; for one or the other write ||"
    )
    return [
        Problem(
            rule=rule.id,
            field="/when",
            message=message,
            warning=True,
            code="never-true",
            about=(name,),
        )
    ]


def _tried(rule: Rule, condition: Condition, samples: Sequence[_Sample]) -> list[Problem]:
    """Return the first thing that a rule alone does wrong on the samples."""
    matched: list[Incident] = []
    for sample, views in samples:
        outcomes = _outcomes(condition, sample, views)
        if thrown := [said for said in outcomes if isinstance(said, str)]:
            said = thrown[0][:200]
            message = f"the condition fails on a sample {sample.kind}: {said}"
            return [_wrong(rule, "/when", message, "fails", said)]
        if any(outcomes):
            matched.append(sample)
    weights = rule.weight.values() if isinstance(rule.weight, Mapping) else [rule.weight]
    adds = max(weights, default=0.0) > 0 or bool(rule.floors)
    eases = min(weights, default=0.0) < 0
    for sample in matched:
        good = sample.family is Family.POSITIVE
        if good and adds:
            message = f"adds danger by good news ({sample.kind}): the weight must not be above 0"
            return [_wrong(rule, "/weight", message, "adds-danger", sample.kind)]
        if eases and not good:
            message = f"takes danger away by bad news ({sample.kind}): the weight is below 0"
            return [_wrong(rule, "/weight", message, "takes-danger", sample.kind)]
    return _severe_for_all(rule, matched, samples)


def _wrong(rule: Rule, field: str, message: str, code: str, about: str) -> Problem:
    return Problem(rule=rule.id, field=field, message=message, code=code, about=(about,))


def _severe_for_all(
    rule: Rule, matched: Sequence[Incident], samples: Sequence[_Sample]
) -> list[Problem]:
    dangers = [sample for sample, _ in samples if sample.family is not Family.POSITIVE]
    if len(matched) < len(dangers) or not dangers:
        return []
    return [
        Problem(
            rule=rule.id,
            field=f"/floor/{place}",
            message="holds for every incident of any kind: would put everything at severe",
            warning=True,
            code="severe-for-all",
        )
        for place, floor in enumerate(rule.floors)
        if floor.level is Level.SEVERE
    ]


def _too_severe(book: RuleBook, samples: Sequence[Incident]) -> list[Problem]:
    """Return a problem for each cargo for which any danger on a spot would be `severe`."""
    dangers = [
        sample
        for sample in samples
        if sample.family is not Family.POSITIVE and sample.location.shape is Shape.POINT
    ]
    problems = []
    for cargo in book.cargoes:
        if dangers and all(_level(sample, cargo, book) is Level.SEVERE for sample in dangers):
            message = f"every incident of any kind would be severe for {cargo}"
            found = Problem(
                rule="",
                field="",
                message=message,
                warning=True,
                code="severe-for-cargo",
                about=(cargo,),
            )
            problems.append(found)
    return problems


def _level(sample: Incident, cargo: str, book: RuleBook) -> Level:
    exposed = Exposed(incident=sample, distance_km=0.0, known_at=WHEN)
    return rate(gather(ROAD, [exposed], book), cargo, now=WHEN).level


def _say(problem: Problem) -> str:
    where = f" at line {problem.line}, column {problem.column}" if problem.line else ""
    hint = f"; meant: {problem.suggestion}" if problem.suggestion else ""
    subject = f"rule '{problem.rule}'" if problem.rule else "the rule set"
    return f"{subject}{where}: {problem.message}{hint}"
