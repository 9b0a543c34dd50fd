"""A rule set before it goes live: every problem found, or the book that rates by it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeAlias

from app.core.errors import InvalidError
from app.core.levels import Level
from app.incidents.incident import Incident, Status
from app.incidents.report import Family, Range
from app.risk.cel import Condition, activation, compile_condition, holds, incident_facts
from app.risk.evidence import gather
from app.risk.policy import RiskPolicy
from app.risk.rate import rate
from app.risk.rulebook import Recent, RuleBook
from app.risk.rules import Problem, Rule
from app.risk.weighing import Exposed
from app.roads.geometry import Position
from app.roads.network import Section
from app.roads.places import Location, Shape

#: A sample incident, and what conditions see of it for each cargo.
_Sample: TypeAlias = tuple[Incident, Sequence[Any]]


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


def problem_table(problem: Problem) -> dict[str, str | int | None]:
    """Return a problem as it is answered to an editor."""
    return {
        "rule": problem.rule,
        "field": problem.field,
        "line": problem.line,
        "column": problem.column,
        "message": problem.message,
        "suggestion": problem.suggestion,
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

    Beside types and words, each rule is tried on samples of every kind, plain and grave, on
    a spot and on an area, so that one that throws, raises the danger by good news, or holds
    everything at `severe` is found before it is saved.
    """
    compiled, problems = _compiled(rules, kinds=families, cargoes=cargoes)
    if problems:
        return problems
    samples = [
        (sample, [activation(incident_facts(sample), _ROAD, cargo, _BUSY) for cargo in cargoes])
        for sample in _samples(families)
    ]
    for rule, condition in compiled:
        problems += _tried(rule, condition, samples)
    enabled = [(rule, condition) for rule, condition in compiled if rule.enabled]
    if problems or not enabled:
        return problems
    book = RuleBook(0, enabled, families=families, cargoes=cargoes, policy=policy)
    return _too_severe(book, [sample for sample, _ in samples])


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


def _tried(rule: Rule, condition: Condition, samples: Sequence[_Sample]) -> list[Problem]:
    """Return the first thing that a rule alone does wrong on the samples."""
    matched: list[Incident] = []
    for sample, views in samples:
        outcomes = [holds(condition, view) for view in views]
        if thrown := [said for said in outcomes if isinstance(said, str)]:
            message = f"the condition fails on a sample {sample.kind}: {thrown[0][:200]}"
            return [Problem(rule=rule.id, field="/when", message=message)]
        if any(outcomes):
            matched.append(sample)
    weights = rule.weight.values() if isinstance(rule.weight, Mapping) else [rule.weight]
    adds = max(weights, default=0.0) > 0 or bool(rule.floors)
    eases = min(weights, default=0.0) < 0
    for sample in matched:
        good = sample.family is Family.POSITIVE
        if good and adds:
            message = f"adds danger by good news ({sample.kind}): the weight must not be above 0"
            return [Problem(rule=rule.id, field="/weight", message=message)]
        if eases and not good:
            message = f"takes danger away by bad news ({sample.kind}): the weight is below 0"
            return [Problem(rule=rule.id, field="/weight", message=message)]
    return _severe_for_all(rule, matched, samples)


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
            problems.append(Problem(rule="", field="", message=message))
    return problems


def _level(sample: Incident, cargo: str, book: RuleBook) -> Level:
    exposed = Exposed(incident=sample, distance_km=0.0, known_at=_WHEN)
    return rate(gather(_ROAD, [exposed], book), cargo, now=_WHEN).level


_WHEN = datetime(2025, 9, 14, 12, tzinfo=UTC)
_ROAD = Section(
    id="diema~kayes",
    start="diema",
    end="kayes",
    start_name="Diéma",
    end_name="Kayes",
    km=50.0,
    line=(Position(14.55, -9.19), Position(14.45, -11.43)),
    corridors=("ML-DKR-N",),
    areas=frozenset({"country:ML", "region:ML/Kayes", "cercle:ML/Kayes/Diéma"}),
    road="RN1",
)
_BUSY = Recent(1, 1, 1, 1)


def _samples(families: Mapping[str, Family]) -> list[Incident]:
    """Return incidents of every kind: bare, grave on a spot, and of a whole area."""
    spot = Location(
        shape=Shape.POINT, position=Position(14.5, -9.9), radius_km=2.0, label="Lakamané"
    )
    area = replace(spot, shape=Shape.AREA, radius_km=0.0, area="region:ML/Kayes", region="Kayes")
    samples = []
    for kind, family in families.items():
        bare = _bare(f"sample-{kind}-bare", kind, family, spot)
        grave = replace(
            bare,
            id=f"sample-{kind}-grave",
            status=Status.CONFIRMED,
            actor="JNIM",
            target="fuel_convoy",
            cargo=("fuel",),
            fatalities=Range(low=1, high=3),
            abducted=Range(low=1, high=6),
            vehicles=Range(low=20, high=130),
            certain=True,
        )
        samples += [bare, grave, replace(grave, id=f"sample-{kind}-area", location=area)]
    return samples


def _bare(name: str, kind: str, family: Family, where: Location) -> Incident:
    return Incident(
        id=name,
        version=1,
        kind=kind,
        family=family,
        status=Status.OPEN,
        occurred_at=_WHEN,
        date_precision="instant",
        first_reported_at=_WHEN,
        last_reported_at=_WHEN,
        location=where,
        actor=None,
        target=None,
        cargo=(),
        fatalities=None,
        abducted=None,
        vehicles=None,
        figures=(),
        voices=(),
        reports=1,
        credibility=1.0,
        certain=False,
        only_unknown=False,
    )


def _say(problem: Problem) -> str:
    where = f" at line {problem.line}, column {problem.column}" if problem.line else ""
    hint = f"; meant: {problem.suggestion}" if problem.suggestion else ""
    subject = f"rule '{problem.rule}'" if problem.rule else "the rule set"
    return f"{subject}{where}: {problem.message}{hint}"
