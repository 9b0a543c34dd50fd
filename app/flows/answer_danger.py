"""Good news ends the dangers that it answers, for as long as it is held to be true."""

from datetime import datetime

from sqlalchemy import Connection

from app.flows.context import Context
from app.incidents import store as incident_store
from app.incidents.answering import Effect, answers
from app.incidents.incident import Incident, Status
from app.incidents.report import Family
from app.incidents.verdicts import goes_on, lift_part, resolve_by_evidence


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
        if answer.effect is Effect.RESOLVES:
            after = resolve_by_evidence(before, answer=news, known_at=now)
        elif answer.effect is Effect.LIFTS_PART and news.location not in before.lifted:
            after = lift_part(before, news.location)
        else:
            continue
        incident_store.update_incident(conn, after, cause=cause, now=now)
        ended.append((before, after))
    return ended


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
        held_now: The same: refuted, of another kind, or elsewhere.
        cause: Who says so.
        context: The policy.
        now: When.
    """
    same = (news.kind, news.location) == (held_now.kind, held_now.location)
    if news.family is not Family.POSITIVE or (same and held_now.status is not Status.REFUTED):
        return []
    config, policy = context.config, context.config.incidents.answering
    in_part = [
        danger
        for danger in incident_store.find_answerable(conn, news, kinds=config.kinds, policy=policy)
        if news.location in danger.lifted
    ]
    found = []
    for before in (*incident_store.find_ended(conn, news, policy=policy), *in_part):
        after = goes_on(before, answer=news, policy=config.incidents)
        if other := _also_answered(conn, after, held_now, context=context):
            after = resolve_by_evidence(before, answer=other, known_at=now)
        incident_store.update_incident(conn, after, cause=cause, now=now)
        found.append((before, after))
    return found


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
