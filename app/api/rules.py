"""Rules: how dangerous is what. Every change makes a new numbered set; none is ever lost."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Depends, Header, Path, Query, Response
from pydantic import Field, StrictBool
from sqlalchemy import Connection

from app.flows import tune_rules
from app.flows.tune_rules import Change
from app.http.deps import AdminDep, Caller, ModeratorDep, NowDep, StateDep
from app.http.model import ApiModel, Real
from app.http.pagination import Page, Window, window
from app.http.routing import api_router
from app.http.state import AppState
from app.risk import store as risk_store
from app.risk.cel import FUNCTIONS, VARIABLES
from app.risk.checking import problem_table
from app.risk.kept import RuleSet
from app.risk.rules import RULES_LIMIT

router = api_router("/rules", tag="rules")
sets_router = api_router("/rulesets", tag="rules")

RuleId = Annotated[str, Field(min_length=1, max_length=64)]
Note = Annotated[
    str, Query(max_length=500, description="Why, for those who read the history. No names.")
]
#: More rule sets than anybody will ever save; a number beyond does not fit every database.
_MOST_SETS = 1_000_000_000
SetNumber = Annotated[int, Path(ge=1, le=_MOST_SETS)]
Expected = Annotated[
    int | None,
    Header(
        alias="If-Match",
        ge=1,
        le=_MOST_SETS,
        description="The rule set the change was made from; 409 when another is in force by now.",
    ),
]


class FloorIn(ApiModel):
    """A level that a rule insists on, for so many days or until lifted."""

    level: Literal["moderate", "high", "severe"]
    days: Annotated[Real | None, Field(gt=0, le=3650)] = None
    until: Literal["lifted"] | None = None
    min_credibility: Annotated[Real | None, Field(ge=0, le=1)] = None
    cargoes: Annotated[list[str] | None, Field(max_length=20)] = None
    within_km: Annotated[Real | None, Field(ge=0, le=200)] = None


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
    weight: Real | dict[str, Real] = 0.0
    reach_km: Annotated[Real | None, Field(ge=1, le=200)] = None
    half_life_days: Annotated[Real | None, Field(ge=0.5, le=3650)] = None
    floor: Annotated[list[FloorIn], Field(max_length=10)] | FloorIn | None = None
    enabled: StrictBool = True


class RuleChangeIn(RuleIn):
    """A rule that takes the place of the one of the same id; `id` may be left out."""

    id: RuleId | None = None  # type: ignore[assignment]


class RuleOut(ApiModel):
    """A rule in force."""

    id: str
    title: str
    title_fr: str | None
    when: str
    weight: float | dict[str, float]
    reach_km: float | None
    half_life_days: float | None
    floor: list[dict[str, Any]]
    enabled: bool


class VariableOut(ApiModel):
    """Something a condition may speak of."""

    name: str
    type: str
    meaning: str


class SchemaOut(ApiModel):
    """What a condition may speak of, for editors."""

    variables: list[VariableOut]
    functions: list[str]
    kinds: list[str]
    cargoes: list[str]


class RulesOut(ApiModel):
    """The rule set in force."""

    number: int
    items: list[RuleOut]
    next: None = None


class RuleChangedOut(ApiModel):
    """The rule as it is in force now, and the number of the set that holds it."""

    rule_set: int
    rule: RuleOut


class RuleSetOut(ApiModel):
    """A numbered rule set, without its rules."""

    number: int
    created_at: datetime
    created_by: str
    note: str
    active: bool
    activated_at: datetime | None
    rules: int


class RuleSetDetailOut(RuleSetOut):
    """A numbered rule set with its rules."""

    items: list[RuleOut]


class CheckIn(ApiModel):
    """Rules to be tried; none is saved."""

    rules: Annotated[list[RuleIn], Field(min_length=1, max_length=RULES_LIMIT)]


class ProblemOut(ApiModel):
    """What is wrong with a rule, where, and what may have been meant."""

    rule: str
    field: str
    line: int | None
    column: int | None
    message: str
    suggestion: str | None


class CheckOut(ApiModel):
    """`ok` when the rules could be put in force."""

    ok: bool
    problems: list[ProblemOut]


@router.get("")
async def list_rules(_caller: ModeratorDep, state: StateDep) -> RulesOut:
    """List the rules in force."""
    active = await state.db.read(risk_store.active_rule_set)
    if active is None:
        return RulesOut(number=0, items=[])
    return RulesOut(number=active.number, items=[_rule_out(table) for table in active.rules])


@router.post("", status_code=201)
async def add_rule(
    *,
    body: RuleIn,
    caller: AdminDep,
    state: StateDep,
    now: NowDep,
    note: Note = "",
    expected: Expected = None,
) -> RuleChangedOut:
    """Add a rule: a new rule set comes into force, and every road is rated by it."""
    change = tune_rules.added(_table(body))
    saved = await _change(
        state, change, note=note or f"added {body.id}", caller=caller, expected=expected, now=now
    )
    return _changed(saved, body.id)


@router.post("/check")
async def check_rules(body: CheckIn, _caller: ModeratorDep, state: StateDep) -> CheckOut:
    """Say what is wrong with rules, by line and column, without saving them."""
    _, problems = tune_rules.check([_table(rule) for rule in body.rules], state.config)
    return CheckOut(
        ok=not problems,
        problems=[ProblemOut.model_validate(problem_table(one)) for one in problems],
    )


@router.get("/schema")
async def get_rule_schema(_caller: ModeratorDep, state: StateDep) -> SchemaOut:
    """Return what a condition may speak of: variables, functions, kinds and cargoes."""
    return SchemaOut(
        variables=[
            VariableOut(name=name, type=str(kind), meaning=meaning)
            for name, (kind, meaning) in VARIABLES.items()
        ],
        functions=list(FUNCTIONS),
        kinds=[kind.code for kind in state.config.kinds],
        cargoes=list(state.config.cargoes.codes),
    )


@router.get("/{rule_id}")
async def get_rule(rule_id: str, _caller: ModeratorDep, state: StateDep) -> RuleOut:
    """Return a rule in force."""
    active = await state.db.read(risk_store.active_rule_set)
    return _rule_out(tune_rules.find(active.rules if active is not None else (), rule_id))


@router.put("/{rule_id}")
async def replace_rule(
    *,
    rule_id: str,
    body: RuleChangeIn,
    caller: AdminDep,
    state: StateDep,
    now: NowDep,
    note: Note = "",
    expected: Expected = None,
) -> RuleChangedOut:
    """Change a rule: a new rule set comes into force, and every road is rated by it."""
    table = {**_table(body), "id": body.id or rule_id}
    change = tune_rules.replaced(rule_id, table)
    saved = await _change(
        state, change, note=note or f"changed {rule_id}", caller=caller, expected=expected, now=now
    )
    return _changed(saved, table["id"])


@router.delete("/{rule_id}", status_code=204)
async def remove_rule(
    *,
    rule_id: str,
    caller: AdminDep,
    state: StateDep,
    now: NowDep,
    note: Note = "",
    expected: Expected = None,
) -> Response:
    """Take a rule away: a new rule set comes into force, and every road is rated by it."""
    change = tune_rules.removed(rule_id)
    await _change(
        state, change, note=note or f"removed {rule_id}", caller=caller, expected=expected, now=now
    )
    return Response(status_code=204)


@sets_router.get("")
async def list_rule_sets(
    _caller: ModeratorDep, state: StateDep, page: Annotated[Window, Depends(window("rulesets"))]
) -> Page[RuleSetOut]:
    """List the rule sets, the newest first."""
    below = min(int(page.after), _MOST_SETS) if page.after and page.after.isdecimal() else None
    rows = await state.db.read(
        lambda conn: risk_store.list_rule_sets(conn, below=below, limit=page.fetch)
    )
    kept, following = page.page(rows, lambda row: str(row.number))
    return Page(items=[RuleSetOut(**_set_out(row)) for row in kept], next=following)


@sets_router.get("/{number}")
async def get_rule_set(
    number: SetNumber, _caller: ModeratorDep, state: StateDep
) -> RuleSetDetailOut:
    """Return a rule set with its rules."""
    found = await state.db.read(lambda conn: risk_store.get_rule_set(conn, number))
    return RuleSetDetailOut(**_set_out(found), items=[_rule_out(table) for table in found.rules])


@sets_router.post("/{number}/activate")
async def activate_rule_set(
    number: SetNumber, caller: AdminDep, state: StateDep, now: NowDep
) -> RuleSetOut:
    """Put an earlier rule set in force again: roll back, or forward."""

    def work(conn: Connection) -> RuleSet:
        return tune_rules.activate(
            conn, number, actor=caller.key_id, context=state.context, now=now
        )

    found = await state.db.write(work)
    state.wake()
    return RuleSetOut(**_set_out(found))


async def _change(
    state: AppState,
    change: Change,
    *,
    note: str,
    caller: Caller,
    expected: int | None,
    now: datetime,
) -> RuleSet:
    def work(conn: Connection) -> RuleSet:
        return tune_rules.change_rules(
            conn,
            change,
            note=note,
            actor=caller.key_id,
            expected=expected,
            context=state.context,
            now=now,
        )

    saved = await state.db.write(work)
    state.wake()
    return saved


def _table(body: RuleIn) -> dict[str, Any]:
    """Return the table of a rule, without the members that were left out."""
    table = body.model_dump(exclude_none=True)
    if isinstance(table.get("floor"), dict):
        table["floor"] = [table["floor"]]
    return table


def _rule_out(table: Mapping[str, Any]) -> RuleOut:
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
    )


def _changed(saved: RuleSet, rule_id: str) -> RuleChangedOut:
    rule = tune_rules.find(saved.rules, rule_id)
    return RuleChangedOut(rule_set=saved.number, rule=_rule_out(rule))


def _set_out(found: RuleSet) -> dict[str, Any]:
    return {
        "number": found.number,
        "created_at": found.created_at,
        "created_by": found.created_by,
        "note": found.note,
        "active": found.active,
        "activated_at": found.activated_at,
        "rules": len(found.rules),
    }
