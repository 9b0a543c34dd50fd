"""Somebody is to be told, in one step: organisation, contact and subscription."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from app.audit import store as audit
from app.core.errors import ConflictError
from app.core.levels import Level
from app.flows.context import Context
from app.flows.people import own_people, own_subscriptions
from app.flows.people.invite import Reach, invite_new
from app.flows.sending.tell_newcomers import tell_newcomers
from app.subscribers.addresses import same_address
from app.subscribers.contact import (
    Contact,
    ContactDraft,
    Organisation,
    OrganisationKind,
    check_contact,
)
from app.subscribers.store import contacts, organisations, people, subscriptions
from app.subscribers.subscription import SubscriptionDraft
from app.subscribers.targets import road_names

#: Of the operator's own command line.
ACTOR = "cli"
_PAGE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Who wants to hear of what.

    Attributes:
        organisation: Id or name; one of that name is added when there is none.
        name: Of the person or desk.
        routes, cargoes: Empty: every one.
        language: None: the organisation's.
        asks: He is asked first, and how he can answer; None: the organisation answers for him.
    """

    organisation: str
    name: str
    phone: str | None
    email: str | None
    routes: tuple[str, ...]
    cargoes: tuple[str, ...]
    min_level: Level
    language: str | None = None
    asks: Reach | None = None


def subscribe(conn: Connection, wish: Wish, *, context: Context, now: datetime) -> Contact:
    """Add the contact and its subscription, and its organisation where it is new.

    Whom the organisation has at these addresses already gets the subscription besides; his name,
    his language and whether he was asked stay as they are.

    Raises:
        DomainError: A name, an address, a route or a cargo is wrong, or he is told of just this
            already; nothing is added.
    """
    organisation = _organisation(conn, wish, context, now)
    policy = context.config.subscribers
    draft = check_contact(
        name=wish.name,
        phone=wish.phone,
        email=wish.email,
        language=wish.language or organisation.language,
        channels=None,
        country=organisation.country,
        policy=policy,
    )
    known = _known(conn, organisation.id, draft, context)
    contact_id = known or _added(conn, organisation.id, draft, context, now)
    wanted = _wanted(wish, contact_id, context)
    _refuse_twice(conn, wanted)
    (subscription_id,) = subscriptions.add_subscriptions(conn, [wanted], now=now)
    _record(conn, "subscription", subscription_id, organisation.id, now)
    if wish.asks is not None and not known:
        where, reach = {contact_id: "/confirm"}, wish.asks
        invite_new(conn, where, actor=ACTOR, reach=reach, context=context, now=now)
    tell_newcomers(conn, [contact_id], context=context, now=now)
    return contacts.get_contact(conn, contact_id, vault=context.vault)


def _organisation(conn: Connection, wish: Wish, context: Context, now: datetime) -> Organisation:
    after = None
    while found := organisations.list_organisations(
        conn, vault=context.vault, after=after, limit=_PAGE
    ):
        for one in found:
            if wish.organisation in {one.id, one.name}:
                return one
        after = found[-1].id
    policy = context.config.subscribers
    organisation_id = organisations.add_organisation(
        conn,
        vault=context.vault,
        name=wish.organisation,
        kind=OrganisationKind.OTHER,
        country=policy.default_country,
        language=wish.language or policy.default_language,
        now=now,
    )
    _record(conn, "organisation", organisation_id, organisation_id, now)
    return organisations.get_organisation(conn, organisation_id, vault=context.vault)


def _known(
    conn: Connection, organisation_id: str, draft: ContactDraft, context: Context
) -> str | None:
    """Return the contact that has all these addresses already, if one has."""
    indexes = {
        context.vault.blind_index(channel, same_address(address))
        for channel, address in draft.addresses.items()
    }
    found = [people.reached_at(conn, organisation_id, one) for one in indexes]
    return next(iter(set.intersection(*found)), None)


def _added(
    conn: Connection, organisation_id: str, draft: ContactDraft, context: Context, now: datetime
) -> str:
    (contact_id,) = own_people.add_checked(
        conn, organisation_id, [draft], actor=ACTOR, bounded=False, context=context, now=now
    )
    return contact_id


def _wanted(wish: Wish, contact_id: str, context: Context) -> SubscriptionDraft:
    wanted = own_subscriptions.Wanted(
        contact_id=contact_id,
        routes=wish.routes,
        cargoes=wish.cargoes,
        min_level=wish.min_level,
    )
    return own_subscriptions.draft_of(wanted, context, road_names(context.config.network))


def _refuse_twice(conn: Connection, wanted: SubscriptionDraft) -> None:
    his = subscriptions.list_subscriptions(
        conn, organisation_id=None, contact_id=wanted.contact_id, after=None, limit=_PAGE
    )
    asked = (wanted.min_level, wanted.wanted())
    if any((one.min_level, one.wanted) == asked for one in his):
        raise ConflictError("Who has this address is told of just this already.")


def _record(
    conn: Connection, what: str, subject_id: str, organisation_id: str, now: datetime
) -> None:
    audit.record(
        conn,
        actor=ACTOR,
        action=f"{what}.created",
        subject_id=subject_id,
        organisation_id=organisation_id,
        now=now,
    )
