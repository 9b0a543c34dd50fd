"""/v1/inbound/{id}/answers: somebody at the desk answers a message, in his own words."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import status
from fastapi.responses import JSONResponse
from pydantic import Field
from sqlalchemy import Connection

from app.api.bodies import once_header
from app.delivery.delivery import Status
from app.delivery.outbox.answers import Answer
from app.flows.desk import write_back
from app.flows.desk.write_back import Letter, NotAnswerableError, Writer
from app.http.deps import Caller, ModeratorDep, NowDep, StateDep
from app.http.model import ApiModel
from app.http.openapi import problem
from app.http.routing import api_router
from app.subscribers.countries import MICROS

router = api_router("/inbound", tag="inbound")


class AnswerIn(ApiModel):
    """The words, as they are to be read; they leave on one line."""

    text: Annotated[str, Field(min_length=1, max_length=500, examples=["Ou exactement ?"])]


class AnswerOut(ApiModel):
    """An answer and what became of it; `text` is null once it was emptied with the message.

    `cost` is what it did cost, in the currency of `/v1/costs`; null until that is settled.
    """

    id: str
    at: datetime
    written_by: str
    text: str | None
    parts: int
    cost: float | None
    status: Status
    error_code: str | None
    updated_at: datetime


class LetterOut(ApiModel):
    """An answer as it would leave: in how many SMS, and what these cost."""

    text: str
    parts: int
    cost: float
    currency: str


REPLAY: dict[int | str, dict[str, Any]] = {
    200: {"model": AnswerOut, "description": "The same answer again: it leaves once."},
    409: problem(409),
}


@router.post("/{inbound_id}/answers/preview", responses={409: problem(409)})
async def preview_answer(
    inbound_id: str, body: AnswerIn, caller: ModeratorDep, state: StateDep, now: NowDep
) -> LetterOut:
    """Return an answer as it would leave, and leave it unsent."""
    context = state.context

    def work(conn: Connection) -> Letter:
        heard = write_back.find_message(conn, inbound_id, _writer(caller), context)
        if bar := write_back.find_bar(conn, heard, context=context, now=now):
            raise NotAnswerableError(write_back.WHY[bar])
        return write_back.draft(heard, body.text, context=context)

    letter = await state.db.read(work)
    return LetterOut(
        text=letter.text,
        parts=letter.parts,
        cost=letter.cost / MICROS,
        currency=state.config.countries.currency,
    )


@router.post(
    "/{inbound_id}/answers",
    status_code=status.HTTP_201_CREATED,
    response_model=AnswerOut,
    responses=REPLAY,
)
async def answer(
    *,
    inbound_id: str,
    body: AnswerIn,
    caller: ModeratorDep,
    state: StateDep,
    now: NowDep,
    idempotency_key: Annotated[str | None, once_header("the SMS leaves once")] = None,
) -> JSONResponse:
    """Answer whoever wrote a message, by SMS. It is paid as the answers that Sira gives by itself.

    409 where it is not to be: a word of duress came from the phone within a week, its owner wants
    no messages, the message is older than a week, or another answer to him is on its way.
    """
    made, repeated = await state.db.write(
        lambda conn: write_back.write_back(
            conn,
            inbound_id,
            body.text,
            writer=_writer(caller),
            idempotency=idempotency_key,
            context=state.context,
            now=now,
        )
    )
    state.wake()
    code = status.HTTP_200_OK if repeated else status.HTTP_201_CREATED
    return JSONResponse(answer_out(made).model_dump(mode="json"), code)


def answer_out(one: Answer) -> AnswerOut:
    """Return an answer as it is answered."""
    return AnswerOut(
        id=one.id,
        at=one.created_at,
        written_by=one.written_by,
        text=one.text,
        parts=one.parts,
        cost=one.cost / MICROS if one.cost is not None else None,
        status=one.status,
        error_code=one.error_code,
        updated_at=one.updated_at,
    )


def _writer(caller: Caller) -> Writer:
    return Writer(key_id=caller.key_id, organisation_id=caller.organisation_id)
