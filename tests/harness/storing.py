"""Incidents and reports put straight into the database."""

from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from app.db.engine import Database
from app.incidents import store
from app.incidents.incident import Incident
from app.incidents.report import Report
from tests.harness.incidents import NOON


def add(db: Database, *incidents: Incident) -> None:
    def work(conn: Connection) -> None:
        for n, incident in enumerate(incidents):
            store.add_incident(
                conn, incident, cause="report:r", now=NOON + n * timedelta(seconds=1)
            )

    db.write_now(work)


def add_report(db: Database, report: Report, incident_id: str, **changes: Any) -> None:
    def work(conn: Connection) -> None:
        given = {"key_id": "k1", "idempotency_key": None, "body_hash": "h", "answer": {"a": 1}}
        store.add_report(conn, report, **given | changes)
        store.link_report(conn, report.id, incident_id, reason="near +3.0", now=NOON)

    db.write_now(work)
