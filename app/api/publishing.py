"""How a changed rule set comes into force over HTTP; shared by /rules and /rulesets."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from app.flows import publish_rules
from app.flows.publish_rules import Draft, Signed
from app.flows.tune_rules import Change
from app.http.state import AppState
from app.risk.checking import InvalidRulesError
from app.risk.kept import RuleSet, RuleSetChangedError

#: Somebody else may publish in the moment between the look and the save.
_TRIES = 3


async def published(state: AppState, change: Change, signed: Signed, *, now: datetime) -> RuleSet:
    """Return the rule set that `change` makes: looked at on a snapshot, then saved."""
    for attempt in range(1, _TRIES + 1):
        drafted = await drafted_of(state, change, now=now)
        try:
            saved = await _save(state, drafted, signed, now=now)
        except RuleSetChangedError:
            if signed.expected is not None or attempt == _TRIES:
                raise
        else:
            state.wake()
            return saved
    raise AssertionError("unreachable: the last try returns or raises")


async def drafted_of(state: AppState, change: Change, *, now: datetime) -> Draft:
    """Return what `change` would make of the rules in force."""
    return await state.db.read(
        lambda conn: publish_rules.draft(conn, change, context=state.context, now=now)
    )


async def _save(state: AppState, drafted: Draft, signed: Signed, *, now: datetime) -> RuleSet:
    def work(conn: Connection) -> RuleSet:
        return publish_rules.publish(conn, drafted, signed, context=state.context, now=now)

    return await state.db.write(work)


def pointed(error: InvalidRulesError, places: Mapping[str, str]) -> InvalidRulesError:
    """Return the error with pointers into the body: rule id to where that rule stands in it."""
    found = InvalidRulesError(error.problems)
    found.errors = tuple(
        {**entry, "pointer": places.get(problem.rule, "") + problem.field}
        for entry, problem in zip(found.errors, error.problems, strict=True)
    )
    return found
