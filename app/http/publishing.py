"""How a changed rule set is tried and comes into force over HTTP: for the API and the pages."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from app.flows import new_rules, publish_rules
from app.flows.preview_rules import Preview, Tables, preview
from app.flows.publish_rules import Draft, Signed
from app.flows.tune_rules import Change
from app.http.state import AppState
from app.risk import store as risk_store
from app.risk.checking import InvalidRulesError
from app.risk.kept import RuleSet, RuleSetChangedError

_log = logging.getLogger(__name__)

#: Somebody else may publish in the moment between the look and the save.
_TRIES = 3
#: An admin waits for the roads at most so long.
_PATIENCE = timedelta(seconds=10)
#: Who comes while another preview runs comes back after this.
_RETRY_S = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """A change, and what it would have made of some days; `base`: the rules in force."""

    base: Tables
    drafted: Draft
    found: Preview


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
            if not saved.pending:
                await rate_roads(state, actor=signed.actor)
            return saved
    raise AssertionError("unreachable: the last try returns or raises")


async def rate_roads(state: AppState, *, actor: str) -> None:
    """Rate the roads by rules that have just come into force; what takes too long the clock does.

    They are in force: nothing that goes wrong here is for the one who put them there.
    """
    try:
        done = await new_rules.rate_roads(
            state.db,
            state.context,
            state.clock,
            made=state.wake,
            actor=f"key:{actor}",
            within=_PATIENCE,
        )
    except Exception:  # noqa: BLE001 - the clock goes on where this ended
        _log.exception("rules.rating_failed")
    else:
        _log.info("rules.rated", extra={"done": done})


async def drafted_of(state: AppState, change: Change, *, now: datetime) -> Draft:
    """Return what `change` would make of the rules in force."""
    return await state.db.read(
        lambda conn: publish_rules.draft(conn, change, context=state.context, now=now)
    )


async def tried(
    state: AppState, change: Change, *, since: datetime, until: datetime, now: datetime
) -> Tried:
    """Return what `change` would have made of a window, played in processes of its own.

    Raises:
        PreviewBusyError: Another one runs.
        PreviewTooLongError: It was given up.
        InvalidRulesError: The rules cannot be used.
    """
    policy = state.config.changing
    with state.previews.enter(at_most=policy.at_once, retry_after_s=_RETRY_S):
        drafted = await drafted_of(state, change, now=now)
        active = await state.db.read(risk_store.active_rule_set)
        base: Tables = active.rules if active is not None else ()
        found = await asyncio.to_thread(
            preview,
            state.db,
            state.config.directory,
            before=base,
            after=[rule.as_table() for rule in drafted.rules],
            since=max(since, until - timedelta(days=policy.most_days)),
            until=until,
            within=policy.time_limit,
        )
    return Tried(base=base, drafted=drafted, found=found)


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
