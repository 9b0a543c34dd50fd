"""Messages that came in, whichever provider brought them: taken, counted, logged."""

from datetime import datetime

from app.core import metrics
from app.core.logging import bound, get_logger
from app.flows.messages.inbound_sms import Duty, Message, Taken, take_inbound
from app.http.state import AppState

log = get_logger(__name__)


async def hear(message: Message, state: AppState, *, now: datetime) -> str | None:
    """Take a message and return what to answer; None: nothing."""
    duty = Duty(
        channels=state.settings.duty.rota.channels,
        remind=state.config.providers.fail_over.remind,
    )
    taken = await state.db.write(
        lambda conn: take_inbound(conn, message, context=state.context, duty=duty, now=now)
    )
    report = taken.effect.report if taken.effect else None
    if report is not None and report.alerts:
        state.wake()
    _tell_of(taken, message.provider)
    return taken.reply


def _tell_of(taken: Taken, provider: str) -> None:
    outcome = "repeated" if taken.repeated else str(taken.outcome)
    metrics.INBOUND.labels(provider, outcome).inc()
    effect = taken.effect
    with bound(inbound_id=taken.inbound_id):
        log.info(
            "inbound.taken",
            provider=provider,
            outcome=outcome,
            replied=taken.reply is not None,
            report_id=effect.report_id if effect else None,
            alert_id=effect.alert_id if effect else None,
        )
