"""People told through the outbox as the policy wants it: at once, or in one message later."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, update

from app.alerts.alert import Message
from app.alerts.records import StoredAlert
from app.core.levels import Level
from app.db.tables import DeliveryRow
from app.delivery.moment import MomentPolicy
from app.delivery.outbox import claiming, digests
from app.flows.sending.tell_waiting import Telling, tell_waiting
from tests.harness.outbox import NOW, Outbox

BAMAKO = ZoneInfo("Africa/Bamako")
POLICY = MomentPolicy(
    per_day=4, kept_for_severe=0, kept_for_high=1, morning=time(6, 30), weekly_on=0, zone=BAMAKO
)
MORNING = datetime.fromisoformat("2025-09-07T06:30:00+00:00")
ROADS = [f"R{number}" for number in range(9)]


def texts(alerts: Sequence[StoredAlert]) -> list[Message]:
    """Write the routes of the alerts as they come, in every channel and language of the outbox."""
    routes = " ".join(one.route for one in alerts)
    return [
        Message(
            channel=channel, language=language, subject=None, text=routes, html=None, segments=1
        )
        for channel in ("sms", "email")
        for language in ("fr", "en")
    ]


def tell(outbox: Outbox, *, now: datetime, **changes: Any) -> str:
    """Raise an alert, write what it is said in, fan it out; return its id."""
    usual: dict[str, Any] = {"level": Level.HIGH, "expires_at": NOW + timedelta(days=3)}
    alert = outbox.alert(**usual | changes)
    fan_out(outbox, changes.get("bundle") or alert, now=now)
    return alert


def fan_out(outbox: Outbox, bundle: str, *, now: datetime) -> None:
    outbox.fan_out(bundle, now=now, policy=POLICY)


def tell_later(outbox: Outbox, *, now: datetime) -> None:
    """Tell what waited."""
    telling = Telling(policy=POLICY, render=texts)
    while outbox.db.write_now(lambda conn: tell_waiting(conn, telling, now=now)):
        pass


def send(outbox: Outbox, *, now: datetime) -> list[tuple[str, str]]:
    """Send what is due; return (contact, text) of each message that left."""

    def work(conn: Any) -> list[tuple[str, str]]:
        claimed = claiming.claim(
            conn, owner="w", channel="sms", limit=1000, now=now, lease=timedelta(minutes=1)
        )
        sent = []
        for one in claimed:
            text = digests.find_message(
                conn,
                one.alert_id,
                channel="sms",
                language=one.language,
                digest_id=one.digest_id,
            )
            assert text is not None
            sent.append((one.contact_id, text.text))
        return sent

    sent = outbox.db.write_now(work)
    outbox.run(update(DeliveryRow).where(DeliveryRow.status == "sending").values(status="sent"))
    return sent


def deferred(outbox: Outbox, alert: str) -> dict[str, tuple[str | None, datetime | None]]:
    query = select(DeliveryRow.contact_id, DeliveryRow.deferred, DeliveryRow.tell_at)
    rows = outbox.db.read_now(
        lambda conn: conn.execute(query.where(DeliveryRow.alert_id == alert)).all()
    )
    return {row.contact_id: (row.deferred, row.tell_at) for row in rows}
