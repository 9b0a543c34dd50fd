"""Rules whose condition fails on an incident: they count as not applying, and it is said."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from app.audit import store as audit_store
from app.audit.store import AuditEntry
from app.core import metrics
from app.risk.evidence import SectionEvidence
from app.risk.weighing import Exposed

_log = logging.getLogger(__name__)

_FAILED = "rules.failed"
_OF = "rule_set"
#: What was done with one rule set, looked through: a set has tens of rules, and each fails once.
_TRAIL = 200


def tell_failed(
    conn: Connection,
    evidence: Iterable[SectionEvidence],
    news: Mapping[str, Sequence[Exposed]],
    *,
    rule_set: int,
    now: datetime,
) -> None:
    """Log once each rule that failed on an incident of the news, and on which; keep the first.

    No sample and no road showed it when the rule was saved (a division by a figure that nobody had
    reported yet). The level that the rule would have held is missing, and nobody would know.
    What failed before is not said again whenever a road is rated.
    """
    new = {one.incident.id for reached in news.values() for one in reached}
    failed = {
        (problem.rule, item.id): problem.message
        for known in evidence
        for item in known.items
        if item.id in new
        for problem in item.judgement.problems
    }
    kept = set(list_failed(conn, rule_set)) if failed else set()
    for (rule, incident_id), said in sorted(failed.items()):
        metrics.RULES_FAILED.inc()
        told = {"rule": rule, "incident_id": incident_id, "said": said}
        hint = "it counts as not applying: mend its condition"
        _log.error(_FAILED, extra={**told, "rule_set": rule_set, "hint": hint})
        if rule not in kept:
            kept.add(rule)
            audit_store.record(
                conn,
                _FAILED,
                str(rule_set),
                subject_type=_OF,
                actor="clock",
                detail=told,
                now=now,
            )


def list_failed(conn: Connection, rule_set: int) -> dict[str, AuditEntry]:
    """Return the rules of a set that have failed on some incident, each with the first time."""
    trail = audit_store.list_entries(
        conn, before=None, limit=_TRAIL, subject_type=_OF, subject_id=str(rule_set)
    )
    return {str(one.detail["rule"]): one for one in trail if one.action == _FAILED}
