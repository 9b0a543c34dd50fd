"""Reports: one claim by one source, never edited, and which incident each speaks of now."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Connection, bindparam, insert, select, true, update

from app.core.errors import NotFoundError
from app.db.tables import ReportLinkRow, ReportRow
from app.incidents.codec import (
    decode_filed,
    decode_report,
    encode_candidate,
    encode_filed,
    encode_report,
)
from app.incidents.filed import FiledReport
from app.incidents.report import Report
from app.roads.codec import encode_location
from app.roads.places import Candidate

PLACED, ASKED = "placed", "asked"


# Built once: putting a statement together costs as much as running it.
_ADD, _LINK = insert(ReportRow), insert(ReportLinkRow)
_REPLAY = select(ReportRow.id, ReportRow.body_hash, ReportRow.answer).where(
    ReportRow.key_id == bindparam("key"),
    ReportRow.idempotency_key.in_([bindparam("idempotency"), bindparam("formerly")]),
)


class ReportNotFoundError(NotFoundError):
    """There is no report of this id."""

    code: ClassVar[str] = "report-not-found"
    title: ClassVar[str] = "No such report"


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What was answered to a report that came before under the same idempotency key."""

    report_id: str
    body_hash: str
    answer: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredReport:
    """A report as kept.

    Attributes:
        report: None while nobody has said where; `filed` is then what was said.
        candidates: Places that may have been meant, as JSON, best first.
        set_aside_at: Since when nobody looks for its place any more.
        origin, marks, known_source, reliability: As `read_report` wants them once it is placed.
    """

    id: str
    key_id: str
    external_id: str | None
    received_at: datetime
    outcome: str
    report: Report | None
    filed: FiledReport | None
    candidates: Sequence[Mapping[str, Any]]
    incident_id: str | None
    answer: Mapping[str, Any]
    origin: str
    marks: tuple[str, ...]
    known_source: bool
    reliability: float | None = None
    judged: str | None = None
    backfill: bool = False
    set_aside_at: datetime | None = None


def add_report(
    conn: Connection,
    report: Report,
    *,
    key_id: str,
    idempotency_key: str | None,
    body_hash: str,
    answer: Mapping[str, Any],
    external_id: str | None = None,
) -> None:
    """Keep a placed report with the answer that its sender got."""
    conn.execute(
        _ADD,
        {
            "id": report.id,
            "key_id": key_id,
            "idempotency_key": idempotency_key,
            "body_hash": body_hash,
            "external_id": external_id,
            "received_at": report.received_at,
            "reported_at": report.reported_at,
            "occurred_at": report.occurred_at,
            "date_precision": report.date_precision,
            "kind": report.kind,
            "outcome": PLACED,
            "claim": encode_report(report),
            "location": encode_location(report.location),
            "summary": report.summary,
            "source_type": report.source_type,
            "basis": report.basis.value,
            "origin": report.origin,
            "answer": dict(answer),
        },
    )


def add_unlocated(
    conn: Connection,
    filed: FiledReport,
    *,
    report_id: str,
    origin: str,
    marks: Sequence[str],
    known_source: bool,
    candidates: Sequence[Candidate],
    key_id: str,
    idempotency_key: str | None,
    body_hash: str,
    answer: Mapping[str, Any],
    received_at: datetime,
    reliability: float | None = None,
    judged: str | None = None,
    backfill: bool = False,
) -> None:
    """Keep a report whose place was not found, for a moderator to say where."""
    conn.execute(
        _ADD,
        {
            "id": report_id,
            "key_id": key_id,
            "idempotency_key": idempotency_key,
            "body_hash": body_hash,
            "external_id": filed.external_id,
            "received_at": received_at,
            "reported_at": filed.reported_at,
            "occurred_at": filed.occurred_at,
            "date_precision": filed.date_precision,
            "kind": filed.kind,
            "outcome": ASKED,
            "claim": encode_filed(
                filed,
                known_source=known_source,
                reliability=reliability,
                judged=judged,
                backfill=backfill,
                marks=marks,
            ),
            "candidates": [encode_candidate(candidate) for candidate in candidates],
            "summary": filed.summary,
            "source_type": filed.source_type,
            "basis": filed.basis.value,
            "origin": origin,
            "answer": dict(answer),
        },
    )


def place_unlocated(conn: Connection, report: Report) -> None:
    """Keep where a report without a place speaks of; what it claims stays.

    Raises:
        ReportNotFoundError: No report of this id waits for a place.
    """
    changed = conn.execute(
        update(ReportRow)
        .where(ReportRow.id == report.id, ReportRow.outcome == ASKED)
        .values(
            outcome=PLACED,
            claim=encode_report(report),
            location=encode_location(report.location),
            set_aside_at=None,
        )
    )
    if changed.rowcount != 1:
        raise ReportNotFoundError(f"no report {report.id[:40]} waits for a place")


def set_aside(conn: Connection, report_id: str, *, at: datetime | None) -> None:
    """Keep since when nobody looks for a report's place any more; None: it waits for one again.

    Raises:
        ReportNotFoundError: No report of this id waits for a place, or is set aside.
    """
    is_aside = ReportRow.set_aside_at.is_not(None)
    changed = conn.execute(
        update(ReportRow)
        .where(
            ReportRow.id == report_id,
            ReportRow.outcome == ASKED,
            is_aside if at is None else ~is_aside,
        )
        .values(set_aside_at=at)
    )
    if changed.rowcount != 1:
        raise ReportNotFoundError(f"no report {report_id[:40]} stands so")


def find_replay(
    conn: Connection, key_id: str, idempotency_key: str, *, formerly: str
) -> Replay | None:
    """Return what was answered under this key before, None when it is new.

    `formerly`: the key as earlier versions kept it, in clear.
    """
    given = {"key": key_id, "idempotency": idempotency_key, "formerly": formerly}
    row = conn.execute(_REPLAY, given).one_or_none()
    if row is None:
        return None
    return Replay(report_id=row.id, body_hash=row.body_hash, answer=row.answer)


def get_report(conn: Connection, report_id: str) -> StoredReport:
    """Return a report with the incident it speaks of now.

    Raises:
        ReportNotFoundError: There is no such.
    """
    row = conn.execute(_STORED.where(ReportRow.id == report_id)).mappings().one_or_none()
    if row is None:
        raise ReportNotFoundError(f"no report {report_id[:40]}")
    return _stored(row)


def list_unlocated(
    conn: Connection,
    *,
    after: str | None,
    limit: int,
    aside: bool = False,
    since_id: str = "",
    live: Collection[str] | None = None,
) -> list[StoredReport]:
    """Return at most `limit` reports that wait for a place, newest first, after the id `after`.

    `aside`: in their place those that were set aside. None from before `since_id`. `live`: only of
    these kinds, and none that was filed as history.
    """
    is_aside = ReportRow.set_aside_at.is_not(None)
    query = _STORED.where(ReportRow.outcome == ASKED, is_aside if aside else ~is_aside)
    query = query.where(ReportRow.id >= since_id)
    if live is not None:
        is_history = ReportRow.claim["backfill"].as_boolean()
        query = query.where(ReportRow.kind.in_(sorted(live)), is_history.is_not(true()))
    if after is not None:
        query = query.where(ReportRow.id < after)
    rows = conn.execute(query.order_by(ReportRow.id.desc()).limit(limit)).mappings()
    return [_stored(row) for row in rows]


def list_set_aside(conn: Connection, *, since: datetime, limit: int) -> list[StoredReport]:
    """Return at most `limit` reports that were set aside since then, the last first."""
    query = _STORED.where(ReportRow.outcome == ASKED, ReportRow.set_aside_at >= since)
    ordered = query.order_by(ReportRow.set_aside_at.desc(), ReportRow.id.desc()).limit(limit)
    return [_stored(row) for row in conn.execute(ordered).mappings()]


def list_reports_by(
    conn: Connection,
    key_id: str,
    *,
    limit: int,
    since_id: str = "",
    before: str | None = None,
) -> list[StoredReport]:
    """Return the last reports that came with a key, newest first, none from before `since_id`.

    That bound lets it read the end of the table, however many reports the key ever sent.
    `before`: older ones than that.
    """
    query = _STORED.where(ReportRow.key_id == key_id, ReportRow.id >= since_id)
    if before is not None:
        query = query.where(ReportRow.id < before)
    rows = conn.execute(query.order_by(ReportRow.id.desc()).limit(limit)).mappings()
    return [_stored(row) for row in rows]


def list_reports_of(conn: Connection, incident_id: str) -> list[Report]:
    """Return the reports that speak of an incident now, in the order told."""
    rows = conn.execute(
        select(*_REPORT)
        .join(ReportLinkRow, ReportLinkRow.report_id == ReportRow.id)
        .where(ReportLinkRow.incident_id == incident_id)
        .order_by(ReportRow.reported_at, ReportRow.id)
    ).mappings()
    return [_report(row) for row in rows]


def own_reports_of(conn: Connection, incident_id: str, *, key_id: str) -> list[tuple[Report, str]]:
    """Return the reports of one key that speak of an incident now, in the order told.

    Each with the id of the incident that was answered to it: its own, where nothing was.
    """
    rows = conn.execute(
        select(*_REPORT, ReportRow.answer)
        .join(ReportLinkRow, ReportLinkRow.report_id == ReportRow.id)
        .where(ReportLinkRow.incident_id == incident_id, ReportRow.key_id == key_id)
        .order_by(ReportRow.reported_at, ReportRow.id)
    ).mappings()
    return [
        (_report(row), (row["answer"].get("incident") or {}).get("id") or row["id"]) for row in rows
    ]


def link_report(
    conn: Connection, report_id: str, incident_id: str, *, reason: str, now: datetime
) -> None:
    """Keep which incident a report speaks of, and why."""
    conn.execute(
        _LINK,
        {
            "report_id": report_id,
            "incident_id": incident_id,
            "linked_at": now,
            "reason": reason,
        },
    )


def links(conn: Connection) -> dict[str, str]:
    """Return the incident that each placed report speaks of now, by report id."""
    rows = conn.execute(select(ReportLinkRow.report_id, ReportLinkRow.incident_id))
    return {row.report_id: row.incident_id for row in rows}


def relink_reports(
    conn: Connection, report_ids: Collection[str], *, to: str, reason: str, now: datetime
) -> int:
    """Let reports speak of the incident `to` from now on; return how many did not before."""
    if not report_ids:
        return 0
    return conn.execute(
        update(ReportLinkRow)
        .where(ReportLinkRow.report_id.in_(sorted(report_ids)), ReportLinkRow.incident_id != to)
        .values(incident_id=to, linked_at=now, reason=reason)
    ).rowcount


_REPORT = (
    ReportRow.id,
    ReportRow.reported_at,
    ReportRow.received_at,
    ReportRow.occurred_at,
    ReportRow.date_precision,
    ReportRow.kind,
    ReportRow.summary,
    ReportRow.source_type,
    ReportRow.basis,
    ReportRow.origin,
    ReportRow.claim,
    ReportRow.location,
)
_STORED = select(
    *_REPORT,
    ReportRow.key_id,
    ReportRow.external_id,
    ReportRow.outcome,
    ReportRow.candidates,
    ReportRow.set_aside_at,
    ReportRow.answer,
    ReportLinkRow.incident_id,
).outerjoin(ReportLinkRow, ReportLinkRow.report_id == ReportRow.id)


def _report(row: Mapping[Any, Any]) -> Report:
    return decode_report(row["claim"], row["location"], row)


def _stored(row: Mapping[Any, Any]) -> StoredReport:
    placed = row["location"] is not None
    return StoredReport(
        id=row["id"],
        key_id=row["key_id"],
        external_id=row["external_id"],
        received_at=row["received_at"],
        outcome=row["outcome"],
        report=_report(row) if placed else None,
        filed=None if placed else decode_filed(row["claim"], row),
        candidates=row["candidates"] or (),
        incident_id=row["incident_id"],
        answer=row["answer"],
        origin=row["origin"],
        marks=tuple(row["claim"].get("marks", ())),
        known_source=row["claim"].get("known_source", True),
        reliability=row["claim"].get("reliability"),
        judged=row["claim"].get("judged"),
        backfill=row["claim"].get("backfill", False),
        set_aside_at=row["set_aside_at"],
    )
