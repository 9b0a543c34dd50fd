"""What an organisation's people hear of: added, changed, taken away; over whatever edge."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from app.audit import store as audit
from app.core.errors import InvalidError
from app.core.levels import Level
from app.flows.context import Context
from app.flows.people.own_affairs import Insider
from app.flows.sending.tell_newcomers import tell_newcomers
from app.subscribers.contact import ContactChannel
from app.subscribers.store import subscriptions as store
from app.subscribers.store.contacts import organisation_of
from app.subscribers.subscription import Subscription, SubscriptionDraft, TownPair
from app.subscribers.targets import RoadNames, targets_of, unknown_words


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a contact wants to hear of, as asked for.

    Attributes:
        organisation_id: The contact's; None: not named.
        routes, regions, towns: All empty: every route. `cargoes`: empty: every one.
        channels: Empty: every channel of the contact.
        tell: One of TELL.
    """

    contact_id: str
    organisation_id: str | None = None
    routes: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    towns: tuple[TownPair, ...] = ()
    cargoes: tuple[str, ...] = ()
    min_level: Level = Level.HIGH
    channels: tuple[ContactChannel, ...] = ()
    tell: str = "immediately"


def draft_of(
    wanted: Wanted, context: Context, roads: RoadNames, *, at: str = ""
) -> SubscriptionDraft:
    """Return a subscription that can be kept.

    Args:
        wanted: As asked for.
        context: The cargoes there are.
        roads: Every name for a road.
        at: JSON pointer of the subscription in the body.

    Raises:
        InvalidError: A road, a region or a cargo is not known; says which may be meant.
    """
    targets = targets_of(
        routes=wanted.routes, regions=wanted.regions, towns=wanted.towns, roads=roads
    )
    known = context.config.cargoes.codes
    faults = [*targets.faults, *unknown_words("cargo", wanted.cargoes, known, at="/cargoes")]
    if faults:
        raise InvalidError(
            " ".join(fault.detail for fault in faults[:3]),
            errors=[{"pointer": at + fault.pointer, "detail": fault.detail} for fault in faults],
            extra={"suggestions": {at + fault.pointer: list(fault.near) for fault in faults}},
        )
    cargoes = tuple(dict.fromkeys(wanted.cargoes))
    return SubscriptionDraft(
        contact_id=wanted.contact_id,
        routes=targets.routes,
        regions=tuple(dict.fromkeys(wanted.regions)),
        towns=wanted.towns,
        cargoes=cargoes,
        min_level=wanted.min_level,
        channels=tuple(dict.fromkeys(wanted.channels)),
        targets=targets.index,
        cargo_index=cargoes or known,
        tell=wanted.tell,
    )


def add(
    conn: Connection,
    wanted: Sequence[Wanted],
    drafts: Sequence[SubscriptionDraft],
    *,
    insider: Insider,
    context: Context,
    now: datetime,
) -> list[str]:
    """Add subscriptions, all or none; return their ids in order.

    Whose they are is told what holds on these roads.

    Raises:
        NotFoundError: A contact is not there for who asks.
    """
    organisations = [own_contact(conn, one, insider) for one in wanted]
    ids = store.add_subscriptions(conn, drafts, now=now)
    for subscription_id, organisation_id in zip(ids, organisations, strict=True):
        _record(conn, insider, "created", subscription_id, organisation_id, now=now)
    tell_newcomers(conn, [one.contact_id for one in wanted], context=context, now=now)
    return ids


def replace(
    conn: Connection,
    subscription_id: str,
    wanted: Wanted,
    draft: SubscriptionDraft,
    *,
    insider: Insider,
    context: Context,
    now: datetime,
) -> Subscription:
    """Put `draft` in the place of a subscription.

    Raises:
        NotFoundError: It, or the contact, is not there for who asks.
        InvalidError: The contact is of another organisation.
    """
    before = visible(conn, subscription_id, insider)
    organisation_id = own_contact(conn, wanted, insider)
    if organisation_id != before.organisation_id:
        detail = "A subscription stays with its organisation; add another one there."
        raise InvalidError(detail, errors=[{"pointer": "/contact_id", "detail": detail}])
    store.replace_subscription(conn, subscription_id, draft)
    _record(conn, insider, "changed", subscription_id, organisation_id, now=now)
    tell_newcomers(conn, [wanted.contact_id], context=context, now=now)
    return store.get_subscription(conn, subscription_id)


def remove(conn: Connection, subscription_id: str, *, insider: Insider, now: datetime) -> None:
    """Take a subscription away.

    Raises:
        NotFoundError: It is not there for who asks.
    """
    before = visible(conn, subscription_id, insider)
    store.delete_subscription(conn, subscription_id)
    whose = {"contact_id": before.contact_id}
    _record(conn, insider, "deleted", subscription_id, before.organisation_id, now=now, **whose)


def visible(conn: Connection, subscription_id: str, insider: Insider) -> Subscription:
    """Return a subscription that `insider` sees.

    Raises:
        NotFoundError: There is none for him.
    """
    subscription = store.get_subscription(conn, subscription_id)
    insider.must_see(subscription.organisation_id, what="subscription")
    return subscription


def own_contact(conn: Connection, wanted: Wanted, insider: Insider) -> str:
    """Return the organisation of the contact that is named.

    Raises:
        NotFoundError: The contact is not there for who asks, or not of the organisation named.
    """
    organisation_id = organisation_of(conn, wanted.contact_id)
    insider.must_see(organisation_id, what="contact")
    if wanted.organisation_id is not None:
        insider.must_see(wanted.organisation_id, what="organisation")
        if wanted.organisation_id != organisation_id:
            detail = "The contact belongs to another organisation than the one named."
            raise InvalidError(detail, errors=[{"pointer": "/organisation_id", "detail": detail}])
    return organisation_id


def _record(
    conn: Connection,
    insider: Insider,
    done: str,
    subscription_id: str,
    organisation_id: str,
    *,
    now: datetime,
    **detail: str,
) -> None:
    audit.record(
        conn,
        actor=insider.key_id,
        action=f"subscription.{done}",
        subject_id=subscription_id,
        organisation_id=organisation_id,
        detail=detail,
        now=now,
    )
