"""From alerts to deliveries: the second of the three files that tell the story."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from app.alerts import store as alert_store
from app.alerts.alert import Message
from app.alerts.records import StoredAlert
from app.core import metrics
from app.core.clock import Clock
from app.db.engine import Database
from app.delivery.moment import MomentPolicy
from app.delivery.outbox import digests, fanning, sharing
from app.delivery.outbox.fanning import FanOutStep
from app.flows.money.plan_spending import Purse, plan_chunk
from app.flows.sending.tell_waiting import RenderDigest, texts_of

_log = logging.getLogger(__name__)

#: Bundles looked up at once.
_BUNDLES = 50
#: Pause after a chunk: a few turns of the event loop.
_TURN_S = 0.005

#: Returns the texts of an alert, one for each channel and language. Pure.
Render = Callable[[StoredAlert], Sequence[Message]]


@dataclass(frozen=True, slots=True, kw_only=True)
class FanOut:
    """What fan-out works with.

    Attributes:
        languages: That `render` writes; contacts of any other language read the first.
        chunk: Contacts in one transaction.
        made: Called after each chunk that made deliveries.
        render_digest: Returns the texts of one message that says several alerts. Pure.
        policy: How much people are told, and when; None: everything, at once.
        purse: What messages cost, and may cost; None: nobody asks.
    """

    db: Database
    clock: Clock
    render: Render
    languages: Sequence[str]
    chunk: int
    made: Callable[[], None]
    render_digest: RenderDigest
    policy: MomentPolicy | None = None
    purse: Purse | None = None


async def fan_out_pending(fan_out: FanOut) -> int:
    """Turn every alert that has not been told into deliveries; return how many were made.

    1. Alerts without `fanned_out_at` are found by bundle, the worst first.
    2. Each is rendered once for each channel and language, never for a recipient.
    3. One INSERT ... SELECT for each chunk of contacts makes the deliveries: those that leave now,
       and those that wait for their time. Who hears several alerts gets one message. What it will
       cost is set aside; what the budget does not reach for waits, or is an e-mail.
    4. With the last chunk the alerts are marked. After a crash another worker goes on.
    """
    made = 0
    tried: set[str] = set()
    while True:
        bundles = await fan_out.db.read(lambda conn: fanning.list_bundles(conn, limit=_BUNDLES))
        if not (todo := [bundle for bundle in bundles if bundle not in tried]):
            return made
        for bundle_id in todo:
            tried.add(bundle_id)  # what is left of it failed, or is another worker's
            try:
                made += await _fan_out_bundle(fan_out, bundle_id)
            except Exception:  # noqa: BLE001 - one bad alert must not keep the others untold
                _log.exception("fan_out.failed", extra={"bundle_id": bundle_id})


async def _fan_out_bundle(fan_out: FanOut, bundle_id: str) -> int:
    """Make a bundle's deliveries chunk by chunk, beside other workers; return how many."""
    alerts = await fan_out.db.read(lambda conn: _untold(conn, bundle_id))
    texts = written(alerts, fan_out.render)

    def next_step(conn: Connection) -> FanOutStep | None:
        now = fan_out.clock.now()
        step = sharing.next_step(
            conn,
            bundle_id,
            languages=fan_out.languages,
            chunk=fan_out.chunk,
            now=now,
            policy=fan_out.policy,
            countries=fan_out.purse.countries if fan_out.purse else None,
            alert_ids=[alert.id for alert in alerts],
        )
        for one in step.unwritten if step else ():
            said = [alert for alert in alerts if alert.id in one.alert_ids]
            digests.add_digests(conn, texts_of(one.id, said, fan_out.render_digest, now=now))
        if step and fan_out.purse:
            plan_chunk(conn, fan_out.purse, alerts, step, now=now)
        return step

    def first(conn: Connection) -> FanOutStep | None:
        fanning.add_messages(conn, texts)
        return next_step(conn)

    made = 0
    step = await fan_out.db.write(first)
    while step is not None:
        made += step.inserted
        metrics.DELIVERIES.inc(step.inserted)
        if step.inserted:
            fan_out.made()
            # let the lanes claim before the next chunk takes SQLite's one writer
            await asyncio.sleep(_TURN_S)
        if step.next_after is None:
            _done(bundle_id, alerts, made)
            break
        step = await fan_out.db.write(next_step)
    return made


def written(alerts: Sequence[StoredAlert], render: Render) -> list[dict[str, Any]]:
    """Return the rows of the texts of alerts, one for each channel and language."""
    return [
        {
            "alert_id": alert.id,
            "channel": message.channel,
            "language": message.language,
            "subject": message.subject,
            "text": message.text,
            "html": message.html,
            "segments": message.segments,
        }
        for alert in alerts
        for message in render(alert)
    ]


def _done(bundle_id: str, alerts: Sequence[StoredAlert], made: int) -> None:
    for alert in alerts:
        metrics.ALERTS.labels(alert.type.value, alert.level.value).inc()
    ids = [alert.id for alert in alerts]
    extra = {"bundle_id": bundle_id, "alert_ids": ids, "deliveries": made}
    _log.info("fan_out.done", extra=extra)


def _untold(conn: Connection, bundle_id: str) -> list[StoredAlert]:
    ids = fanning.list_untold(conn, bundle_id)
    return [alert_store.get_alert(conn, alert_id) for alert_id in ids]
