"""/v1/twilio: what Twilio tells us. Signed by Twilio, no key."""

import re
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import APIRouter, Query, Request, Response
from starlette.datastructures import ImmutableMultiDict
from twilio.request_validator import RequestValidator
from twilio.twiml.messaging_response import MessagingResponse

from app.api.hearing import hear
from app.channels.twilio_names import WHATSAPP, WHATSAPP_PREFIX
from app.core import metrics
from app.core.errors import ForbiddenError, InvalidError
from app.core.logging import bound, get_logger
from app.flows.messages.inbound_sms import Message
from app.flows.outcomes.receipts import twilio_receipt
from app.http.deps import NowDep, StateDep
from app.http.openapi import problem
from app.http.state import AppState
from app.subscribers.contact import ContactChannel

log = get_logger(__name__)

router = APIRouter(prefix="/v1/twilio", tags=["twilio"])

#: More fields than Twilio ever sends.
_MOST_FIELDS = 200
DELIVERY = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MESSAGE = re.compile(r"(SM|MM)[0-9a-fA-F]{32}")
_STATUS = re.compile(r"[a-z_]{1,40}")

_FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {
                    "type": "object",
                    "properties": {
                        name: {"type": "string"}
                        for name in ("MessageSid", "MessageStatus", "ErrorCode", "ErrorMessage")
                    },
                }
            }
        },
    }
}


_SAID = {
    "requestBody": {
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {
                    "type": "object",
                    "required": ["MessageSid", "From", "Body"],
                    "properties": {
                        name: {"type": "string"}
                        for name in ("MessageSid", "From", "To", "Body", "OptOutType")
                    },
                }
            }
        },
    }
}


class Twiml(Response):
    """Instructions to Twilio."""

    media_type = "application/xml"


class NotSignedError(ForbiddenError):
    """Twilio's signature is missing or does not fit, or this service has no Twilio account."""

    code = "not-signed"
    title = "Not signed by Twilio"


@router.post(
    "/status",
    status_code=204,
    openapi_extra=_FORM,
    responses={403: problem(403)},
)
async def take_status(
    request: Request,
    state: StateDep,
    now: NowDep,
    delivery: Annotated[str, Query(description="Our delivery; put there when it was sent.")] = "",
    by: Annotated[str, Query(description="Which channel of ours sent it.")] = "twilio",
) -> None:
    """Take a status callback. One for nothing of ours is answered like any other."""
    form = await signed_form(request, state)
    if not DELIVERY.fullmatch(delivery):
        return
    message_sid = form.get("MessageSid", "")
    status = form.get("MessageStatus", "")

    provider = WHATSAPP if by == WHATSAPP else "twilio"
    said = status if _STATUS.fullmatch(status) else "unknown"

    receipt = twilio_receipt(
        delivery_id=delivery,
        message_sid=message_sid if _MESSAGE.fullmatch(message_sid) else None,
        status=said,
        error_code=form.get("ErrorCode"),
        error_message=form.get("ErrorMessage", "").replace("\0", ""),
        provider=provider,
        elsewhere=provider == "twilio" and state.settings.has_sms_beside("twilio"),
        now=now,
    )
    with bound(delivery_id=delivery):
        received = await state.receipts.take(receipt)
        moved = received is not None and received.status is not None
        log.debug("receipt.taken", status=said, moved=moved)
    metrics.receipt(provider, said, moved=moved)


@router.post(
    "/inbound",
    response_class=Twiml,
    openapi_extra=_SAID,
    responses={403: problem(403), 422: problem(422)},
)
async def take_message(request: Request, state: StateDep, now: NowDep) -> Twiml:
    """Take a message that came in, by SMS or WhatsApp, and answer it in TwiML.

    It counts once however often it is delivered; a repeated delivery gets the same answer. To a
    number that is nobody's the answer is empty, as to a machine or a loop. Where Twilio has
    answered a STOP or START itself (`OptOutType`), it is obeyed and not answered again.
    """
    form = await signed_form(request, state)
    message_sid = form.get("MessageSid", "")
    if not _MESSAGE.fullmatch(message_sid):
        detail = "must be the SID of a message"
        raise InvalidError(
            f"`MessageSid` {detail}.", errors=[{"pointer": "/MessageSid", "detail": detail}]
        )
    sender = form.get("From", "")
    on_whatsapp = sender.startswith(WHATSAPP_PREFIX)
    message = Message(
        provider="twilio",
        message_id=message_sid,
        phone=sender.removeprefix(WHATSAPP_PREFIX),
        channel=ContactChannel.WHATSAPP if on_whatsapp else ContactChannel.SMS,
        text=form.get("Body", ""),
        answered=bool(form.get("OptOutType")),
    )
    answer = MessagingResponse()
    if (reply := await hear(message, state, now=now)) is not None:
        answer.message(reply)
    return Twiml(str(answer))


async def signed_form(request: Request, state: AppState) -> ImmutableMultiDict[str, str]:
    """Return the form of a request that Twilio signed for our public URL.

    The URL is put together from the settings and the path, never from `Host` or what a proxy
    says: those are the sender's words.

    Raises:
        NotSignedError: The signature is missing or wrong, or there is no Twilio account or public
            URL to check it by.
        InvalidError: The body is no form.
    """
    twilio, public_url = state.settings.twilio, state.settings.public_url
    if twilio is None or public_url is None:
        raise NotSignedError("This service has no Twilio account or no public URL.")
    try:
        pairs = parse_qsl(
            (await request.body()).decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS
        )
    except ValueError as error:
        raise InvalidError("The body is not a form.") from error
    form = ImmutableMultiDict(pairs)
    query = request.scope["query_string"].decode("latin-1")
    url = f"{public_url}{request.scope['path']}" + (f"?{query}" if query else "")
    validator = RequestValidator(twilio.auth_token.get_secret_value())
    if not validator.validate(url, form, request.headers.get("X-Twilio-Signature", "")):
        raise NotSignedError("The signature does not fit this URL and form.")
    return form
