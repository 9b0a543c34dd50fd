"""How far whoever a report comes from is believed, and whose record a verdict on it goes to."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from app.flows.context import Context
from app.incidents import store as incident_store
from app.incidents.credibility import prior_of
from app.incidents.filed import FiledReport
from app.incidents.origins import origin_of, reporter_origin
from app.incidents.reputation import is_known, record_of, reliability


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What is held of who a report comes from.

    Attributes:
        token: Of its origin: equal ones are one voice.
        judged: Of whose record it is believed by, where that is not its origin; see `Report`.
        known: False for a reporter without a record.
        reliability: None: nothing was learnt.
    """

    token: str
    judged: str | None
    known: bool
    reliability: float | None


def judge_source(
    conn: Connection,
    filed: FiledReport,
    *,
    key_id: str,
    vouched: bool,
    context: Context,
    now: datetime,
) -> Source:
    """Return what moderators' verdicts say of the source, whatever name it goes by.

    Anybody can write the name of an outlet: what the outlet was right about vouches only where the
    desk says that it is its word. A reporter is believed, and judged, by what that key has
    reported.

    Args:
        conn: Open transaction.
        filed: The report.
        key_id: Of the key it came with.
        vouched: Filed by the desk or the operator.
        context: Of the service.
        now: The time.
    """
    policy, hashed = context.config.incidents, context.keyed_hash
    origin, own = origin_of(filed, reporter=key_id, policy=policy.origins), reporter_origin(key_id)
    token = hashed(origin)
    judged = None if vouched or origin == own else hashed(own)
    of = judged or token
    verdicts = context.records.of(of, lambda: incident_store.verdicts_on(conn, of), now=now)
    record = record_of(verdicts, policy=policy.reputation, now=now)
    prior = prior_of(filed.source_type, filed.basis, policy.credibility)
    return Source(
        token=token,
        judged=judged,
        known=vouched or is_known(prior, record, policy.reputation),
        reliability=None if record.is_empty else reliability(prior, record, policy.reputation),
    )
