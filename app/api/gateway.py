"""/v1/gateway: what an SMS gateway tells us. It signs nothing: the token is ours."""

import hmac
import re
from base64 import b64decode
from email.message import EmailMessage
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import PlainTextResponse

from app.api.hearing import hear
from app.channels.gateway_links import NAME, inbound_token, report_token
from app.channels.gateway_replies import word_of
from app.core import metrics
from app.core.errors import ForbiddenError, InvalidError
from app.core.logging import bound, get_logger
from app.delivery.delivery import Status
from app.flows.messages.inbound_sms import Message
from app.flows.outcomes.receipts import gateway_receipt
from app.http.deps import NowDep, StateDep
from app.http.model import ApiModel
from app.http.openapi import problem
from app.settings import GatewaySettings

router = APIRouter(prefix="/v1/gateway", tags=["gateway"])
log = get_logger(__name__)

#: In which a body may be, by what it says. Anything else is read as UTF-8.
_CHARSETS = {"utf-16be": "utf-16-be", "iso-8859-1": "latin-1", "latin1": "latin-1"}
_MESSAGE = re.compile(r"[\w.:-]{1,80}", re.ASCII)
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

    receipt = gateway_receipt(
        delivery_id=report.delivery,
        status=said,
        code=report.type if bits else None,
        answer=report.answer.replace("\0", ""),
        elsewhere=state.settings.has_sms_beside("gateway"),
        now=now,
    )
    with bound(delivery_id=report.delivery):
        received = await state.receipts.take(receipt)
        moved = received is not None and received.status is not None
        log.debug("receipt.taken", status=said, moved=moved)
    metrics.receipt(NAME, said, moved=moved)
    if received and received.status is Status.QUEUED:
        state.wake()


@router.get("/inbound", response_class=PlainTextResponse, responses={403: problem(403)})
@router.post("/inbound", response_class=PlainTextResponse, responses={403: problem(403)})
async def take_message(
    *,
    request: Request,
    state: StateDep,
    now: NowDep,
    token: Annotated[str, Query(max_length=64)] = "",
    message_id: Annotated[str, Query(alias="id", max_length=80, description="Kannel's `%I`.")] = "",
    sender: Annotated[str, Query(alias="from", max_length=40, description="Kannel's `%p`.")] = "",
    text: Annotated[str, Query(max_length=2_000, description="Kannel's `%a`.")] = "",
) -> PlainTextResponse:
    """Take a message that came in. The body of the answer is what Kannel sends; empty: nothing.

    It counts once however often it is delivered; a repeated delivery gets the same answer. Kannel's
    `post-url` keeps all but the id out of the address, which proxies write down: the token is the
    password of Basic authentication, the sender in `X-Kannel-From`, the text is the body.
    """
    gateway = state.settings.gateway
    beside = not token and request.method == "POST"
    given = _password(request.headers.get("authorization", "")) if beside else token
    expected = inbound_token(gateway.password.get_secret_value()) if gateway else ""
    fits = given.isascii() and hmac.compare_digest(expected, given)
    if not (gateway and fits):
        raise WrongTokenError("This is no message of our gateway's.")
    if not _MESSAGE.fullmatch(message_id):
        raise _misses("id", "query", "must be the gateway's id of the message (Kannel: %I)")
    if beside:
        sender, text = request.headers.get("x-kannel-from", ""), await _text_of(request)
    if not sender.strip():
        # all would be one phone's, and from the sixth of an hour on nobody would hear of any
        where = ("X-Kannel-From", "header") if beside else ("from", "query")
        raise _misses(*where, "must be the sender's number (Kannel: `post-url`, or %p)")
    message = Message(provider=NAME, message_id=message_id, phone=sender, text=text)
    return PlainTextResponse(await hear(message, state, now=now) or "")


def _misses(parameter: str, where: str, detail: str) -> InvalidError:
    """Return what tells whoever sets up the gateway that each message lacks something."""
    errors = [{"parameter": parameter, "in": where, "detail": detail}]
    return InvalidError(f"`{parameter}` {detail}.", errors=errors)


def _password(authorization: str) -> str:
    """Return the password of Basic authentication (RFC 7617), "" where there is none."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return b64decode(encoded, validate=True).decode("latin-1").partition(":")[2]
    except ValueError:
        return ""


async def _text_of(request: Request) -> str:
    """Return what was written; never an error, for the gateway brings a message once.

    Kannel passes on as UTF-16 what a telephone sent as UCS-2, as it does any text with a letter
    that GSM 03.38 lacks.
    """
    kind = EmailMessage()
    kind["Content-Type"] = request.headers.get("content-type", "")
    charset = kind.get_content_charset("")
    return (await request.body()).decode(_CHARSETS.get(charset, "utf-8"), "replace")


def _check(report: Report, gateway: GatewaySettings | None) -> None:
    fits = False
    if gateway is not None and _DELIVERY.fullmatch(report.delivery) and report.token.isascii():
        expected = report_token(gateway.password.get_secret_value(), report.delivery)
        fits = hmac.compare_digest(expected, report.token)
    if not fits:
        raise WrongTokenError("This is no report on a message of ours.")
