"""A report of which nobody can tell where it was: kept until a moderator places it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from app.flows.context import Context
from app.flows.reports.filing import Filing, ReportOutcome
from app.flows.reports.judge_source import judge_source
from app.flows.wire import candidate_out, instant
from app.incidents import store as incident_store
from app.incidents.origins import kept_body, marks_of
from app.roads.places import Unplaced


def keep_for_moderator(
    conn: Connection,
    filing: Filing,
    found: Unplaced,
    *,
    report_id: str,
    answer: Mapping[str, Any] | None = None,
    context: Context,
    now: datetime,
) -> ReportOutcome:
    """Keep a report that a moderator has to place; `answer`: what its sender is told, if not so."""
    filed = filing.filed
    source = judge_source(
        conn, filed, key_id=filing.speaker, vouched=filing.trusted, context=context, now=now
    )
    candidates = [candidate_out(candidate) for candidate in found.candidates]
    asked: dict[str, Any] = {
        "report": {
            "id": report_id,
            "external_id": filed.external_id,
            "kind": filed.kind,
            "outcome": "asked",
            "received_at": instant(now),
            "detail": found.detail,
            "candidates": candidates,
        },
        "incident": None,
        "effects": [],
    }
    incident_store.add_unlocated(
        conn,
        filed,
        report_id=report_id,
        origin=source.token,
        marks=marks_of(filed, context.keyed_hash, common=context.config.incidents.matching.common),
        known_source=source.known,
        reliability=source.reliability,
        judged=source.judged,
        backfill=filing.backfill,
        candidates=found.candidates,
        key_id=filing.key_id,
        idempotency_key=filing.kept_key(context),
        body_hash=kept_body(filing.body_hash, context.keyed_hash),
        answer=answer or asked,
        received_at=now,
    )
    return ReportOutcome(answer=answer or asked, replayed=False, alerts=0, asked=True)
