"""/v1/inbound/{id}/set-aside and /put-back: whether a message waits for somebody at the desk."""

from collections.abc import Callable

from sqlalchemy import Connection

from app.api.inbound import InboundOut, inbound_out
from app.api.reports_aside import AsideIn
from app.delivery.outbox import answers
from app.flows import set_messages_aside
from app.flows.write_back import Writer
from app.http.deps import Caller, ModeratorDep, NowDep, StateDep
from app.http.openapi import problem
from app.http.routing import api_router
from app.http.state import AppState
from app.subscribers.store.inbound import Heard

router = api_router("/inbound", tag="inbound")


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
