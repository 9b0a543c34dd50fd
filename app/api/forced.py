"""/v1/forced: whose phone or key is in the hands of others; a moderator says so, and when no more.

Who is held so is answered as always and believed by nobody but the desk.
"""

from datetime import datetime
from typing import Annotated

from fastapi import Depends
from pydantic import Field, model_validator
from sqlalchemy import Connection

from app.flows.messages import duress
from app.flows.messages.duress import Act
from app.http.deps import Caller, ModeratorDep, NowDep, StateDep
from app.http.model import ApiModel, Unsealed
from app.http.pagination import Page, Window, window
from app.http.routing import api_router
from app.subscribers.store import forced as store
from app.subscribers.store.forced import Forced

router = api_router("/forced", tag="inbound")

Id = Annotated[str | None, Field(min_length=1, max_length=64)]
Note = Annotated[Unsealed | None, Field(max_length=500, description="How you know; no names.")]


class ForcedIn(ApiModel):
    """Whose: who wrote a message, or who has a reporter's key."""

    inbound_id: Id = None
    key_id: Id = None
    note: Note = None

    @model_validator(mode="after")
    def _says_whose(self) -> "ForcedIn":
        if (self.inbound_id is None) == (self.key_id is None):
            raise ValueError("say inbound_id or key_id")
        return self


class FreeIn(ApiModel):
    """That somebody is free again."""

    note: Note = None


class ForcedOut(ApiModel):
    """Somebody who may be forced; `inbound_id`: the message that said so, by a word of duress."""

    id: str
    inbound_id: str | None
    key_id: str | None
    organisation_id: str | None
    since: datetime
    freed_at: datetime | None


@router.get("")
async def list_forced(
    caller: ModeratorDep, state: StateDep, view: Annotated[Window, Depends(window("forced"))]
) -> Page[ForcedOut]:
    """List who may be forced, those longest so first. A bound key sees its organisation's."""
    found = await state.db.read(
        lambda conn: store.list_forced(
            conn, organisation_id=caller.organisation_id, after=view.after, limit=view.fetch
        )
    )
    items, following = view.page(found, lambda one: one.id)
    return Page(items=[_shown(one) for one in items], next=following)


@router.post("", status_code=201)
async def hold(body: ForcedIn, caller: ModeratorDep, state: StateDep, now: NowDep) -> ForcedOut:
    """Hold whoever has a phone, or a reporter's key, to be forced; again: it changes nothing.

    For the night on which somebody tells you that a reporter was taken: his phone and his key are
    answered as always, and nothing that they say is believed before the desk has seen it.
    """
    act = _act(caller, body.note, now)

    def work(conn: Connection) -> Forced:
        if body.inbound_id is not None:
            return duress.hold_phone(conn, body.inbound_id, act, context=state.context)
        return duress.hold_key(conn, body.key_id or "", act)

    return _shown(await state.db.write(work))


@router.post("/{forced_id}/free")
async def set_free(
    forced_id: str, body: FreeIn, caller: ModeratorDep, state: StateDep, now: NowDep
) -> ForcedOut:
    """Say that somebody is free: he is believed again. What he sent meanwhile waits for the desk.

    A second time changes nothing. Hear it from himself or from people you know, and never by SMS
    from his phone; agree with him on another word.
    """
    act = _act(caller, body.note, now)
    return _shown(await state.db.write(lambda conn: duress.set_free(conn, forced_id, act)))


def _act(caller: Caller, note: str | None, now: datetime) -> Act:
    return Act(actor=caller.key_id, organisation_id=caller.organisation_id, note=note, now=now)


def _shown(forced: Forced) -> ForcedOut:
    return ForcedOut(
        id=forced.id,
        inbound_id=forced.inbound_id,
        key_id=forced.key_id,
        organisation_id=forced.organisation_id,
        since=forced.since,
        freed_at=forced.freed_at,
    )
