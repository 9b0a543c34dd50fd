"""/v1/subscriptions: which roads, cargoes and levels a contact hears of, and how."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from fastapi import Depends, Response
from pydantic import ConfigDict, Field
from sqlalchemy import Connection

from app.core.levels import Level
from app.flows.people import own_subscriptions
from app.flows.people.own_subscriptions import Wanted
from app.http.deps import NowDep, StateDep, SubscriberDep, charge
from app.http.model import ApiModel
from app.http.pagination import Page, Window, window
from app.http.routing import api_router
from app.http.state import AppState
from app.subscribers.contact import ContactChannel
from app.subscribers.store import contacts
from app.subscribers.store import subscriptions as store
from app.subscribers.store.organisations import must_be_there
from app.subscribers.subscription import Subscription, SubscriptionDraft, TownPair

router = api_router("/subscriptions", tag="subscriptions")

MAX_NAMED = 100
MAX_BATCH = 1000

RoadName = Annotated[str, Field(min_length=1, max_length=120)]
Names = Annotated[list[RoadName], Field(max_length=MAX_NAMED)]


class Towns(ApiModel):
    """The road(s) between two towns."""

    model_config = ConfigDict(validate_by_name=True, serialize_by_alias=True)

    start: RoadName = Field(alias="from")
    end: RoadName = Field(alias="to")


class SubscriptionIn(ApiModel):
    """What a contact wants to hear of: AND across the members, OR within each.

    With no route, region and towns it hears of every route; with no cargo, of every cargo. What is
    `high` or `severe` there already, and the contact was not told of, is told within seconds.
    """

    contact_id: str
    organisation_id: str | None = Field(
        default=None, description="The contact's; need not be given."
    )
    routes: Names = Field(default=[])
    regions: Names = Field(default=[], description="Regions, cercles or countries, by name.")
    towns: list[Towns] = Field(default=[], max_length=MAX_NAMED)
    cargoes: Names = Field(default=[])
    min_level: Literal["moderate", "high", "severe"] = "high"
    channels: list[ContactChannel] = Field(
        default=[],
        max_length=len(ContactChannel),
        description="Every channel of the contact by default.",
    )
    tell: Literal["immediately", "daily", "weekly"] = Field(
        default="immediately",
        description="When what is below severe is told: daily and weekly in one message, in the "
        "morning on the contact's clock, if it is still true then.",
    )


class SubscriptionBatchIn(ApiModel):
    """Subscriptions to be added, all or none."""

    subscriptions: list[SubscriptionIn] = Field(min_length=1, max_length=MAX_BATCH)


class SubscriptionOut(ApiModel):
    """A subscription."""

    id: str
    organisation_id: str
    contact_id: str
    routes: list[str]
    regions: list[str]
    towns: list[Towns]
    cargoes: list[str]
    min_level: Level
    channels: list[ContactChannel]
    tell: Literal["immediately", "daily", "weekly"]
    created_at: datetime


class SubscriptionIds(ApiModel):
    """The ids of subscriptions just added, in the order of the body."""

    ids: list[str]


@router.post("", status_code=201)
async def create_subscription(
    body: SubscriptionIn, caller: SubscriberDep, state: StateDep, now: NowDep
) -> SubscriptionOut:
    """Add a subscription."""
    wanted = _wanted(body)
    draft = _draft(wanted, state)

    def work(conn: Connection) -> Subscription:
        (subscription_id,) = own_subscriptions.add(
            conn, [wanted], [draft], insider=caller, context=state.context, now=now
        )
        return store.get_subscription(conn, subscription_id)

    return _shown(await state.db.write(work))


@router.post("/batch", status_code=201)
async def create_subscriptions(
    body: SubscriptionBatchIn, caller: SubscriberDep, state: StateDep, now: NowDep
) -> SubscriptionIds:
    """Add up to 1,000 subscriptions, all or none."""
    charge(state, caller, len(body.subscriptions) / 100, now=now)
    wanted = [_wanted(each) for each in body.subscriptions]
    drafts = [
        _draft(each, state, at=f"/subscriptions/{index}") for index, each in enumerate(wanted)
    ]
    ids = await state.db.write(
        lambda conn: own_subscriptions.add(
            conn, wanted, drafts, insider=caller, context=state.context, now=now
        )
    )
    return SubscriptionIds(ids=ids)


@router.get("")
async def list_subscriptions(
    caller: SubscriberDep,
    state: StateDep,
    view: Annotated[Window, Depends(window("subscriptions"))],
    organisation_id: str | None = None,
    contact_id: str | None = None,
) -> Page[SubscriptionOut]:
    """List subscriptions: an organisation's, a contact's (404 of none for an admin), or all."""
    if organisation_id is not None:
        caller.must_see(organisation_id, what="organisation")

    def work(conn: Connection) -> Sequence[Subscription]:
        must_be_there(conn, organisation_id, vault=state.vault)
        # of an organisation's own key another's contact has none, as one that there is not
        if contact_id is not None and caller.organisation_id is None:
            contacts.get_contact(conn, contact_id, vault=state.vault)
        return store.list_subscriptions(
            conn,
            organisation_id=caller.organisation_id or organisation_id,
            contact_id=contact_id,
            after=view.after,
            limit=view.fetch,
        )

    found = await state.db.read(work)
    items, following = view.page(found, lambda subscription: subscription.id)
    return Page(items=[_shown(subscription) for subscription in items], next=following)


@router.get("/{subscription_id}")
async def get_subscription(
    subscription_id: str, caller: SubscriberDep, state: StateDep
) -> SubscriptionOut:
    """Tell what a subscription asks for."""
    return _shown(
        await state.db.read(lambda conn: own_subscriptions.visible(conn, subscription_id, caller))
    )


@router.put("/{subscription_id}")
async def replace_subscription(
    subscription_id: str, body: SubscriptionIn, caller: SubscriberDep, state: StateDep, now: NowDep
) -> SubscriptionOut:
    """Replace what a subscription asks for."""
    wanted = _wanted(body)
    draft = _draft(wanted, state)

    def work(conn: Connection) -> Subscription:
        return own_subscriptions.replace(
            conn, subscription_id, wanted, draft, insider=caller, context=state.context, now=now
        )

    return _shown(await state.db.write(work))


@router.delete("/{subscription_id}", status_code=204)
async def delete_subscription(
    subscription_id: str, caller: SubscriberDep, state: StateDep, now: NowDep
) -> Response:
    """Remove a subscription."""
    await state.db.write(
        lambda conn: own_subscriptions.remove(conn, subscription_id, insider=caller, now=now)
    )
    return Response(status_code=204)


def _wanted(body: SubscriptionIn) -> Wanted:
    return Wanted(
        contact_id=body.contact_id,
        organisation_id=body.organisation_id,
        routes=tuple(body.routes),
        regions=tuple(body.regions),
        towns=tuple(TownPair(start=pair.start, end=pair.end) for pair in body.towns),
        cargoes=tuple(body.cargoes),
        min_level=Level(body.min_level),
        channels=tuple(body.channels),
        tell=body.tell,
    )


def _draft(wanted: Wanted, state: AppState, *, at: str = "") -> SubscriptionDraft:
    return own_subscriptions.draft_of(wanted, state.context, state.road_names, at=at)


def _shown(subscription: Subscription) -> SubscriptionOut:
    wanted = subscription.wanted
    return SubscriptionOut(
        id=subscription.id,
        organisation_id=subscription.organisation_id,
        contact_id=subscription.contact_id,
        routes=wanted["routes"],
        regions=wanted["regions"],
        towns=[Towns(start=pair["from"], end=pair["to"]) for pair in wanted["towns"]],
        cargoes=wanted["cargoes"],
        min_level=subscription.min_level,
        channels=wanted["channels"],
        tell=wanted.get("tell", "immediately"),
        created_at=subscription.created_at,
    )
