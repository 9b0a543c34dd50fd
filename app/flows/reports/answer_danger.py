"""Good news ends the dangers that it answers, for as long as it is held to be true."""

from datetime import datetime
from itertools import chain

from sqlalchemy import Connection

from app.flows.context import Context
from app.incidents import store as incident_store
from app.incidents.answering import Answer, Effect, answers
from app.incidents.incident import CargoLift, Incident, Status
from app.incidents.report import Family
from app.incidents.verdicts import goes_on, lift_for, lift_part, resolve_by_evidence


def resolve_answered(
    conn: Connection, news: Incident, *, cause: str, context: Context, now: datetime
) -> list[tuple[Incident, Incident]]:
    """Resolve what `news` answers; return (before, after) of each danger ended, or ended in part.

    A release answers an abduction, a safe transit the dangers of the stretch it took, a reopening
    closures, and those of an area in the part that it names. What only speaks against a danger
    without ending it acts through the rules' weights.
    """
    if news.family is not Family.POSITIVE:
        return []
    config = context.config
    policy = config.incidents.answering
    dangers = incident_store.find_answerable(conn, news, kinds=config.kinds, policy=policy)
    by_id = {danger.id: danger for danger in dangers}
    ended = []
    for answer in answers(news, dangers, kinds=config.kinds, policy=policy, network=config.network):
        before = by_id[answer.incident_id]
        after = answered(before, answer, news, known_at=now)
        if after is None:
            continue
        incident_store.update_incident(conn, after, cause=cause, now=now)
        ended.append((before, after))
    return ended


def answered(
    danger: Incident, answer: Answer, news: Incident, *, known_at: datetime
) -> Incident | None:
    """Return the next version of a danger that `news` answered; None: that changes nothing."""
    if answer.effect is Effect.RESOLVES:
        return resolve_by_evidence(danger, answer=news, known_at=known_at)
    if answer.effect is Effect.LIFTS_PART and news.location not in danger.lifted:
        return lift_part(danger, answer=news, known_at=known_at)
    if answer.effect is not Effect.LIFTS_CARGO:
        return None
    where = news.location if answer.in_part else None
    same = [one.cargo for one in danger.lifted_for if one.where in (None, where)]
    more = tuple(code for code in answer.cargo if code not in chain.from_iterable(same))
    if not more:
        return None
    lift = CargoLift(cargo=more, where=where, by=news.id)
    return lift_for(danger, lift, answer=news, known_at=known_at)


def take_up(
    conn: Connection,
    news: Incident,
    held_now: Incident,
    *,
    cause: str,
    context: Context,
    now: datetime,
) -> list[tuple[Incident, Incident]]:
    """Let go on what `news` ended and was no good news for; return (before, after) of each danger.

    What other good news answers is over all the same, by that.

    Args:
        conn: Open transaction.
        news: The good news as it was held.
        held_now: The same: refuted, of another kind, elsewhere, under escort, or no news for some
            cargoes.
        cause: Who says so.
        context: The policy.
        now: When.
    """
    same = _to_whom(news) == _to_whom(held_now)
    if news.family is not Family.POSITIVE or (same and held_now.status is not Status.REFUTED):
        return []
    config, policy = context.config, context.config.incidents.answering
    in_part = [
        danger
        for danger in incident_store.find_answerable(conn, news, kinds=config.kinds, policy=policy)
        if news.location in danger.lifted or any(one.by == news.id for one in danger.lifted_for)
    ]
    found = []
    for before in (*incident_store.find_ended(conn, news, policy=policy), *in_part):
        after = goes_on(before, answer=news, policy=config.incidents)
        if other := _also_answered(conn, after, held_now, context=context):
            after = resolve_by_evidence(before, answer=other, known_at=now)
        incident_store.update_incident(conn, after, cause=cause, now=now)
        found.append((before, after))
    return found


def _to_whom(news: Incident) -> tuple[object, ...]:
    """Return what decides which dangers good news ends, for whom."""
    return news.kind, news.location, news.shut, news.escorted


def _also_answered(
    conn: Connection, danger: Incident, but: Incident, *, context: Context
) -> Incident | None:
    """Return the latest good news that ends `danger` everywhere, `but` that left out; or None."""
    config = context.config
    policy = config.incidents.answering
    for news in incident_store.find_good_news(conn, danger, policy=policy):
        found = answers(news, [danger], kinds=config.kinds, policy=policy, network=config.network)
        if news.id != but.id and any(one.effect is Effect.RESOLVES for one in found):
            return news
    return None
