"""Rules: how dangerous is what. Every change makes a new numbered set; none is ever lost."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Depends, Header, Response
from fastapi.responses import JSONResponse
from pydantic import BeforeValidator, Field

from app.api.rule_bodies import (
    Accept,
    Note,
    ProblemOut,
    RuleChangeIn,
    RuleIn,
    RuleOut,
    rule_out,
    table_of,
)
from app.flows.rules import tune_rules
from app.flows.rules.publish_rules import Signed
from app.flows.rules.tune_rules import Change
from app.http.deps import AdminDep, Caller, ModeratorDep, NowDep, StateDep
from app.http.model import ApiModel, unquoted
from app.http.publishing import published
from app.http.routing import api_router
from app.http.state import AppState
from app.risk import store as risk_store
from app.risk.checking import problem_table
from app.risk.kept import RuleSet
from app.risk.rules import RULES_LIMIT

router = api_router("/rules", tag="rules")

#: More rule sets than anybody will ever save; a number beyond does not fit every database.
MOST_SETS = 1_000_000_000


Expected = Annotated[
    Annotated[int, Field(ge=1, le=MOST_SETS)] | None,
    BeforeValidator(unquoted),
    Header(
        alias="If-Match",
        description="The rule set the change was made from; 409 when another is in force by now.",
    ),
]


class RulesOut(ApiModel):
    """The rule set in force."""

    number: int
    items: list[RuleOut]
    next: None = None


class RuleChangedOut(ApiModel):
    """The rule as it is in force now, and the number of the set that holds it."""

    rule_set: int
    rule: RuleOut
    pending: bool = False


class WaitingOut(ApiModel):
    """A rule set that waits for another admin."""

    rule_set: int
    pending: Literal[True] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """Why a change is made, and from what."""

    note: str | None
    accept: str | None
    expected: int | None


async def _signing(
    note: Note = None, accept_warnings: Accept = None, expected: Expected = None
) -> Signing:
    return Signing(note=note, accept=accept_warnings, expected=expected)


SigningDep = Annotated[Signing, Depends(_signing)]


class CheckIn(ApiModel):
    """Rules to be tried; none is saved."""

    rules: Annotated[list[RuleIn], Field(min_length=1, max_length=RULES_LIMIT)]


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
    return RulesOut(number=active.number, items=[rule_out(table) for table in active.rules])


_WAITS: dict[int | str, dict[str, Any]] = {
    202: {
        "model": WaitingOut,
        "description": "Saved, and waiting for another admin (`second_admin` of config/policy/"
        "rules.toml): what is in force stays so until `POST /v1/rulesets/{rule_set}/approve`.",
    }
}


@router.post("", status_code=201, responses=_WAITS)
async def add_rule(
    *,
    body: RuleIn,
    caller: AdminDep,
    state: StateDep,
    now: NowDep,
    signing: SigningDep,
    response: Response,
) -> RuleChangedOut:
    """Add a rule: a new rule set comes into force, and every road is rated by it."""
    change = tune_rules.added(table_of(body))
    saved = await _change(
        state, change, signing, otherwise=f"added {body.id}", caller=caller, now=now
    )
    return _changed(saved, body.id, response)


@router.post("/check")
async def check_rules(body: CheckIn, _caller: ModeratorDep, state: StateDep) -> CheckOut:
    """Say what is wrong with rules, by line and column, without saving them."""
    _, problems = tune_rules.check_draft([table_of(rule) for rule in body.rules], state.config)
    return CheckOut(
        ok=not problems,
        problems=[ProblemOut.model_validate(problem_table(one)) for one in problems],
    )


@router.get("/{rule_id}")
async def get_rule(rule_id: str, _caller: ModeratorDep, state: StateDep) -> RuleOut:
    """Return a rule in force."""
    active = await state.db.read(risk_store.active_rule_set)
    return rule_out(tune_rules.find(active.rules if active is not None else (), rule_id))


@router.put("/{rule_id}", responses=_WAITS)
async def replace_rule(
    *,
    rule_id: str,
    body: RuleChangeIn,
    caller: AdminDep,
    state: StateDep,
    now: NowDep,
    signing: SigningDep,
    response: Response,
) -> RuleChangedOut:
    """Change a rule: a new rule set comes into force, and every road is rated by it.

    The body takes the place of the whole rule, of its examples too; another `id` in it renames
    the rule.
    """
    table = {**table_of(body), "id": body.id or rule_id}
    change = tune_rules.replaced(rule_id, table)
    saved = await _change(
        state, change, signing, otherwise=f"changed {rule_id}", caller=caller, now=now
    )
    return _changed(saved, table["id"], response)


@router.delete("/{rule_id}", status_code=204, responses=_WAITS)
async def remove_rule(
    *, rule_id: str, caller: AdminDep, state: StateDep, now: NowDep, signing: SigningDep
) -> Response:
    """Take a rule away: a new rule set comes into force, and every road is rated by it."""
    change = tune_rules.removed(rule_id)
    saved = await _change(
        state, change, signing, otherwise=f"removed {rule_id}", caller=caller, now=now
    )
    if saved.pending:
        return JSONResponse(WaitingOut(rule_set=saved.number).model_dump(), status_code=202)
    return Response(status_code=204)


async def _change(
    state: AppState,
    change: Change,
    signing: Signing,
    *,
    otherwise: str,
    caller: Caller,
    now: datetime,
) -> RuleSet:
    signed = Signed(
        actor=caller.key_id,
        note=signing.note,
        otherwise=otherwise,
        accept=signing.accept,
        expected=signing.expected,
    )
    return await published(state, change, signed, now=now)


def _changed(saved: RuleSet, rule_id: str, response: Response) -> RuleChangedOut:
    if saved.pending:
        response.status_code = 202
    rule = tune_rules.find(saved.rules, rule_id)
    return RuleChangedOut(rule_set=saved.number, rule=rule_out(rule), pending=saved.pending)
