"""Rules as they go in and out over HTTP."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from fastapi import Query
from pydantic import Field, StrictBool, model_validator

from app.flows.rules import tune_rules
from app.flows.rules.tune_rules import Change, Tables
from app.http.model import ApiModel, AsKept, NotTruth, Unsealed
from app.risk.example_form import EXAMPLES_LIMIT
from app.risk.rules import RULES_LIMIT

RuleId = Annotated[str, Field(min_length=1, max_length=64)]
NOTE_LIMIT = 500
REASON_LEAST = 10
Note = Annotated[
    Unsealed | None,
    Query(
        max_length=NOTE_LIMIT,
        description="Why, for those who read the history. No names. Needed where "
        "`require_note` of config/policy/rules.toml says so.",
    ),
]
Accept = Annotated[
    Unsealed | None,
    Query(
        min_length=REASON_LEAST,
        max_length=NOTE_LIMIT,
        description="Why the rules come into force although warnings speak against them: what "
        "turns everything `severe`, passes over most dangers, or names what is on no map, is "
        "refused without it. Kept with the rule set.",
    ),
]

Number = Annotated[float, NotTruth]


class FloorIn(ApiModel):
    """A level that a rule insists on, for so many days or until lifted."""

    level: Literal["moderate", "high", "severe"]
    days: Annotated[float | None, Field(gt=0, le=3650), NotTruth] = None
    until: Literal["lifted"] | None = None
    min_credibility: Annotated[float | None, Field(ge=0, le=1), NotTruth] = None
    cargoes: Annotated[list[str] | None, Field(max_length=20)] = None
    within_km: Annotated[float | None, Field(ge=0, le=200), NotTruth] = None


class ExpectIn(ApiModel):
    """What a rule must say of an example; what is left out is not looked at."""

    applies: StrictBool | None = None
    weight: Number | None = None
    floor: Literal["none", "moderate", "high", "severe"] | None = None


class ExampleIn(ApiModel):
    """An incident near a road, made up, and what the rule alone must say of it for one cargo.

    Every example is tried whenever the rule is saved: one that fails refuses the save.
    """

    name: Annotated[str | None, Field(max_length=200)] = None
    incident: Annotated[
        dict[str, Any],
        Field(
            max_length=20,
            description="Members of `incident` as conditions see it (`fatalities`, `abducted` and "
            "`vehicles` as one figure). `kind` is needed; believed fully unless `credibility` says "
            "otherwise; on a spot unless `area` is true.",
            examples=[{"kind": "fuel_interception", "vehicles": 25, "credibility": 0.6}],
        ),
    ]
    section: Annotated[dict[str, Any] | None, Field(max_length=10)] = None
    cargo: Annotated[str, Field(max_length=20)]
    recent: Annotated[dict[str, Any] | None, Field(max_length=4)] = None
    distance_km: Annotated[float | None, Field(ge=0, le=200), NotTruth] = None
    expect: ExpectIn


class RuleIn(ApiModel):
    """What an incident means for those on the road."""

    id: RuleId
    title: Annotated[str, Field(min_length=1, max_length=200)]
    title_fr: Annotated[str | None, Field(max_length=200)] = None
    when: Annotated[
        str,
        Field(
            min_length=1,
            max_length=1000,
            description="CEL over `incident`, `section`, `cargo` and `recent`.",
            examples=['incident.kind == "fuel_interception" && incident.vehicles >= 10'],
        ),
    ]
    weight: Number | dict[str, Number] = 0.0
    reach_km: Annotated[float | None, Field(ge=1, le=200), NotTruth] = None
    half_life_days: Annotated[float | None, Field(ge=0.5, le=3650), NotTruth] = None
    floor: Annotated[list[FloorIn], Field(max_length=10)] | FloorIn | None = None
    enabled: StrictBool = True
    examples: Annotated[list[ExampleIn] | None, Field(max_length=EXAMPLES_LIMIT)] = None


class RuleChangeIn(RuleIn):
    """A rule that takes the place of the one of the same id; `id` may be left out."""

    id: RuleId | None = None  # type: ignore[assignment]


class RuleChangesIn(ApiModel):
    """A change of the rules in force: what is added, what takes another's place, what goes."""

    add: Annotated[list[RuleIn], Field(default_factory=list, max_length=RULES_LIMIT)]
    change: Annotated[list[RuleIn], Field(default_factory=list, max_length=RULES_LIMIT)]
    remove: Annotated[list[RuleId], Field(default_factory=list, max_length=RULES_LIMIT)]


class ChangedRulesIn(ApiModel):
    """`rules`: a whole set. `changes`: of the set in force. Neither: the set in force as it is."""

    rules: Annotated[list[RuleIn] | None, Field(min_length=1, max_length=RULES_LIMIT)] = None
    changes: RuleChangesIn | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if self.rules is not None and self.changes is not None:
            raise ValueError("give `rules` or `changes`, not both")
        return self


class RuleOut(ApiModel):
    """A rule in force."""

    id: str
    title: str
    title_fr: str | None
    when: str
    weight: float | dict[str, float]
    reach_km: float | None
    half_life_days: float | None
    floor: list[AsKept]
    enabled: bool
    examples: list[AsKept]


class ProblemOut(ApiModel):
    """What is wrong with a rule, where, and what may have been meant."""

    rule: str
    field: str
    line: int | None
    column: int | None
    message: str
    suggestion: str | None
    warning: Annotated[
        bool, Field(description="May be overridden with a reason: `accept_warnings`.")
    ]


def table_of(body: RuleIn) -> dict[str, Any]:
    """Return the table of a rule, without the members that were left out."""
    table = body.model_dump(exclude_none=True)
    if isinstance(table.get("floor"), dict):
        table["floor"] = [table["floor"]]
    if (examples := table.pop("examples", None)) is not None:
        table["example"] = examples
    return table


def rule_out(table: Mapping[str, Any]) -> RuleOut:
    """Return a rule as it is answered, from its table."""
    return RuleOut(
        id=table["id"],
        title=table["title"],
        title_fr=table.get("title_fr"),
        when=table["when"],
        weight=table.get("weight", 0.0),
        reach_km=table.get("reach_km"),
        half_life_days=table.get("half_life_days"),
        floor=table.get("floor") or [],
        enabled=table.get("enabled", True),
        examples=list(table.get("example") or ()),
    )


def change_of(body: ChangedRulesIn) -> tuple[Change, dict[str, str]]:
    """Return the change that a body asks for, and where in it each rule stands."""
    places: dict[str, str] = {}
    if body.rules is not None:
        whole = [table_of(rule) for rule in body.rules]
        places |= {rule.id: f"/rules/{n}" for n, rule in enumerate(body.rules)}
        return lambda _tables: whole, places
    wanted = body.changes or RuleChangesIn(add=[], change=[], remove=[])
    steps: list[Change] = []
    for n, rule in enumerate(wanted.add):
        places[rule.id] = f"/changes/add/{n}"
        steps.append(tune_rules.added(table_of(rule)))
    for n, rule in enumerate(wanted.change):
        places[rule.id] = f"/changes/change/{n}"
        steps.append(tune_rules.replaced(rule.id, table_of(rule)))
    steps += [tune_rules.removed(rule_id) for rule_id in wanted.remove]

    def change(tables: Tables) -> Tables:
        for step in steps:
            tables = step(tables)
        return tables

    return change, places
