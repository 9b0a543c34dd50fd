"""/v1/gateway: what an SMS gateway tells us. It signs nothing: the token in the URL is ours."""

import hmac
import re
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from sqlalchemy import Connection

from app.channels.gateway_replies import word_of
from app.channels.http_gateway import NAME, report_token
from app.core import metrics
from app.core.errors import ForbiddenError
from app.core.logging import bound, get_logger
from app.delivery.delivery import Status
from app.delivery.outbox.settling import Received
from app.flows.receipts import take_gateway_receipt
from app.http.deps import NowDep, StateDep
from app.http.model import ApiModel
from app.http.openapi import problem
from app.settings import GatewaySettings

router = APIRouter(prefix="/v1/gateway", tags=["gateway"])
log = get_logger(__name__)

_DELIVERY = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class WrongTokenError(ForbiddenError):
    """The token is not the one that went out with this delivery, or there is no gateway."""

    code = "wrong-token"
    title = "Not a report on a message of ours"


class Report(ApiModel):
    """What is in the URL: the first two went out with the message, Kannel put in the others."""

    delivery: Annotated[str, Query(max_length=64, description="Our delivery.")] = ""
    token: Annotated[str, Query(max_length=64)] = ""
    type: Annotated[str, Query(max_length=8, description="Kannel's `%d`.")] = ""
    answer: Annotated[str, Query(max_length=400, description="Kannel's `%A`.")] = ""


@router.get("/status", status_code=204, responses={403: problem(403)})
@router.post("/status", status_code=204, responses={403: problem(403)})
async def take_report(report: Annotated[Report, Depends()], state: StateDep, now: NowDep) -> None:
    """Take a delivery report. One for nothing of ours is answered like any other."""
    _check(report, state.settings.gateway)
    bits = int(report.type) if report.type.isascii() and report.type.isdigit() else 0
    said = word_of(bits) or "unknown"

    def work(conn: Connection) -> Received | None:
        return take_gateway_receipt(
            conn,
            delivery_id=report.delivery,
            status=said,
            code=report.type if bits else None,
            answer=report.answer.replace("\0", ""),
            elsewhere=state.settings.has_sms_beside("gateway"),
            now=now,
        )

    with bound(delivery_id=report.delivery):
        received = await state.db.write(work)
        moved = received is not None and received.status is not None
        log.debug("receipt.taken", status=said, moved=moved)
    metrics.receipt(NAME, said, moved=moved)
    if received and received.status is Status.QUEUED:
        state.wake()


def _check(report: Report, gateway: GatewaySettings | None) -> None:
    fits = False
    if gateway is not None and _DELIVERY.fullmatch(report.delivery) and report.token.isascii():
        expected = report_token(gateway.password.get_secret_value(), report.delivery)
        fits = hmac.compare_digest(expected, report.token)
    if not fits:
        raise WrongTokenError("This is no report on a message of ours.")
