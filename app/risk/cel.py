"""Conditions of rules: CEL, type-checked against the variables that exist."""

import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cel_expr_python import cel  # type: ignore[import-untyped]

from app.incidents.incident import Incident, Status
from app.incidents.report import Family
from app.risk.problems import Problem, near_name
from app.risk.tokens import Token, comparisons, conjuncts, greatest_compared, tokenise, word_at
from app.risk.vocabulary import FUNCTIONS
from app.roads.network import Section
from app.roads.places import Shape

_TEXT, _WHOLE, _REAL, _TRUTH = cel.Type.STRING, cel.Type.INT, cel.Type.DOUBLE, cel.Type.BOOL
_TEXTS = cel.Type.List(cel.Type.STRING)

#: Every variable of a condition, its type, and what it means. Declared by their full names, so that
#: a slip in a field is found when the rule is saved.
VARIABLES: Mapping[str, tuple[cel.Type, str]] = {
    "incident.kind": (_TEXT, "kind of event, a key of config/kinds.toml"),
    "incident.family": (_TEXT, "hostile, closure, military, hazard, context or positive"),
    "incident.status": (_TEXT, "open, confirmed, refuted, resolved or merged"),
    "incident.actor": (_TEXT, "who did it as reported, '' when not known"),
    "incident.target": (_TEXT, "what was hit as reported, '' when not known"),
    "incident.place": (_TEXT, "where, as printed"),
    "incident.region": (_TEXT, "region, '' when not known"),
    "incident.cercle": (_TEXT, "cercle, '' when not known"),
    "incident.country": (_TEXT, "ISO code of the country, '' when not known"),
    "incident.area": (_TRUTH, "it speaks of a whole region, not of a spot"),
    "incident.cargo": (_TEXTS, "cargoes concerned, as reported"),
    "incident.certain": (_TRUTH, "confirmed by a person or by sources enough"),
    "incident.only_unknown": (_TRUTH, "told by new or unknown sources only"),
    "incident.credibility": (_REAL, "0.0 to 1.0"),
    "incident.sources": (_WHOLE, "independent origins"),
    "incident.reports": (_WHOLE, "reports"),
    "incident.fatalities": (_WHOLE, "highest figure given, 0 when none"),
    "incident.abducted": (_WHOLE, "highest figure given, 0 when none"),
    "incident.vehicles": (_WHOLE, "highest figure given, 0 when none"),
    "section.id": (_TEXT, "the stretch of road that is rated"),
    "section.km": (_REAL, "its length"),
    "section.road": (_TEXT, "documented road number, '' without one"),
    "section.routes": (_TEXTS, "codes of the routes that use it"),
    "section.regions": (_TEXTS, "regions it touches"),
    "section.cercles": (_TEXTS, "cercles it touches"),
    "section.countries": (_TEXTS, "ISO codes of the countries it touches"),
    "cargo": (_TEXT, "the cargo that is rated, a key of config/cargoes.toml"),
    "recent.hostile_7d": (_WHOLE, "attacks near the section in the 7 days up to this incident"),
    "recent.hostile_30d": (_WHOLE, "the same, 30 days"),
    "recent.serious_7d": (_WHOLE, "attacks in which people or vehicles were hit, 7 days"),
    "recent.serious_30d": (_WHOLE, "the same, 30 days"),
}
_NAMES = [name for name, (kind, _) in VARIABLES.items() if kind == _TEXT]
_RECENT = [name for name in VARIABLES if name.startswith("recent.")]
#: Where the family stands among the facts of an incident.
FAMILY = 1
#: What an admin of another tool would write, and what to write here.
_ELSEWHERE = {
    "incident.age_days": "time is set by half_life_days and floor.days",
    "incident.distance_km": "distance is set by reach_km and floor.within_km",
    "section.country": "section.countries",
    "section.region": "section.regions",
    "section.cercle": "section.cercles",
    "section.route": "section.routes",
    "incident.cargoes": "incident.cargo",
}
#: Conditions that are kept compiled: of a rule set in force, and of one that is tried beside it.
_REMEMBERED = 256
#: Loops in one condition at most. The engine bounds steps but not the texts that loops can build:
#: five of them nested made 150 MB of one line.
LOOP_LIMIT = 2
_LOOPS = {"exists", "all", "exists_one", "map", "filter"}
_ERROR = re.compile(r"ERROR: <input>:(\d+):(\d+): (.*?)(?= \[[A-Z_]+\]$|\n|$)", re.MULTILINE)
_UNDECLARED = re.compile(r"undeclared reference to '([^']*)'")
_OVERLOAD = re.compile(r"found no matching overload for '[_@]?(.+?)_?' applied to '(.*)'")
_NUMBERS = {
    "(int, double)": "write a whole number without a point, such as 2",
    "(double, int)": "write the number with a point, such as 1.0",
}
_ENVIRONMENT = cel.NewEnv(variables={name: kind for name, (kind, _) in VARIABLES.items()})


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A checked condition.

    Attributes:
        kinds, families: It can be true for these only; None: for any. Found from conjuncts such
            as `incident.kind == "ied"`, so that most rules need no evaluation at all.
        by_cargo, by_section, by_recent: What its outcome depends on beside the incident.
        impossible: A text that would have to be two things at once, so that it is never true; None:
            there is none.
        recent_matters: Of each `recent` variable the greatest number that it is compared with;
            infinity where it is used in another way.
    """

    expression: cel.Expression
    kinds: frozenset[str] | None
    families: frozenset[str] | None
    impossible: str | None
    by_cargo: bool
    by_section: bool
    by_recent: bool
    recent_matters: tuple[float, ...]

    def may_hold(self, kind: str, family: str) -> bool:
        """Return False only when the condition cannot be true for such an incident."""
        return (self.kinds is None or kind in self.kinds) and (
            self.families is None or family in self.families
        )


def compile_condition(
    rule: str, when: str, *, kinds: Collection[str], cargoes: Collection[str]
) -> tuple[Condition | None, list[Problem]]:
    """Return the checked condition, or None and every problem with line and column."""
    condition, problems = _compile(rule, when, tuple(kinds), tuple(cargoes))
    return condition, list(problems)


@lru_cache(maxsize=_REMEMBERED)
def _compile(
    rule: str, when: str, kinds: Collection[str], cargoes: Collection[str]
) -> tuple[Condition | None, Sequence[Problem]]:
    """Compile a condition once: of a rule set that is changed, all others are as they were."""
    try:
        expression = _ENVIRONMENT.compile(when)
    except (RuntimeError, ValueError) as error:
        return None, _compile_problems(rule, when, str(error))
    tokens = tokenise(when)
    problems = _word_problems(rule, tokens, kinds, cargoes)
    if expression.return_type() != cel.Type.BOOL:
        name = str(expression.return_type()).lower()
        message = f"the condition must be true or false, this is of type {name}"
        found = Problem(
            rule=rule,
            field="/when",
            message=message,
            line=1,
            column=1,
            code="not-true-or-false",
            about=(name,),
        )
        problems.append(found)
    if sum(token.text.split(".")[-1] in _LOOPS for token in tokens if token.is_name) > LOOP_LIMIT:
        message = f"more than {LOOP_LIMIT} of exists, all, map and filter"
        found = Problem(rule=rule, field="/when", message=message, code="too-many-loops")
        problems.append(found)
    if problems:
        return None, problems
    roots = {token.text.split(".")[0] for token in tokens if token.is_name}
    top = conjuncts(tokens)
    return Condition(
        expression=expression,
        kinds=_limits(top, "incident.kind"),
        families=_limits(top, "incident.family"),
        impossible=next((name for name in _NAMES if _limits(top, name) == frozenset()), None),
        by_cargo="cargo" in roots,
        by_section="section" in roots,
        by_recent="recent" in roots,
        recent_matters=tuple(_matters_up_to(tokens, name) for name in _RECENT),
    ), []


def _matters_up_to(tokens: list[Token], name: str) -> float:
    greatest = greatest_compared(tokens, name)
    return math.inf if greatest is None else greatest


def holds(condition: Condition, facts: cel.Activation) -> bool | str:
    """Return whether the condition is true; as a text, what went wrong when it throws."""
    try:
        outcome = condition.expression.eval(facts).value()
    except RuntimeError as error:
        return str(error)
    return outcome if isinstance(outcome, bool) else str(outcome)


def incident_facts(incident: Incident) -> tuple[Any, ...]:
    """Return all that conditions see of an incident, in the order of VARIABLES.

    Incidents alike in this are judged alike: it is what judgements are remembered by.
    """
    where = incident.location
    return (
        incident.kind,
        incident.family.value,
        incident.status.value,
        incident.actor or "",
        incident.target or "",
        where.label,
        where.region or "",
        where.cercle or "",
        where.country or "",
        where.shape is Shape.AREA,
        incident.cargo,
        incident.certain,
        incident.only_unknown,
        float(incident.credibility),
        len(incident.voices),
        incident.reports,
        incident.fatalities.high if incident.fatalities else 0,
        incident.abducted.high if incident.abducted else 0,
        incident.vehicles.high if incident.vehicles else 0,
    )


def activation(
    facts: tuple[Any, ...], section: Section, cargo: str, recent: tuple[int, int, int, int]
) -> cel.Activation:
    """Return what a condition is tried on: an incident near a section, for one cargo."""
    around = (
        section.id,
        float(section.km),
        section.road or "",
        section.corridors,
        areas_of(section, "region"),
        areas_of(section, "cercle"),
        areas_of(section, "country"),
        cargo,
    )
    values = (*facts, *around, *recent)
    return _ENVIRONMENT.Activation(
        {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in zip(VARIABLES, values, strict=True)
        }
    )


def areas_of(section: Section, prefix: str) -> tuple[str, ...]:
    """Return the bare names: `region:ML/Kayes` is the region "Kayes"."""
    keys = (key.partition(":") for key in sorted(section.areas))
    return tuple(name.rpartition("/")[2] for kind, _, name in keys if kind == prefix)


def _limits(top: list[list[Token]], variable: str) -> frozenset[str] | None:
    """Return the values that the conjuncts allow for `variable`, None when they do not say."""
    allowed: frozenset[str] | None = None
    for tokens in top:
        for found in comparisons(tokens):
            if found.name == variable and found.operator in {"==", "in"} and found.whole:
                values = frozenset(value.value for value in found.values)
                allowed = values if allowed is None else allowed & values
    return allowed


def _word_problems(
    rule: str, tokens: list[Token], kinds: Collection[str], cargoes: Collection[str]
) -> list[Problem]:
    """Return the literals compared with a closed list of words that are not in it."""
    words: dict[str, Collection[str]] = {
        "incident.kind": kinds,
        "incident.family": [family.value for family in Family],
        "incident.status": [status.value for status in Status],
        "incident.cargo": cargoes,
        "cargo": cargoes,
    }
    problems = []
    for found in comparisons(tokens):
        known = words.get(found.name, ())
        for literal in found.values if found.name in words else ():
            if literal.value not in known:
                what = found.name.split(".")[-1]
                problems.append(
                    Problem(
                        rule=rule,
                        field="/when",
                        message=f"unknown {what} '{literal.value}'",
                        line=literal.line,
                        column=literal.column,
                        suggestion=near_name(literal.value, known),
                        code="unknown-word",
                        about=(literal.value,),
                    )
                )
    return problems


def _compile_problems(rule: str, when: str, text: str) -> list[Problem]:
    tokens = tokenise(when)
    problems = []
    for line, column, message in _ERROR.findall(text):
        at = word_at(tokens, int(line), int(column))
        said, suggestion = _in_plain_words(message)
        problems.append(
            Problem(
                rule=rule,
                field="/when",
                message=said,
                line=int(line),
                column=at.column if at is not None else int(column),
                suggestion=suggestion,
                code="unreadable",
                about=(said,),
            )
        )
    said = text.splitlines()[0][:300]
    whole = Problem(rule=rule, field="/when", message=said, code="unreadable", about=(said,))
    return problems or [whole]


def _in_plain_words(message: str) -> tuple[str, str | None]:
    if found := _UNDECLARED.search(message):
        name = found[1]
        suggestion = _ELSEWHERE.get(name) or near_name(name, [*VARIABLES, *FUNCTIONS])
        return f"unknown name '{name}'", suggestion
    if found := _OVERLOAD.search(message):
        return f"'{found[1]}' does not work on {found[2]}", _NUMBERS.get(found[2])
    return message.partition(" expecting ")[0], None
