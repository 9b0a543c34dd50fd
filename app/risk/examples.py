"""Examples that stand beside a rule: an incident, a road, a cargo, and what the rule must say."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from app.incidents.incident import Incident, Status
from app.incidents.report import Family, Range
from app.risk.example_form import NONE
from app.risk.problems import Problem, near_name
from app.risk.rulebook import Recent, RuleBook
from app.risk.samples import AREA, ROAD, SPOT, WHEN, bare_incident
from app.risk.weighing import Exposed, weigh
from app.roads.network import Section

#: How far a weight may be from the one expected: people write two digits.
_ROUNDING = 0.005


def try_examples(
    rule: str, examples: Sequence[Mapping[str, Any]], fresh_book: Callable[[], RuleBook]
) -> list[Problem]:
    """Return a problem for each example of which the rule says something else than expected.

    Args:
        rule: Its id.
        examples: In the form that `parse_examples` accepts.
        fresh_book: Makes a book of that rule alone, enabled. One for each example: a book remembers
            what it said of a section, and the sections of examples are made up.
    """
    problems: list[Problem] = []
    for place, example in enumerate(examples):
        at, book = f"/examples/{place}", fresh_book()
        kind = example["incident"]["kind"]
        if kind not in book.families:
            suggestion = near_name(kind, book.families)
            field, message = f"{at}/incident/kind", f"unknown kind '{kind}'"
            problems.append(Problem(rule=rule, field=field, message=message, suggestion=suggestion))
        else:
            problems += _tried(rule, example, at, book)
    return problems


def _tried(rule: str, example: Mapping[str, Any], at: str, book: RuleBook) -> list[Problem]:
    incident = _incident_of(example["incident"], book)
    section = _section_of(example.get("section", {}))
    recent = Recent(**{**Recent(1)._asdict(), **example.get("recent", {})})
    exposed = Exposed(
        incident=incident, distance_km=float(example.get("distance_km", 0.0)), known_at=WHEN
    )
    weighed = weigh(exposed, section, recent, book)
    judgement = weighed.judgement
    if judgement.problems:
        first = judgement.problems[0]
        message = f"{_called(example)}: {first.message}"
        return [Problem(rule=rule, field=at, message=message, code=first.code, about=first.about)]
    cargo = book.cargoes.index(example["cargo"])
    floors = [floor.level for floor in weighed.floors if floor.ranks[cargo]]
    said = {
        "applies": judgement.by[cargo] is not None
        or any(floor.applies[cargo] for floor in judgement.floors),
        "weight": judgement.weights[cargo] * (-1 if incident.family is Family.POSITIVE else 1),
        "floor": max(floors, key=lambda one: one.rank).value if floors else NONE,
    }
    return [
        Problem(
            rule=rule,
            field=f"{at}/expect/{key}",
            message=f"{_called(example)}: expected {key} {_shown(wanted)}, "
            f"the rule says {_shown(said[key])}",
            code="unexpected",
            about=(key, _shown(wanted), _shown(said[key])),
        )
        for key, wanted in example["expect"].items()
        if not _alike(wanted, said[key])
    ]


def _alike(wanted: Any, said: Any) -> bool:
    if isinstance(wanted, int | float) and not isinstance(wanted, bool):
        return abs(float(wanted) - float(said)) <= _ROUNDING
    return bool(wanted == said)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def _called(example: Mapping[str, Any]) -> str:
    name = example.get("name")
    return f"example '{name}'" if name else "the example"


def _incident_of(table: Mapping[str, Any], book: RuleBook) -> Incident:
    where = AREA if table.get("area") else SPOT
    where = replace(
        where,
        label=table.get("place", where.label),
        region=table.get("region", where.region),
        cercle=table.get("cercle", where.cercle),
        country=table.get("country", where.country),
    )
    kind = table["kind"]
    return replace(
        bare_incident("example", kind, book.families[kind], where),
        status=Status(table.get("status", Status.OPEN.value)),
        actor=table.get("actor"),
        target=table.get("target"),
        cargo=tuple(table.get("cargo", ())),
        certain=table.get("certain", False),
        only_unknown=table.get("only_unknown", False),
        credibility=float(table.get("credibility", 1.0)),
        reports=table.get("reports", 1),
        fatalities=_range(table.get("fatalities")),
        abducted=_range(table.get("abducted")),
        vehicles=_range(table.get("vehicles")),
    )


def _range(figure: int | None) -> Range | None:
    return Range(low=figure, high=figure) if figure else None


def _section_of(table: Mapping[str, Any]) -> Section:
    areas = {
        f"{word}:{name}"
        for word, key in (("region", "regions"), ("cercle", "cercles"), ("country", "countries"))
        for name in table.get(key, ())
    }
    named = {"regions", "cercles", "countries"} & table.keys()
    return replace(
        ROAD,
        id=table.get("id", ROAD.id),
        road=table.get("road", ROAD.road),
        km=float(table.get("km", ROAD.km)),
        corridors=tuple(table.get("routes", ROAD.corridors)),
        areas=frozenset(areas) if named else ROAD.areas,
    )
