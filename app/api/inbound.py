"""/v1/inbound: what people wrote, how it was understood, what it changed, what was answered."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Query
from sqlalchemy import Connection

from app.api.answers import AnswerOut, answer_out
from app.core.errors import NotFoundError
from app.delivery.outbox import answers
from app.delivery.outbox.answers import Answer
from app.http.deps import Caller, ModeratorDep, StateDep
from app.http.model import ApiModel
from app.http.pagination import Page, Window, window
from app.http.routing import api_router
from app.subscribers.addresses import AddressError, check_phone, mask
from app.subscribers.conversation import Outcome, Sender
from app.subscribers.store import inbound as store
from app.subscribers.store.inbound import Heard, InboundFilter
from app.subscribers.understood import Action, Choice, Missing

router = api_router("/inbound", tag="inbound")


class ChoiceOut(ApiModel):
    """What a number in answer to the question would stand for."""

    number: int
    action: Action | None
    kind: str | None
    place: str | None
    area: str | None
    language: str | None


class InboundOut(ApiModel):
    """A message. Once it was emptied (`emptied`), only what it did is left.

    `duress`: it held a word of duress, or came from who is held to be forced since. It was answered
    as always, and what it reports waits for the desk. `missing`: what was asked back. `reply`: what
    Sira answered by itself; `answers`: what people at the desk did. `set_aside_at`, `set_aside_by`:
    when a person said that nothing is to be done about it, and with which key.
    """

    id: str
    at: datetime
    provider: str
    sender: Sender
    organisation_id: str | None
    phone: str | None
    emptied: bool
    text: str | None
    language: str | None
    action: Action
    kind: str | None
    places: list[str]
    route: list[str]
    cargo: list[str]
    missing: Missing | None
    choices: list[ChoiceOut]
    reasons: list[str]
    reply: str | None
    answers: list[AnswerOut]
    outcome: Outcome
    duress: bool
    report_id: str | None
    alert_id: str | None
    set_aside_at: datetime | None
    set_aside_by: str | None


class Filters(ApiModel):
    """Query parameters of the listing."""

    action: Annotated[Action | None, Query()] = None
    outcome: Annotated[Outcome | None, Query()] = None
    sender: Annotated[Sender | None, Query()] = None
    duress: Annotated[bool | None, Query()] = None
    set_aside: Annotated[
        bool | None, Query(description="Somebody said that nothing is to be done about it.")
    ] = None
    organisation_id: Annotated[str | None, Query(max_length=64)] = None


@router.get("")
async def list_inbound(
    caller: ModeratorDep,
    state: StateDep,
    view: Annotated[Window, Depends(window("inbound"))],
    filters: Annotated[Filters, Depends()],
) -> Page[InboundOut]:
    """List messages, the newest first. A key bound to an organisation sees those of its phones."""
    if filters.organisation_id is not None:
        caller.must_see(filters.organisation_id, what="organisation")
    bounded = {"organisation_id": caller.organisation_id} if caller.organisation_id else {}
    wanted = InboundFilter(**(filters.model_dump() | bounded))

    def work(conn: Connection) -> tuple[Sequence[Heard], Mapping[str, list[Answer]]]:
        found = store.list_heard(
            conn, wanted, vault=state.vault, before=view.after, limit=view.fetch
        )
        ids = [heard.id for heard in found]
        return found, answers.list_of(conn, ids, vault=state.vault)

    found, answered = await state.db.read(work)
    items, following = view.page(found, lambda heard: heard.id)
    return Page(items=[inbound_out(heard, answered[heard.id]) for heard in items], next=following)


@router.get("/{inbound_id}")
async def get_inbound(inbound_id: str, caller: ModeratorDep, state: StateDep) -> InboundOut:
    """Return one message."""

    def work(conn: Connection) -> tuple[Heard, list[Answer]]:
        heard = store.get_heard(conn, inbound_id, vault=state.vault)
        return heard, answers.list_of(conn, [heard.id], vault=state.vault)[heard.id]

    heard, answered = await state.db.read(work)
    if not _sees(caller, heard):
        raise NotFoundError("There is no inbound message with this id.")
    return inbound_out(heard, answered)


def _sees(caller: Caller, heard: Heard) -> bool:
    return caller.organisation_id is None or caller.organisation_id == heard.organisation_id


def inbound_out(heard: Heard, answered: Sequence[Answer]) -> InboundOut:
    """Return a message as it is answered."""
    said = heard.said
    reading = said.reading if said else None
    return InboundOut(
        id=heard.id,
        at=heard.at,
        provider=heard.provider,
        sender=heard.sender,
        organisation_id=heard.organisation_id,
        phone=_masked(heard.phone) if heard.phone is not None else None,
        emptied=said is None,
        text=said.text if said else None,
        language=said.language if said else None,
        action=heard.action,
        kind=heard.kind,
        places=list(reading.places) if reading else [],
        route=list(reading.routes) if reading else [],
        cargo=list(reading.cargoes) if reading else [],
        missing=reading.missing if reading else None,
        choices=[_choice(n, one) for n, one in enumerate(said.choices if said else (), start=1)],
        reasons=list(reading.reasons) if reading else [],
        reply=said.reply if said else None,
        answers=[answer_out(one) for one in answered],
        outcome=heard.outcome,
        duress=heard.duress,
        report_id=heard.report_id,
        alert_id=heard.alert_id,
        set_aside_at=heard.set_aside_at,
        set_aside_by=heard.set_aside_by,
    )


def _choice(number: int, choice: Choice) -> ChoiceOut:
    return ChoiceOut(
        number=number,
        action=choice.action,
        kind=choice.kind,
        place=choice.place,
        area=choice.area,
        language=choice.language,
    )


def _masked(phone: str) -> str:
    """Return a number masked; what is no number (a name, a short code) names no person."""
    try:
        return mask("sms", check_phone(phone, country="ML"))
    except AddressError:
        return "***"
