"""Good news ends the dangers that it answers."""

from datetime import datetime

from sqlalchemy import Connection

from app.flows.context import Context
from app.incidents import store as incident_store
from app.incidents.answering import Effect, answers
from app.incidents.incident import Incident
from app.incidents.report import Family
from app.incidents.verdicts import lift_part, resolve_by_evidence


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
    for answer in answers(news, dangers, kinds=config.kinds, policy=policy):
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
