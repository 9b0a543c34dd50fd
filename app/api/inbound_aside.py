"""/v1/inbound/{id}/set-aside and /put-back: whether a message waits for somebody at the desk."""

from collections.abc import Callable
from typing import Annotated

from pydantic import Field
from sqlalchemy import Connection

from app.api.inbound import InboundOut, inbound_out
from app.api.reports_aside import AsideIn
from app.delivery.outbox import answers
from app.flows.desk import set_messages_aside
from app.flows.desk.set_messages_aside import MOST_AT_ONCE, Several
from app.flows.desk.write_back import Writer
from app.http.deps import Caller, ModeratorDep, NowDep, StateDep, charge
from app.http.model import ApiModel, Unsealed
from app.http.openapi import problem
from app.http.routing import api_router
from app.http.state import AppState
from app.subscribers.store.inbound import Heard

router = api_router("/inbound", tag="inbound")


class SeveralIn(ApiModel):
    """Messages that somebody read and that need nothing done, and why, for the audit trail."""

    ids: Annotated[
        list[Annotated[str, Field(max_length=64)]], Field(min_length=1, max_length=MOST_AT_ONCE)
    ]
    note: Annotated[Unsealed | None, Field(max_length=500)] = None


class LeftOut(ApiModel):
    """A message that stays, and why: `code` as in the problem that one alone is answered with."""

    id: str
    code: str
    detail: str


class SeveralOut(ApiModel):
    """What became of each: it waits for nobody any more, or stays."""

    aside: list[str]
    left: list[LeftOut]


@router.post("/set-aside")
async def set_several_aside(
    body: SeveralIn, caller: ModeratorDep, state: StateDep, now: NowDep
) -> SeveralOut:
    """Set several messages aside, as a flood leaves them: each by the rules of one.

    What may not be set aside stays, and is named with why; it keeps none of the others back. Each
    is in the audit trail by itself.
    """
    charge(state, caller, len(body.ids) / 20, now=now)

    def work(conn: Connection) -> Several:
        return set_messages_aside.set_several_aside(
            conn,
            body.ids,
            writer=_writer(caller),
            note=body.note,
            context=state.context,
            now=now,
        )

    found = await state.db.write(work)
    left = [
        LeftOut(id=one, code=error.code, detail=error.detail) for one, error in found.left.items()
    ]
    return SeveralOut(aside=list(found.aside), left=left)


@router.post("/{inbound_id}/set-aside", responses={409: problem(409)})
async def set_aside(
    inbound_id: str,
    caller: ModeratorDep,
    state: StateDep,
    now: NowDep,
    body: AsideIn | None = None,
) -> InboundOut:
    """Let a message that needs nothing done wait for nobody any more, once somebody read it.

    It is kept with who set it aside and when, and can be put back; one that is set aside already
    stays as it is. What its phone writes next waits as ever. 409 where a report was made of it,
    where it waits for nobody, or where who wrote it is held to be forced.
    """
    note = body.note if body is not None else None

    def work(conn: Connection) -> Heard:
        return set_messages_aside.set_aside(
            conn, inbound_id, writer=_writer(caller), note=note, context=state.context, now=now
        )

    return await _moved(state, work)


@router.post("/{inbound_id}/put-back", responses={409: problem(409)})
async def put_back(
    inbound_id: str, caller: ModeratorDep, state: StateDep, now: NowDep
) -> InboundOut:
    """Let a message that was set aside wait again; one that waits goes on waiting."""

    def work(conn: Connection) -> Heard:
        return set_messages_aside.put_back(
            conn, inbound_id, writer=_writer(caller), context=state.context, now=now
        )

    return await _moved(state, work)


async def _moved(state: AppState, work: Callable[[Connection], Heard]) -> InboundOut:
    def deed(conn: Connection) -> InboundOut:
        heard = work(conn)
        return inbound_out(heard, answers.list_of(conn, [heard.id], vault=state.vault)[heard.id])

    return await state.db.write(deed)


def _writer(caller: Caller) -> Writer:
    return Writer(key_id=caller.key_id, organisation_id=caller.organisation_id)
