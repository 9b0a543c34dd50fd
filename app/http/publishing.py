"""How a changed rule set is tried and comes into force over HTTP: for the API and the pages."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from app.flows.preview.preview_rules import Preview, Tables, preview
from app.flows.rating import rule_books
from app.flows.rules import new_rules, publish_rules
from app.flows.rules.new_rules import Ahead
from app.flows.rules.publish_rules import Draft, Signed
from app.flows.rules.tune_rules import Change
from app.http.state import AppState
from app.risk import store as risk_store
from app.risk.checking import InvalidRulesError
from app.risk.kept import RuleSet, RuleSetChangedError
from app.risk.rules import Rule

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
                await _rate_roads(state, actor=signed.actor)
            return saved
    raise AssertionError("unreachable: the last try returns or raises")


async def _rate_roads(state: AppState, *, actor: str) -> None:
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


async def brought_back(
    state: AppState,
    number: int,
    flow: Callable[..., RuleSet],
    *,
    note: str | None,
    actor: str,
    now: datetime,
) -> RuleSet:
    """Return a stored rule set put in force by `flow`: activated again, or approved.

    Raises:
        RuleSetNotFoundError: There is none of this number.
    """
    stored = await state.db.read(lambda conn: risk_store.get_rule_set(conn, number))
    ahead = await _look_ahead(state, rule_books.rules_of(stored, state.config))
    found = await state.db.write(
        partial(
            flow,
            number=number,
            note=note,
            actor=actor,
            context=state.context,
            now=now,
            ahead=ahead,
        )
    )
    await _rate_roads(state, actor=actor)
    return found


async def _save(state: AppState, drafted: Draft, signed: Signed, *, now: datetime) -> RuleSet:
    refused = drafted.warnings and not signed.accept
    waits = state.config.changing.second_admin
    ahead = None if refused or waits else await _look_ahead(state, drafted.rules)
    work = partial(
        publish_rules.publish,
        drafted=drafted,
        signed=signed,
        context=state.context,
        now=now,
        ahead=ahead,
    )
    return await state.db.write(work)


async def _look_ahead(state: AppState, rules: Sequence[Rule]) -> Ahead | None:
    return await new_rules.look_ahead(state.db, state.context, state.clock, rules)


def pointed(error: InvalidRulesError, places: Mapping[str, str]) -> InvalidRulesError:
    """Return the error with pointers into the body: rule id to where that rule stands in it."""
    found = InvalidRulesError(error.problems)
    found.errors = tuple(
        {**entry, "pointer": places.get(problem.rule, "") + problem.field}
        for entry, problem in zip(found.errors, error.problems, strict=True)
    )
    return found
