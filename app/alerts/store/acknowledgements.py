"""Who has taken note of which alert: once each, and never taken back."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, func, select, true, update
from sqlalchemy.dialects import postgresql, sqlite

from app.alerts.alert import NotedBy
from app.alerts.records import Acknowledgement
from app.alerts.store.alerts import get_alert
from app.db.tables import AcknowledgementRow, AlertRow


def acknowledge(conn: Connection, one: Acknowledgement) -> bool:
    """Keep that somebody has taken note; False when it was known.

    Raises:
        AlertNotFoundError: No such alert.
    """
    get_alert(conn, one.alert_id)
    dialect = sqlite if conn.dialect.name == "sqlite" else postgresql
    by = f"contact:{one.contact_id}" if one.contact_id else f"key:{one.key_id}"
    kept = conn.execute(
        dialect.insert(AcknowledgementRow)
        .values(**asdict(one) | {"by": by, "way": one.way.value})
        .on_conflict_do_nothing()
        .returning(AcknowledgementRow.by)
    ).one_or_none()
    conn.execute(
        update(AlertRow)
        .where(AlertRow.id == one.alert_id, AlertRow.acknowledged_at.is_(None))
        .values(acknowledged_at=one.at)
    )
    return kept is not None


def list_acknowledgements(
    conn: Connection, alert_id: str, *, organisation_id: str | None
) -> Sequence[Acknowledgement]:
    """Return who has taken note of an alert, the first one first; everybody's for None."""
    mine = AcknowledgementRow.organisation_id == organisation_id if organisation_id else true()
    query = (
        select(
            AcknowledgementRow.alert_id,
            AcknowledgementRow.contact_id,
            AcknowledgementRow.key_id,
            AcknowledgementRow.organisation_id,
            AcknowledgementRow.way,
            AcknowledgementRow.at,
        )
        .where(AcknowledgementRow.alert_id == alert_id, mine)
        .order_by(AcknowledgementRow.at, AcknowledgementRow.by)
    )
    return [
        Acknowledgement(**{**row, "way": NotedBy(row["way"])})
        for row in conn.execute(query).mappings()
    ]


def noted_at(
    conn: Connection, alert_ids: Collection[str], *, organisation_id: str
) -> Mapping[str, datetime]:
    """Return when the first of an organisation took note of each of some alerts, where one did."""
    query = (
        select(AcknowledgementRow.alert_id, func.min(AcknowledgementRow.at).label("first_at"))
        .where(
            AcknowledgementRow.alert_id.in_(sorted(alert_ids)),
            AcknowledgementRow.organisation_id == organisation_id,
        )
        .group_by(AcknowledgementRow.alert_id)
    )
    return {row.alert_id: row.first_at for row in conn.execute(query)}
