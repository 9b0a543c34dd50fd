"""/v1/subscriptions: which roads, cargoes and levels a contact hears of, and how."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from fastapi import Depends, Response
from pydantic import ConfigDict, Field
from sqlalchemy import Connection

from app.audit import store as audit
from app.core.errors import InvalidError
from app.core.levels import Level
from app.http.deps import Caller, NowDep, StateDep, SubscriberDep, charge
from app.http.model import ApiModel
from app.http.pagination import Page, Window, window
from app.http.routing import api_router
from app.http.state import AppState
from app.subscribers.contact import ContactChannel
from app.subscribers.store import subscriptions as store
from app.subscribers.store.contacts import organisation_of
from app.subscribers.subscription import Subscription, SubscriptionDraft, TownPair
from app.subscribers.targets import targets_of, unknown_words

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

    With no route, region and towns it hears of every route; with no cargo, of every cargo.
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
        default=[], max_length=2, description="Every channel of the contact by default."
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
    draft = _draft(body, state)

    def work(conn: Connection) -> Subscription:
        (subscription_id,) = _add(conn, [body], [draft], caller=caller, now=now)
        return store.get_subscription(conn, subscription_id)

    return _shown(await state.db.write(work))


@router.post("/batch", status_code=201)
async def create_subscriptions(
    body: SubscriptionBatchIn, caller: SubscriberDep, state: StateDep, now: NowDep
) -> SubscriptionIds:
    """Add up to 1,000 subscriptions, all or none."""
    charge(state, caller, len(body.subscriptions) / 100, now=now)
    drafts = [
        _draft(each, state, at=f"/subscriptions/{index}")
        for index, each in enumerate(body.subscriptions)
    ]
    ids = await state.db.write(
        lambda conn: _add(conn, body.subscriptions, drafts, caller=caller, now=now)
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
    """List subscriptions: an organisation's, a contact's, or all for an admin."""
    if organisation_id is not None:
        caller.must_see(organisation_id, what="organisation")
    found = await state.db.read(
        lambda conn: store.list_subscriptions(
            conn,
            organisation_id=caller.organisation_id or organisation_id,
            contact_id=contact_id,
            after=view.after,
            limit=view.fetch,
        )
    )
    items, following = view.page(found, lambda subscription: subscription.id)
    return Page(items=[_shown(subscription) for subscription in items], next=following)


@router.get("/{subscription_id}")
async def get_subscription(
    subscription_id: str, caller: SubscriberDep, state: StateDep
) -> SubscriptionOut:
    """Tell what a subscription asks for."""
    return _shown(await state.db.read(lambda conn: _visible(conn, caller, subscription_id)))


@router.put("/{subscription_id}")
async def replace_subscription(
    subscription_id: str, body: SubscriptionIn, caller: SubscriberDep, state: StateDep, now: NowDep
) -> SubscriptionOut:
    """Replace what a subscription asks for."""
    draft = _draft(body, state)

    def work(conn: Connection) -> Subscription:
        before = _visible(conn, caller, subscription_id)
        organisation_id = _own_contact(conn, caller, body)
        if organisation_id != before.organisation_id:
            detail = "A subscription stays with its organisation; add another one there."
            raise InvalidError(detail, errors=[{"pointer": "/contact_id", "detail": detail}])
        store.replace_subscription(conn, subscription_id, draft)
        _record(conn, caller, "changed", subscription_id, organisation_id, now=now)
        return store.get_subscription(conn, subscription_id)

    return _shown(await state.db.write(work))


@router.delete("/{subscription_id}", status_code=204)
async def delete_subscription(
    subscription_id: str, caller: SubscriberDep, state: StateDep, now: NowDep
) -> Response:
    """Remove a subscription."""

    def work(conn: Connection) -> None:
        before = _visible(conn, caller, subscription_id)
        store.delete_subscription(conn, subscription_id)
        _record(conn, caller, "deleted", subscription_id, before.organisation_id, now=now)

    await state.db.write(work)
    return Response(status_code=204)


def _draft(body: SubscriptionIn, state: AppState, *, at: str = "") -> SubscriptionDraft:
    towns = tuple(TownPair(start=pair.start, end=pair.end) for pair in body.towns)
    targets = targets_of(
        routes=body.routes, regions=body.regions, towns=towns, roads=state.road_names
    )
    known = state.config.cargoes.codes
    faults = [*targets.faults, *unknown_words("cargo", body.cargoes, known, at="/cargoes")]
    if faults:
        raise InvalidError(
            " ".join(fault.detail for fault in faults[:3]),
            errors=[{"pointer": at + fault.pointer, "detail": fault.detail} for fault in faults],
            extra={"suggestions": {at + fault.pointer: list(fault.near) for fault in faults}},
        )
    cargoes = tuple(dict.fromkeys(body.cargoes))
    return SubscriptionDraft(
        contact_id=body.contact_id,
        routes=targets.routes,
        regions=tuple(dict.fromkeys(body.regions)),
        towns=towns,
        cargoes=cargoes,
        min_level=Level(body.min_level),
        channels=tuple(dict.fromkeys(body.channels)),
        targets=targets.index,
        cargo_index=cargoes or known,
        tell=body.tell,
    )


def _add(
    conn: Connection,
    bodies: Sequence[SubscriptionIn],
    drafts: Sequence[SubscriptionDraft],
    *,
    caller: Caller,
    now: datetime,
) -> list[str]:
    organisations = [_own_contact(conn, caller, body) for body in bodies]
    ids = store.add_subscriptions(conn, drafts, now=now)
    for subscription_id, organisation_id in zip(ids, organisations, strict=True):
        _record(conn, caller, "created", subscription_id, organisation_id, now=now)
    return ids


def _own_contact(conn: Connection, caller: Caller, body: SubscriptionIn) -> str:
    """Return the organisation of the contact that `body` names.

    Raises:
        NotFoundError: the caller does not see the contact, or it is not of the organisation named.
    """
    organisation_id = organisation_of(conn, body.contact_id)
    caller.must_see(organisation_id, what="contact")
    if body.organisation_id is not None:
        caller.must_see(body.organisation_id, what="organisation")
        if body.organisation_id != organisation_id:
            detail = "The contact belongs to another organisation than the one named."
            raise InvalidError(detail, errors=[{"pointer": "/organisation_id", "detail": detail}])
    return organisation_id


def _visible(conn: Connection, caller: Caller, subscription_id: str) -> Subscription:
    subscription = store.get_subscription(conn, subscription_id)
    caller.must_see(subscription.organisation_id, what="subscription")
    return subscription


def _record(
    conn: Connection,
    caller: Caller,
    done: str,
    subscription_id: str,
    organisation_id: str,
    *,
    now: datetime,
) -> None:
    audit.record(
        conn,
        actor=caller.key_id,
        action=f"subscription.{done}",
        subject_type="subscription",
        subject_id=subscription_id,
        organisation_id=organisation_id,
        now=now,
    )


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
