"""/v1/twilio/voice: a call is answered, a key is pressed, a call is over. Signed by Twilio."""

import re
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.datastructures import ImmutableMultiDict

from app.api.twilio import DELIVERY, Twiml, signed_form
from app.channels import voice_script
from app.channels.scripts import VoiceScript
from app.channels.twilio_names import CALLS
from app.core import metrics
from app.core.logging import bound, get_logger
from app.delivery.outbox.calling import Call
from app.flows.outcomes import calls
from app.flows.outcomes.calls import Key, PickedUpBy
from app.flows.outcomes.receipts import twilio_receipt
from app.flows.sending.own_words import OwnWords
from app.http.deps import NowDep, StateDep
from app.http.openapi import problem
from app.http.state import AppState

log = get_logger(__name__)

router = APIRouter(prefix="/v1/twilio/voice", tags=["twilio"])

_CALL = re.compile(r"CA[0-9a-fA-F]{32}")
_CODE = re.compile(r"[0-9]{1,10}")

Delivery = Annotated[str, Query(description="Our delivery; put there when the call was made.")]


def _form(*names: str) -> dict[str, object]:
    properties = {name: {"type": "string"} for name in ("CallSid", *names)}
    schema = {"type": "object", "properties": properties}
    return {
        "requestBody": {
            "required": True,
            "content": {"application/x-www-form-urlencoded": {"schema": schema}},
        }
    }


@router.post(
    "",
    response_class=Twiml,
    openapi_extra=_form("CallStatus", "AnsweredBy"),
    responses={403: problem(403), 422: problem(422)},
)
async def take_answer(
    request: Request, state: StateDep, now: NowDep, delivery: Delivery = ""
) -> Twiml:
    """Say what to say now that a call of ours was picked up.

    To a person the alert, twice, and what the keys do: it has arrived. To a machine once, and it
    has not. For a call that is nothing of ours, hang up.
    """
    form = await signed_form(request, state)
    call, script = await _find(state, delivery)
    on_the_line = calls.picked_up_by(form.get("AnsweredBy", ""))
    if call is None or script is None or on_the_line is PickedUpBy.FAX:
        return Twiml(voice_script.hang_up())
    if on_the_line is PickedUpBy.MACHINE:
        return Twiml(voice_script.leave(script, call.text))
    await _receive(state, form, delivery, calls.PICKED_UP, now=now)
    return Twiml(voice_script.ask(script, call.text, action=_keys(state, delivery)))


@router.post(
    "/key",
    response_class=Twiml,
    openapi_extra=_form("Digits"),
    responses={403: problem(403), 422: problem(422)},
)
async def take_key(
    request: Request, state: StateDep, now: NowDep, delivery: Delivery = ""
) -> Twiml:
    """Take the key that was pressed: 1 acknowledges, 2 says it again, 9 ends calls for good."""
    form = await signed_form(request, state)
    call, script = await _find(state, delivery)
    if call is None or script is None:
        return Twiml(voice_script.hang_up())
    digits = form.get("Digits", "")
    with bound(delivery_id=delivery):
        key = await state.db.write(lambda conn: calls.press(conn, delivery, call, digits, now=now))
        log.info("call.key", key=key.name.lower() if key else "other")
    if key is Key.NOTED:
        return Twiml(voice_script.end(script, "noted"))
    if key is Key.STOP:
        return Twiml(voice_script.end(script, "stopped"))
    again = voice_script.ask(script, call.text, action=_keys(state, delivery), greet=False)
    return Twiml(again)


@router.post(
    "/status",
    status_code=204,
    openapi_extra=_form("CallStatus", "ErrorCode"),
    responses={403: problem(403), 422: problem(422)},
)
async def take_call_status(
    request: Request, state: StateDep, now: NowDep, delivery: Delivery = ""
) -> None:
    """Take what became of a call. One for nothing of ours is answered like any other.

    A call that ended has arrived only if a person had picked it up.
    """
    form = await signed_form(request, state)
    if DELIVERY.fullmatch(delivery):
        word = calls.word_of(form.get("CallStatus", ""))
        await _receive(state, form, delivery, word, now=now)


async def _find(state: AppState, delivery: str) -> tuple[Call | None, VoiceScript | None]:
    """Return what a call says and how, if it is one of ours."""
    if not DELIVERY.fullmatch(delivery):
        return None, None
    own = OwnWords.of(state.config, state.vault, state.settings.public_url)
    call = await state.db.read(lambda conn: calls.find_call(conn, delivery, own=own))
    script = state.config.scripts.script(call.language) if call else None
    return call, script


async def _receive(
    state: AppState,
    form: ImmutableMultiDict[str, str],
    delivery: str,
    word: str,
    *,
    now: datetime,
) -> None:
    sid, code = form.get("CallSid", ""), form.get("ErrorCode", "")
    receipt = twilio_receipt(
        delivery_id=delivery,
        message_sid=sid if _CALL.fullmatch(sid) else None,
        status=word,
        error_code=code if _CODE.fullmatch(code) else None,
        error_message=None,
        provider=CALLS,
        now=now,
    )
    with bound(delivery_id=delivery):
        received = await state.receipts.take(receipt)
        moved = received is not None and received.status is not None
        log.debug("receipt.taken", status=word, moved=moved)
    metrics.receipt(CALLS, word, moved=moved)


def _keys(state: AppState, delivery: str) -> str:
    """Return where Twilio tells which key was pressed."""
    return f"{state.settings.public_url}/v1/twilio/voice/key?delivery={delivery}"
