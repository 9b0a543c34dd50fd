"""/v1/mutes: no news of a route, or of any, for a time; who, why and until when is kept."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Response
from pydantic import Field
from sqlalchemy import Connection

from app.api.contacts import own_organisation
from app.flows.people import own_affairs
from app.http.deps import NowDep, StateDep, SubscriberDep
from app.http.model import ApiModel, Instant, Unsealed
from app.http.pagination import Page, Window, window
from app.http.routing import api_router
from app.subscribers.store import mutes as store
from app.subscribers.store.mutes import Mute
from app.subscribers.store.organisations import must_be_there

router = api_router("/mutes", tag="subscriptions")


class MuteIn(ApiModel):
    """What an organisation wants no news of, until when, and why.

    Never hidden: a danger that has become `severe`, and the all-clear, withdrawal or correction of
    what somebody was told. What comes meanwhile is told in one message at the end, if it is still
    true then.
    """

    organisation_id: str | None = Field(
        default=None, description="A subscriber key mutes for its own; an admin names one."
    )
    route: Annotated[str, Field(max_length=40)] | None = Field(
        default=None, description="null: every route."
    )
    reason: Annotated[Unsealed, Field(min_length=3, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
    until: Instant = Field(description="At most 31 days from now.")


class MuteOut(ApiModel):
    """A mute; it is over when `until` is past."""

    id: str
    organisation_id: str
    route: str | None
    reason: str
    created_by: str
    created_at: datetime
    until: datetime


@router.post("", status_code=201)
async def create_mute(body: MuteIn, caller: SubscriberDep, state: StateDep, now: NowDep) -> MuteOut:
    """Want no news for a time."""
    organisation_id = own_organisation(caller, body.organisation_id)
    route = own_affairs.muted_route(
        route=body.route, until=body.until, context=state.context, now=now
    )

    def work(conn: Connection) -> Mute:
        return own_affairs.add_mute(
            conn,
            organisation_id,
            route=route,
            reason=body.reason,
            until=body.until,
            insider=caller,
            context=state.context,
            now=now,
        )

    return MuteOut(**asdict(await state.db.write(work)))


@router.get("")
async def list_mutes(
    caller: SubscriberDep,
    state: StateDep,
    view: Annotated[Window, Depends(window("mutes"))],
    organisation_id: str | None = None,
) -> Page[MuteOut]:
    """List mutes, those that are over too: an organisation's, 404 for none; all for an admin."""
    if organisation_id is not None:
        caller.must_see(organisation_id, what="organisation")

    def work(conn: Connection) -> Sequence[Mute]:
        must_be_there(conn, organisation_id, vault=state.vault)
        return store.list_mutes(
            conn,
            organisation_id=caller.organisation_id or organisation_id,
            after=view.after,
            limit=view.fetch,
        )

    found = await state.db.read(work)
    items, following = view.page(found, lambda mute: mute.id)
    return Page(items=[MuteOut(**asdict(mute)) for mute in items], next=following)


@router.delete("/{mute_id}", status_code=204)
async def lift_mute(mute_id: str, caller: SubscriberDep, state: StateDep, now: NowDep) -> Response:
    """End a mute; what waited because of it is told now."""
    await state.db.write(lambda conn: own_affairs.lift_mute(conn, mute_id, insider=caller, now=now))
    return Response(status_code=204)
