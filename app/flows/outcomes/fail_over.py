"""What did not arrive: through another provider, then the other channel, a list, and a person."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from app.core.clock import Clock
from app.db.engine import Database
from app.delivery import routing
from app.delivery.delivery import Status
from app.delivery.fail_over import FailOverPolicy, Rule, Step, next_step
from app.delivery.outbox import failing_over, notices, standings
from app.delivery.outbox.failing_over import Missing
from app.delivery.routing import Provider, Receipts, RoutingPolicy, Standing
from app.flows.money.plan_spending import Purse, plan_elsewhere
from app.subscribers.vault import VaultKeyError

_log = logging.getLogger(__name__)

#: Deliveries in one transaction.
_BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class FailOver:
    """What fail-over works with.

    Attributes:
        providers: Names of the SMS providers there are.
        receipts: Whether providers can tell us that messages arrived: without a public URL silence
            says nothing.
        open_address: Returns an address in clear from (sealed, contact id, channel): the vault.
        duty: Channels on which somebody is told.
        made: Called when there is something to send.
        purse: What an SMS in place of an e-mail costs, and may cost; None: nobody asks.
        tell_anew: Has contacts told what holds, at an address put right; None: nobody is.
    """

    db: Database
    clock: Clock
    policy: FailOverPolicy
    routing: RoutingPolicy
    providers: Sequence[str]
    receipts: bool
    open_address: Callable[[bytes, str, str], str]
    duty: Sequence[str]
    made: Callable[[], None]
    purse: Purse | None = None
    tell_anew: Callable[[Connection, Sequence[str]], object] | None = None


async def fail_over(flow: FailOver) -> int:
    """Move on what did not arrive in time; return how many deliveries were moved.

    For each priority, the worst first, in batches:

    1. What a provider took and never said had arrived goes to another provider, where the rule
       accepts that it may arrive twice; the second time, and elsewhere at once, it is given up.
    2. What ended without arriving, or could not be sent for as long, is given up too.
    3. What ended at an address that was put right while it was on its way goes to the right one.
    4. What is given up goes to the call list and through the contact's other channel. It is not
       ended by that: a late receipt still takes it off the list.
    5. The person on duty hears how many an alert has not reached, once.
    """
    moved = 0
    while number := await flow.db.write(lambda conn: _pass(conn, flow)):
        moved += number
    if moved:
        flow.made()
    return moved


def _pass(conn: Connection, flow: FailOver) -> int:
    """Move on a batch of everything there is: one short statement when there is nothing."""
    now = flow.clock.now()
    waits = {
        priority: rule.after
        for priority, rule in flow.policy.rules.items()
        if rule.after is not None
    }
    silent = {priority: now - after for priority, after in waits.items() if flow.receipts}
    # a message may be sent late and then be resent: it is stuck after twice the time
    stuck = {priority: now - 2 * after for priority, after in waits.items()}
    moved = 0
    for priority in failing_over.priorities_behind(conn, silent=silent, stuck=stuck, now=now):
        for channel in failing_over.CHANNELS:
            queue: dict[str, Any] = {"channel": channel, "priority": priority, "limit": _BATCH}
            missing = failing_over.list_ended(conn, **queue, now=now)
            missing += failing_over.list_stuck(conn, **queue, before=stuck[priority])
            if priority in silent:
                missing += failing_over.list_silent(conn, **queue, before=silent[priority])
            moved += _move(conn, flow, flow.policy.rules[priority], missing) if missing else 0
    return moved


def _move(conn: Connection, flow: FailOver, rule: Rule, missing: Sequence[Missing]) -> int:
    now = flow.clock.now()
    well = _well(conn, flow)
    steps = {one.id: _step(one, flow, rule, well) for one in missing}
    again = [one for one in missing if steps[one.id] is Step.RESEND]
    given_up = _tell_anew(conn, flow, [one for one in missing if steps[one.id] is Step.GIVE_UP])
    failing_over.resend(conn, again, now=now)
    failing_over.give_up(conn, given_up, now=now)
    elsewhere = 0
    if rule.other_channel:
        countries = flow.purse.countries if flow.purse else None
        elsewhere = failing_over.use_other_channel(conn, given_up, countries=countries, now=now)
        if elsewhere and flow.purse:
            people = sorted({one.contact_id for one in given_up})
            plan_elsewhere(conn, flow.purse, people, now=now)
    if rule.notify:
        _tell(conn, flow, given_up)
    _log.warning(
        "fail_over",
        extra={"resent": len(again), "listed": len(given_up), "other_channel": elsewhere},
    )
    return len(again) + len(given_up)


def _tell_anew(conn: Connection, flow: FailOver, ended: Sequence[Missing]) -> list[Missing]:
    """Tell at the right address what did not arrive at the wrong one; return the rest of it."""
    put_right = failing_over.list_put_right(conn, ended)
    if flow.tell_anew is None or not put_right:
        return list(ended)
    flow.tell_anew(conn, sorted({one.contact_id for one in put_right}))
    left = {one.id for one in failing_over.list_put_right(conn, put_right)}
    told = {one.id for one in put_right} - left
    return [one for one in ended if one.id not in told]


def _step(one: Missing, flow: FailOver, rule: Rule, well: Sequence[Provider]) -> Step:
    if one.status is not Status.SENT or one.overtaken:
        return Step.GIVE_UP
    step = next_step(
        rule,
        silent_for=flow.clock.now() - one.since,
        resent=one.silent_provider is not None,
        others=_has_other(one, flow, well),
    )
    return step if step is Step.RESEND else Step.GIVE_UP  # it was found because it had waited


def _has_other(one: Missing, flow: FailOver, well: Sequence[Provider]) -> bool:
    if one.address_sealed is None or len(well) == 0 or one.channel != "sms":
        return False
    try:
        address = flow.open_address(one.address_sealed, one.contact_id, one.channel)
    except VaultKeyError:
        return False
    return bool(routing.serving(address, well, avoid=one.provider))


def _well(conn: Connection, flow: FailOver) -> list[Provider]:
    """Return the providers that do not refuse us."""
    now = flow.clock.now()
    refused = {
        one.provider
        for one in standings.list_standings(conn)
        if one.rests_until is not None and one.rests_until > now
    }
    return [one for one in flow.routing.among(flow.providers) if one.name not in refused]


def _tell(conn: Connection, flow: FailOver, given_up: Sequence[Missing]) -> None:
    # whom a statement that no longer holds did not reach, the next one may
    alerts = sorted({one.alert_id for one in given_up if not one.overtaken})
    if not alerts:
        return
    for unreached in failing_over.count_unreached(conn, alerts):
        if not flow.duty:
            _log.error(
                "duty.nobody",
                extra={"alert_id": unreached.alert_id, "unreached": unreached.number},
            )
        notices.note(
            conn,
            kind=notices.UNREACHED,
            about=unreached.alert_id,
            words=unreached.words,
            number=unreached.number,
            channels=flow.duty,
            remind=flow.policy.remind,
            now=flow.clock.now(),
        )


async def shift_weights(flow: FailOver) -> list[Standing]:
    """Move weights away from providers in trouble, and back; return what changed.

    Each route is judged by itself, whoever carries it: an operator that is dead behind one provider
    may be well behind another.
    """
    policy, now = flow.routing.shifting, flow.clock.now()

    def work(conn: Connection) -> list[Standing]:
        known = {(one.provider, one.route): one for one in standings.list_standings(conn)}
        receipts: dict[tuple[str, str], Receipts] = {}
        if flow.receipts:
            receipts = standings.count_receipts(
                conn, slow_after=policy.slow_after, watched=policy.watched, now=now
            )
        changed: list[Standing] = []
        for route in sorted({route for _, route in (*known, *receipts)}):
            taking = [
                entry.name
                for entry in flow.routing.among(flow.providers)
                if any(route.startswith(prefix) for prefix in entry.prefixes)
            ]
            changed += routing.shifted(
                [
                    known.get((name, route)) or Standing(provider=name, route=route)
                    for name in taking
                ],
                {name: receipts[name, route] for name in taking if (name, route) in receipts},
                policy=policy,
                now=now,
            )
        standings.save_shifts(conn, changed, now=now)
        return changed

    changed = await flow.db.write(work)
    for one in changed:
        _log.warning(
            "provider.shifted",
            extra={"provider": one.provider, "route": one.route, "points_taken": one.shift},
        )
    return changed
