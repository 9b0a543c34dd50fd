"""How reports become incidents and how far these are believed: config/policy/incidents.toml."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from app.core.errors import ConfigError
from app.incidents import origins
from app.incidents.cargo import Cargoes
from app.incidents.denying import DenyWords, deny_words
from app.incidents.escorts import EscortWords, escort_words
from app.incidents.filed import PRECISIONS, SOURCE_TYPES
from app.incidents.naming import Names
from app.incidents.opening_words import are_names, opening_words
from app.incidents.openings import OpeningWords
from app.incidents.origins import OriginPolicy
from app.incidents.report import Basis
from app.incidents.reputation import ReputationPolicy
from app.incidents.starting import StartWords
from app.incidents.words import folded_words, stems
from app.roads.folding import fold


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """What each feature of a pair of report and incident adds to its score, log-odds."""

    bias: float
    kind_same: float
    kind_near: float
    near: float
    far: float
    same_place: float
    days_apart: float
    same_day: float
    precision_differs: float
    actor: float
    target: float
    cargo: float
    counts: float
    words: float
    figures: float
    road: float
    lag: float
    other_claim_of_page: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchPolicy:
    """When a report speaks of an incident already known; see the file for each value."""

    threshold: float
    window_days: float
    near_days: float
    limit: int
    tolerance_days: Mapping[str, float]
    near_km: float
    lag_days: float
    weights: Weights
    common: frozenset[str]
    another: frozenset[str]
    corrected: frozenset[str]
    names: Names
    openings: OpeningWords
    escorts: EscortWords


@dataclass(frozen=True, slots=True, kw_only=True)
class CredibilityPolicy:
    """How far voices are believed; `reliability` by source type, then basis."""

    diminish: float
    ceiling: float
    unknown_ceiling: float
    alone: float
    voices: int
    reliable: float
    credible: float
    reliability: Mapping[str, Mapping[Basis, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinPolicy:
    """How much an incident keeps of its reports' words, figures and marks."""

    words: int
    road_words: int
    figures: int
    marks: int
    voices: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerPolicy:
    """What a release, safe transit or reopening ends; see the file for each value."""

    credible: float
    strangers: float
    release_days: float
    transit_km: float
    transit_days: float
    reopened_km: float
    reopened_days: float
    words: float
    names: Names
    openings: OpeningWords
    escorts: EscortWords


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentPolicy:
    """The whole of config/policy/incidents.toml."""

    matching: MatchPolicy
    credibility: CredibilityPolicy
    reputation: ReputationPolicy
    joining: JoinPolicy
    answering: AnswerPolicy
    origins: OriginPolicy
    starting: StartWords | None = None
    denying: DenyWords | None = None


def parse(table: Mapping[str, Any], *, file: str, cargoes: Cargoes) -> IncidentPolicy:
    """Return the policy of a parsed TOML table; `cargoes`: to whom a road may be open again.

    Raises:
        ConfigError: A table or key is missing, unknown or out of range; the message names it.
    """
    names = _names(_table(table, "names", file), f"{file}: [names]")
    answering = dict(_table(table, "answering", file))
    openings = opening_words(
        answering.pop("openings", None), f"{file}: [answering.openings]", cargoes
    )
    escorts = escort_words(
        answering.pop("escorted", None), answering.pop("alone", None), f"{file}: [answering]"
    )
    return IncidentPolicy(
        matching=_matching(_table(table, "matching", file), file, names, openings, escorts),
        credibility=_credibility(_table(table, "credibility", file), file),
        reputation=_reputation(table, file),
        joining=_flat(JoinPolicy, _table(table, "joining", file), f"{file}: [joining]", int),
        answering=_flat(
            AnswerPolicy,
            answering,
            f"{file}: [answering]",
            names=names,
            openings=openings,
            escorts=escorts,
        ),
        origins=origins.parse(_table(table, "origins", file), file=file),
        starting=_starting(table.get("starting"), f"{file}: [starting]"),
        denying=deny_words(table.get("denying"), f"{file}: [denying]"),
    )


def _matching(
    table: Mapping[str, Any],
    file: str,
    names: Names,
    openings: OpeningWords,
    escorts: EscortWords,
) -> MatchPolicy:
    where = f"{file}: [matching]"
    tolerance = _table(table, "tolerance_days", where)
    if set(tolerance) != set(PRECISIONS):
        raise ConfigError(f"{where} tolerance_days: exactly {', '.join(PRECISIONS)}")
    words = _table(table, "words", where)
    weights = _flat(Weights, _table(table, "weights", where), f"{file}: [matching.weights]")
    said = {"another": "", "corrected": "", **words}
    if not all(isinstance(said.get(name), str) for name in ("common", "another", "corrected")):
        raise ConfigError(f"{file}: [matching.words] common, another, corrected: words in one text")
    return MatchPolicy(
        threshold=_number(table, "threshold", where),
        window_days=_number(table, "window_days", where, least=1),
        near_days=_number(table, "near_days", where, least=1),
        limit=int(_number(table, "limit", where, least=1, most=200)),
        tolerance_days={name: _number(tolerance, name, where, least=0) for name in tolerance},
        near_km=_number(table, "near_km", where, least=0.1),
        lag_days=_number(table, "lag_days", where, least=0.1),
        weights=weights,
        common=stems(said["common"]),
        another=folded_words(said["another"]),
        corrected=folded_words(said["corrected"]),
        names=names,
        openings=openings,
        escorts=escorts,
    )


def _names(table: Mapping[str, Any], where: str) -> Names:
    if not isinstance(vague := table.get("vague"), str):
        raise ConfigError(f"{where} vague: words in one text")
    same = table.get("same")
    if not isinstance(same, list) or not all(map(are_names, same)):
        raise ConfigError(f"{where} same: lists of names, the first of which stands for the others")
    untold = table.get("untold", [])
    if untold != [] and not (are_names(untold) and {*untold} <= {group[0] for group in same}):
        raise ConfigError(f"{where} untold: some of the names that stand for others")
    return Names(vague, same, untold)


def _starting(table: object, where: str) -> StartWords | None:
    """Return how a day to come is said; without the table it is read from no text."""
    if table is None:
        return None
    lists, names = ("before", "dated", "tomorrow"), {"weekdays": 7, "months": 12}
    optional = {"called_off"}
    if not isinstance(table, Mapping) or {*table} - optional != {*lists, *names}:
        raise ConfigError(f"{where}: exactly {', '.join((*lists, *names))}")
    said = [table[name] for name in (*lists, *optional) if name in table]
    for name, number in names.items():
        if not isinstance(table[name], list) or len(table[name]) != number:
            raise ConfigError(f"{where} {name}: {number} lists of names")
        said += table[name]
    if not all(are_names(group) and all(fold(one) == one for one in group) for group in said):
        raise ConfigError(f"{where}: words in small letters without accents and signs")
    return StartWords(
        before=tuple(table["before"]),
        dated=tuple(table["dated"]),
        tomorrow=tuple(table["tomorrow"]),
        called_off=tuple(table.get("called_off", ())),
        weekdays={one: day for day, group in enumerate(table["weekdays"]) for one in group},
        months={one: month for month, group in enumerate(table["months"], 1) for one in group},
    )


def _credibility(table: Mapping[str, Any], file: str) -> CredibilityPolicy:
    where = f"{file}: [credibility]"
    by_type = _table(table, "reliability", where)
    if missing := set(SOURCE_TYPES) - set(by_type):
        raise ConfigError(f"{file}: [credibility.reliability] lacks '{min(missing)}'")
    reliability = {}
    for source_type, by_basis in by_type.items():
        at = f"{file}: [credibility.reliability] {source_type}"
        reliability[source_type] = {
            basis: _number(by_basis, basis.value, at, least=0, most=1) for basis in Basis
        }
    numbers = {
        name: _number(table, name, where, least=0, most=1)
        for name in ("diminish", "ceiling", "unknown_ceiling", "alone", "reliable", "credible")
    }
    voices = int(_number(table, "voices", where, least=1))
    return CredibilityPolicy(voices=voices, reliability=reliability, **numbers)


def _reputation(table: Mapping[str, Any], file: str) -> ReputationPolicy:
    where = f"{file}: [reputation]"
    found: ReputationPolicy = _flat(ReputationPolicy, _table(table, "reputation", file), where)
    alone = _number(_table(table, "credibility", file), "alone", f"{file}: [credibility]")
    if not 0 < found.least < found.most < alone:
        raise ConfigError(f"{where}: 0 < least < most < [credibility] alone, which is {alone}")
    if found.strength <= 0 or found.half_life_days <= 0 or found.known_from < 1:
        raise ConfigError(f"{where}: strength, half_life_days above 0, known_from at least 1")
    return found


def _flat(
    of: Callable[..., Any],
    table: Mapping[str, Any],
    where: str,
    cast: Callable[[float], Any] = float,
    **more: object,
) -> Any:
    keys = [field.name for field in fields(of) if field.name not in more]  # type: ignore[arg-type]
    if unknown := set(table) - set(keys):
        raise ConfigError(f"{where} has the unknown key '{min(unknown)}'")
    return of(**{key: cast(_number(table, key, where)) for key in keys}, **more)


def _table(table: Mapping[str, Any], name: str, where: str) -> Mapping[str, Any]:
    found = table.get(name)
    if not isinstance(found, Mapping):
        raise ConfigError(f"{where} lacks the table '{name}'")
    return found


def _number(
    table: Mapping[str, Any],
    name: str,
    where: str,
    *,
    least: float = float("-inf"),
    most: float = float("inf"),
) -> float:
    found = table.get(name)
    if isinstance(found, bool) or not isinstance(found, int | float):
        raise ConfigError(f"{where} {name}: a number is needed")
    if not least <= found <= most:
        raise ConfigError(f"{where} {name}: {found} is not between {least} and {most}")
    return float(found)
