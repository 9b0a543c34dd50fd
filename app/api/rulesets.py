"""Rule sets: numbered, never changed, one in force; published whole, approved, rolled back."""

from datetime import datetime
from typing import Annotated, Any, Self

from fastapi import Depends, Path, Response
from pydantic import Field, model_validator

from app.api.rule_bodies import (
    NOTE_LIMIT,
    REASON_LEAST,
    ChangedRulesIn,
    Note,
    RuleOut,
    change_of,
    rule_out,
)
from app.api.rules import MOST_SETS
from app.flows.rules import publish_rules, tune_rules
from app.flows.rules.publish_rules import Signed
from app.flows.rules.tune_rules import NoteMissingError
from app.http.deps import AdminDep, ModeratorDep, NowDep, StateDep
from app.http.model import ApiModel, NotTruth, Unsealed
from app.http.pagination import Page, Window, window
from app.http.publishing import brought_back, pointed, published
from app.http.routing import api_router
from app.risk import store as risk_store
from app.risk.checking import InvalidRulesError
from app.risk.kept import RuleSet

router = api_router("/rulesets", tag="rules")

SetNumber = Annotated[int, Path(ge=1, le=MOST_SETS)]


class RuleSetOut(ApiModel):
    """A numbered rule set, without its rules."""

    number: int
    created_at: datetime
    created_by: str
    note: str
    active: bool
    activated_at: datetime | None
    pending: bool
    base: int | None
    approved_by: str | None
    accepted: str | None
    rules: int


class PublishIn(ChangedRulesIn):
    """A rule set to put in force: `rules` is all of it, `changes` starts from the one in force."""

    note: Annotated[Unsealed | None, Field(max_length=NOTE_LIMIT)] = None
    accept_warnings: Annotated[
        Unsealed | None, Field(min_length=REASON_LEAST, max_length=NOTE_LIMIT)
    ] = None
    expected: Annotated[int | None, Field(ge=1, le=MOST_SETS), NotTruth] = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.rules is None and self.changes is None:
            raise ValueError("give `rules` or `changes`")
        return self


class RuleSetDetailOut(RuleSetOut):
    """A numbered rule set with its rules."""

    items: list[RuleOut]


@router.get("")
async def list_rule_sets(
    _caller: ModeratorDep, state: StateDep, page: Annotated[Window, Depends(window("rulesets"))]
) -> Page[RuleSetOut]:
    """List the rule sets, the newest first."""
    below = min(int(page.after), MOST_SETS) if page.after and page.after.isdecimal() else None
    rows = await state.db.read(
        lambda conn: risk_store.list_rule_sets(conn, below=below, limit=page.fetch)
    )
    kept, following = page.page(rows, lambda row: str(row.number))
    return Page(items=[RuleSetOut(**_set_out(row)) for row in kept], next=following)


@router.get("/{number}")
async def get_rule_set(
    number: SetNumber, _caller: ModeratorDep, state: StateDep
) -> RuleSetDetailOut:
    """Return a rule set with its rules."""
    found = await state.db.read(lambda conn: risk_store.get_rule_set(conn, number))
    return RuleSetDetailOut(**_set_out(found), items=[rule_out(table) for table in found.rules])


@router.post("", status_code=201, responses={202: {"model": RuleSetOut, "description": "Waits."}})
async def publish_rule_set(
    body: PublishIn, caller: AdminDep, state: StateDep, now: NowDep, response: Response
) -> RuleSetOut:
    """Put a whole rule set, or several changes at once, in force: what `/rules/preview` previews.

    201: it is in force. 202: policy wants another admin to approve it first.
    """
    change, places = change_of(body)
    signed = Signed(
        actor=caller.key_id,
        note=body.note,
        otherwise="several changes",
        accept=body.accept_warnings,
        expected=body.expected,
    )
    try:
        saved = await published(state, change, signed, now=now)
    except InvalidRulesError as error:
        raise pointed(error, places) from error
    except NoteMissingError as error:  # here alone it is a member of the body
        at_note = [{"pointer": "/note", "detail": error.detail}]
        raise NoteMissingError(error.detail, errors=at_note) from error
    if saved.pending:
        response.status_code = 202
    return RuleSetOut(**_set_out(saved))


@router.post("/{number}/activate")
async def activate_rule_set(
    number: SetNumber, caller: AdminDep, state: StateDep, now: NowDep, note: Note = None
) -> RuleSetOut:
    """Put a rule set in force again that was before: roll back, or forward. Needs no approval."""
    found = await brought_back(
        state, number, tune_rules.activate, note=note, actor=caller.key_id, now=now
    )
    return RuleSetOut(**_set_out(found))


@router.post("/{number}/approve")
async def approve_rule_set(
    number: SetNumber, caller: AdminDep, state: StateDep, now: NowDep, note: Note = None
) -> RuleSetOut:
    """Approve another admin's rule set: it comes into force, and every road is rated by it.

    403 for its author; 409 when another set came into force since it was made.
    """
    found = await brought_back(
        state, number, publish_rules.approve, note=note, actor=caller.key_id, now=now
    )
    return RuleSetOut(**_set_out(found))


def _set_out(found: RuleSet) -> dict[str, Any]:
    return {
        "number": found.number,
        "created_at": found.created_at,
        "created_by": found.created_by,
        "note": found.note,
        "active": found.active,
        "activated_at": found.activated_at,
        "pending": found.pending,
        "base": found.base,
        "approved_by": found.approved_by,
        "accepted": found.accepted,
        "rules": len(found.rules),
    }
