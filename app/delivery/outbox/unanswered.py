"""Organisations that do not answer: what an answer ends. See `delivery.escalation`."""

from datetime import datetime

from sqlalchemy import Connection, select, update
from sqlalchemy.orm import aliased

from app.db.tables import AlertRow, DeliveryRow, EscalationRow
from app.delivery.delivery import Status
from app.delivery.escalation import Why
from app.delivery.outbox.digests import may_have_left
from app.delivery.outbox.words import ANSWERED


def answered(conn: Connection, alert_id: str, *, organisation_id: str, now: datetime) -> None:
    """End the calling of an organisation's contacts: somebody has taken note of `alert_id`.

    What was said before it in its chain is answered with it, and so is what one cause told beside
    that. Nobody has to be called any more, and what has not left stays here.
    """
    said, chain = aliased(AlertRow), aliased(AlertRow)
    earlier = (
        select(AlertRow.bundle_id)
        .join(said, said.chain_id == AlertRow.chain_id)
        .where(said.id == alert_id, AlertRow.created_at <= said.created_at)
    )
    conn.execute(
        update(EscalationRow)
        .where(
            EscalationRow.organisation_id == organisation_id,
            EscalationRow.bundle_id.in_(earlier),
            EscalationRow.ended.is_(None) | (EscalationRow.ended == Why.EXHAUSTED.value),
        )
        .values(ended=Why.ANSWERED.value, due_at=None, updated_at=now)
    )
    of_chain = (
        select(chain.id).join(said, said.chain_id == chain.chain_id).where(said.id == alert_id)
    )
    mine = (DeliveryRow.organisation_id == organisation_id, DeliveryRow.alert_id.in_(of_chain))
    conn.execute(
        update(DeliveryRow)
        .where(*mine, DeliveryRow.unanswered_at.is_not(None))
        .values(unanswered_at=None)
    )
    conn.execute(
        update(DeliveryRow)
        .where(
            *mine,
            DeliveryRow.escalated.is_not(None),
            DeliveryRow.status == Status.QUEUED,
            ~may_have_left(),
        )
        .values(status=Status.SUPPRESSED, error_code=ANSWERED, counts_at=None, updated_at=now)
    )
