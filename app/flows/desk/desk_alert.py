"""One alert as the desk sees it: what became of its messages, and whom to call."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from app.alerts import store as alert_store
from app.alerts.records import StoredAlert
from app.core.errors import NotFoundError
from app.delivery.outbox import answering, listing, reach
from app.delivery.outbox.listing import DeliveryView
from app.delivery.outbox.reach import Later
from app.flows.context import Context
from app.flows.sending import acknowledge
from app.incidents import store as incident_store
from app.incidents.incident import Incident
from app.incidents.store import Hold
from app.subscribers.store.organisations import list_organisations

#: Whom to call; beyond that a telephone helps nobody.
_MOST_CALLS = 2_000
_ORGANISATIONS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFile:
    """An alert with what the desk wants to know of it.

    Attributes:
        counts: Deliveries by status.
        later: Who hears of it later only.
        beside: What waits for release with it, where it waits.
        newest: What was said last in its chain; itself where nothing was since.
        incidents: That it speaks of.
        calls: What did not arrive, or perhaps not.
        hold: Who works on it.
        names: Of the organisations of these, by id.
    """

    alert: StoredAlert
    counts: Mapping[str, int]
    later: Later | None
    beside: tuple[StoredAlert, ...]
    newest: str
    incidents: tuple[Incident, ...]
    calls: tuple[DeliveryView, ...]
    hold: Hold | None
    names: Mapping[str, str]


def read_alert(
    conn: Connection,
    alert_id: str,
    *,
    context: Context,
    organisation_id: str | None,
    now: datetime,
) -> AlertFile:
    """Return an alert's file; a moderator of one organisation sees only its own, and its name.

    Raises:
        AlertNotFoundError: There is no such alert.
    """
    alert = alert_store.get_alert(conn, alert_id)
    calls = listing.list_unreached(
        conn,
        alert_id,
        cursor=None,
        limit=_MOST_CALLS,
        organisation_id=organisation_id,
        receipt_within=context.config.delivery.receipt_within,
        now=now,
    )
    whose = {one.organisation_id for one in calls}
    known = list_organisations(
        conn, vault=context.vault, after=None, limit=_ORGANISATIONS, only=organisation_id
    )
    return AlertFile(
        alert=alert,
        counts=listing.counts(conn, alert_id, organisation_id=organisation_id),
        later=reach.find_later(conn, [alert_id], organisation_id=organisation_id),
        beside=tuple(alert_store.list_held_with(conn, alert_id, now=now)),
        newest=alert_store.last_of_chain(conn, alert_id).id,
        incidents=tuple(
            incident_store.list_incidents_of(conn, alert_store.incidents_of(conn, alert_id))
        ),
        calls=tuple(calls),
        hold=incident_store.find_hold(conn, subject_of(alert_id), now=now),
        names={one.id: one.name for one in known if one.id in whose},
    )


def subject_of(alert_id: str) -> str:
    """Return what a hold on an alert is called."""
    return f"alert:{alert_id}"


def note_call(
    conn: Connection,
    alert_id: str,
    delivery_id: str,
    *,
    key_id: str,
    organisation_id: str | None,
    now: datetime,
) -> None:
    """Keep that somebody at the desk has told the recipient of a delivery; once.

    Raises:
        NotFoundError: It is no delivery of this alert, or of another organisation.
    """
    told = answering.told_by(conn, delivery_id)
    ours = told is not None and organisation_id in (None, told[0].organisation_id)
    if told is None or not ours or told[0].alert_id != alert_id:
        raise NotFoundError("The alert has no such delivery.")
    acknowledge.by_key(
        conn,
        alert_id,
        key_id=key_id,
        organisation_id=organisation_id,
        contact_id=told[0].contact_id,
        now=now,
    )
