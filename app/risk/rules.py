"""Rules as an admin writes them: values, and how they are read from TOML and JSON."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.core.levels import Level
from app.core.text import without_turns
from app.risk.example_form import parse_examples
from app.risk.problems import Problem, near_name

#: Longest condition accepted, characters.
WHEN_LIMIT = 1000
#: Rules in one set at most.
RULES_LIMIT = 300
ID_LIMIT = 64
FLOORS_LIMIT = 8
LIFTED = "lifted"
FLOOR_LEVELS = (Level.MODERATE, Level.HIGH, Level.SEVERE)
RULE_KEYS = (
    "id",
    "title",
    "title_fr",
    "when",
    "weight",
    "reach_km",
    "half_life_days",
    "floor",
    "enabled",
    "example",
)
FLOOR_KEYS = ("level", "days", "until", "min_credibility", "cargoes", "within_km")


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """A level that a rule insists on.

    Attributes:
        days: Counted from the incident; from its last report when it holds until lifted, and then
            None stands for the policy's limit.
        until_lifted: It holds until the incident is resolved.
        min_credibility: Less believed incidents do not raise it.
        cargoes: For whom; None: for every cargo.
        within_km: How far from the incident; the whole area for news about an area.
    """

    level: Level
    days: float | None
    until_lifted: bool
    min_credibility: float
    cargoes: tuple[str, ...] | None
    within_km: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What an incident of some kind means for those on the road.

    Attributes:
        when: CEL over `incident`, `section`, `cargo` and `recent`; see `app.risk.cel`.
        weight: How dangerous, relative to a typical serious incident: one number, or one a
            cargo (0 for those not named). Below 0 for good news: the share of the older danger
            that it takes away.
        reach_km: Sections farther away feel nothing of it; None: the policy's reach.
        half_life_days: Replaces the half-life of the short memory; None: the policy's.
        examples: What it must say of made-up incidents; see `app.risk.examples`.
    """

    id: str
    title: str
    title_fr: str
    when: str
    weight: float | Mapping[str, float]
    reach_km: float | None
    half_life_days: float | None
    floors: tuple[Floor, ...]
    enabled: bool
    examples: tuple[Mapping[str, Any], ...] = ()

    def weight_for(self, cargo: str) -> float:
        """Return the weight for `cargo`."""
        if isinstance(self.weight, Mapping):
            return self.weight.get(cargo, 0.0)
        return self.weight

    def title_in(self, language: str) -> str:
        """Return the title in `language`, "fr" or "en"."""
        return self.title_fr if language == "fr" else self.title

    def as_table(self) -> dict[str, Any]:
        """Return what `parse_rule` reads back as the same rule: for storage and for answers."""
        weight = dict(self.weight) if isinstance(self.weight, Mapping) else self.weight
        table = {
            "id": self.id,
            "title": self.title,
            "title_fr": self.title_fr,
            "when": self.when,
            "weight": weight,
            "reach_km": self.reach_km,
            "half_life_days": self.half_life_days,
            "floor": [_floor_table(floor) for floor in self.floors],
            "enabled": self.enabled,
        }
        if self.examples:
            table["example"] = [dict(one) for one in self.examples]
        return table


def parse_rules(
    tables: Iterable[Mapping[str, Any]], *, cargoes: Collection[str]
) -> tuple[tuple[Rule, ...], list[Problem]]:
    """Return the rules that could be read, and what is wrong with the others."""
    rules: list[Rule] = []
    problems: list[Problem] = []
    seen: set[str] = set()
    for position, table in enumerate(tables):
        rule, found = parse_rule(table, cargoes=cargoes, position=position)
        problems += found
        if rule is None:
            continue
        if rule.id in seen:
            problems.append(Problem(rule=rule.id, field="/id", message="this id is used twice"))
        seen.add(rule.id)
        rules.append(rule)
    if len(rules) > RULES_LIMIT:
        problems.append(
            Problem(
                rule="", field="", message=f"more than {RULES_LIMIT} rules", code="too-many-rules"
            )
        )
    return tuple(rules), problems


def parse_rule(
    table: Mapping[str, Any], *, cargoes: Collection[str], position: int = 0
) -> tuple[Rule | None, list[Problem]]:
    """Return the rule, or None and every problem with it."""
    name = table.get("id")
    reader = _RuleReader(name if isinstance(name, str) and name else f"#{position + 1}", cargoes)
    reader.known(table, RULE_KEYS, "")
    title = reader.text(table, "title", 200)
    rule = Rule(
        id=reader.identifier(table),
        title=title,
        title_fr=reader.text(table, "title_fr", 200) if table.get("title_fr") else title,
        when=reader.text(table, "when", WHEN_LIMIT),
        weight=reader.weight(table.get("weight", 0.0)),
        reach_km=reader.optional(table, "reach_km", 1, 200, ""),
        half_life_days=reader.optional(table, "half_life_days", 0.5, 3650, ""),
        floors=reader.floors(table.get("floor")),
        enabled=reader.truth(table, "enabled"),
        examples=reader.examples(table.get("example")),
    )
    return (None if reader.problems else rule), reader.problems


class _RuleReader:
    """Reads one rule, gathering problems instead of stopping at the first."""

    def __init__(self, rule: str, cargoes: Collection[str]) -> None:
        self.rule = rule[:ID_LIMIT]
        self.problems: list[Problem] = []
        self._cargoes = cargoes

    def wrong(self, field: str, message: str, suggestion: str | None = None) -> None:
        self.problems.append(
            Problem(rule=self.rule, field=field, message=message, suggestion=suggestion)
        )

    def known(self, table: Mapping[str, Any], keys: Collection[str], at: str) -> None:
        for key in table:
            if key not in keys:
                self.wrong(f"{at}/{key}", f"unknown key '{key}'", near_name(str(key), keys))

    def identifier(self, table: Mapping[str, Any]) -> str:
        value = table.get("id")
        if not isinstance(value, str) or not 0 < len(value) <= ID_LIMIT:
            self.wrong("/id", f"an id of 1 to {ID_LIMIT} characters is needed")
            return ""
        if not all(
            char.isascii() and (char.islower() or char.isdigit() or char in "-_") for char in value
        ):
            self.wrong("/id", "use lower-case letters, digits, '-' and '_'")
        return value

    def text(self, table: Mapping[str, Any], key: str, limit: int) -> str:
        value = table.get(key)
        if not isinstance(value, str) or not value.strip():
            self.wrong(f"/{key}", f"'{key}' must say something")
            return ""
        value = without_turns(value)
        if len(value) > limit:
            self.wrong(f"/{key}", f"longer than {limit} characters")
        if "\x00" in value or not _is_unicode(value):
            self.wrong(f"/{key}", "holds a character that is no text")
            return ""
        return value

    def truth(self, table: Mapping[str, Any], key: str) -> bool:
        value = table.get(key, True)
        if not isinstance(value, bool):
            self.wrong(f"/{key}", "must be true or false")
            return True
        return value

    def number(self, value: Any, low: float, high: float, field: str) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.wrong(field, "must be a number")
            return low
        if not low <= value <= high:
            self.wrong(field, f"must lie between {low} and {high}")
        return float(value)

    def optional(
        self, table: Mapping[str, Any], key: str, low: float, high: float, at: str
    ) -> float | None:
        if table.get(key) is None:
            return None
        return self.number(table[key], low, high, f"{at}/{key}")

    def weight(self, value: Any) -> float | Mapping[str, float]:
        if not isinstance(value, Mapping):
            return self.number(value, -1, 3, "/weight")
        weights: dict[str, float] = {}
        for cargo, number in value.items():
            self.cargo(cargo, f"/weight/{cargo}")
            weights[str(cargo)] = self.number(number, -1, 3, f"/weight/{cargo}")
        return weights

    def cargo(self, value: Any, field: str) -> str:
        if value not in self._cargoes:
            suggestion = near_name(str(value), self._cargoes)
            self.wrong(field, f"unknown cargo '{value}'", suggestion)
        return str(value)

    def floors(self, value: Any) -> tuple[Floor, ...]:
        if value is None:
            return ()
        entries = [value] if isinstance(value, Mapping) else value
        if not isinstance(entries, list | tuple) or len(entries) > FLOORS_LIMIT:
            self.wrong("/floor", f"must be a table, or a list of at most {FLOORS_LIMIT}")
            return ()
        return tuple(self.floor(entry, f"/floor/{place}") for place, entry in enumerate(entries))

    def floor(self, entry: Any, at: str) -> Floor:
        table = entry if isinstance(entry, Mapping) else {}
        if table is not entry:
            self.wrong(at, "must be a table")
        self.known(table, FLOOR_KEYS, at)
        until, days = table.get("until"), self.optional(table, "days", 0.1, 3650, at)
        if until not in {None, LIFTED}:
            self.wrong(f"{at}/until", f"can only be '{LIFTED}'", LIFTED)
        if until is None and days is None:
            self.wrong(f"{at}/days", "say for how many days, or until = 'lifted'")
        within = self.optional(table, "within_km", 0, 200, at)
        credible = self.optional(table, "min_credibility", 0, 1, at)
        return Floor(
            level=self.level(table.get("level"), f"{at}/level"),
            days=days,
            until_lifted=until == LIFTED,
            min_credibility=0.0 if credible is None else credible,
            cargoes=self.cargo_list(table.get("cargoes"), f"{at}/cargoes"),
            within_km=15.0 if within is None else within,
        )

    def examples(self, value: Any) -> tuple[Mapping[str, Any], ...]:
        examples, problems = parse_examples(self.rule, value, cargoes=self._cargoes)
        self.problems += problems
        return examples

    def level(self, value: Any, field: str) -> Level:
        names = [level.value for level in FLOOR_LEVELS]
        if value not in names:
            self.wrong(field, f"must be one of {', '.join(names)}", near_name(str(value), names))
            return Level.MODERATE
        return Level(value)

    def cargo_list(self, value: Any, field: str) -> tuple[str, ...] | None:
        if value is None:
            return None
        if not isinstance(value, list | tuple) or not value:
            self.wrong(field, "must be a list of cargoes")
            return None
        return tuple(self.cargo(cargo, f"{field}/{n}") for n, cargo in enumerate(value))


def _is_unicode(text: str) -> bool:
    """Return False for lone surrogates, which JSON lets through and nothing else takes."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _floor_table(floor: Floor) -> dict[str, Any]:
    table: dict[str, Any] = {
        "level": floor.level.value,
        "min_credibility": floor.min_credibility,
        "within_km": floor.within_km,
    }
    if floor.days is not None:
        table["days"] = floor.days
    if floor.until_lifted:
        table["until"] = LIFTED
    if floor.cargoes is not None:
        table["cargoes"] = list(floor.cargoes)
    return table
