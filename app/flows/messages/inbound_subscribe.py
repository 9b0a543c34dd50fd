"""Somebody asks by SMS to be told of a road."""

from datetime import datetime

from sqlalchemy import Connection

from app.audit import store as audit
from app.core.levels import Level
from app.flows.context import Context
from app.flows.sending.tell_newcomers import tell_newcomers
from app.risk.road_graph import road_graph
from app.roads.areas import area_keys
from app.roads.network import Network
from app.roads.places import Location
from app.subscribers.contact import AddressStatus
from app.subscribers.store import subscriptions
from app.subscribers.store.senders import Known, KnownContact
from app.subscribers.subscription import SubscriptionDraft, TownPair
from app.subscribers.targets import road_names, targets_of
from app.subscribers.understood import Reading

#: From this level on, as the API has it for who names none.
_FROM = Level.HIGH


def subscribe_phone(
    conn: Connection,
    reading: Reading,
    known: Known,
    *,
    actor: str,
    context: Context,
    now: datetime,
) -> str | None:
    """Add a subscription of the contact that has the phone; return why not, None when it is done.

    One that it has already is not added again. A phone that said STOP starts again first: what it
    asks for now would never reach it.
    """
    if not known.contacts:
        return "refused"
    contact = known.contacts[0]
    if contact.status is AddressStatus.OPTED_OUT:
        return "restart_first"
    draft = _draft(reading, contact, context)
    if draft is None:
        return "refused"
    most = context.config.inbound.most_subscriptions
    had = subscriptions.list_subscriptions(
        conn, organisation_id=None, contact_id=contact.id, after=None, limit=most
    )
    if any(one.wanted == draft.wanted() for one in had):
        return None
    if len(had) >= most:
        return "refused"
    (subscription_id,) = subscriptions.add_subscriptions(conn, [draft], now=now)
    audit.record(
        conn,
        actor=actor,
        action="subscription.created",
        subject_id=subscription_id,
        organisation_id=contact.organisation_id,
        now=now,
    )
    tell_newcomers(conn, [contact.id], context=context, now=now)
    return None


def _draft(reading: Reading, contact: KnownContact, context: Context) -> SubscriptionDraft | None:
    network = context.config.network
    routes, regions, towns = _named(reading.located, context, leads=reading.leads)
    if not (routes or regions or towns):  # a road by its number or code
        routes = reading.routes
    targets = targets_of(routes=routes, regions=regions, towns=towns, roads=road_names(network))
    if targets.faults or not (routes or regions or towns):
        return None
    return SubscriptionDraft(
        contact_id=contact.id,
        routes=targets.routes,
        regions=regions,
        towns=towns,
        cargoes=reading.cargoes,
        min_level=_FROM,
        channels=(contact.channel,),
        targets=targets.index,
        cargo_index=reading.cargoes or context.config.cargoes.codes,
    )


def _named(
    located: tuple[Location, ...], context: Context, *, leads: bool
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[TownPair, ...]]:
    """Return (routes, regions, towns) that these places stand for.

    Two towns are the road between them; one is the roads of its cercle, else those through it.
    """
    network = context.config.network
    if len(located) == 2:  # noqa: PLR2004 - two ends
        start, end = (_stop(one, context) for one in located)
        if start and end and start != end:
            # of "la route de Kayes" the roads about Kayes, too: from Nioro it is another one
            area = _area(located[1], network) if leads else None
            return (), (area,) if area else (), (TownPair(start=start, end=end),)
    areas = [_area(one, network) for one in located]
    regions = tuple(dict.fromkeys(area for area in areas if area))
    routes = {
        code: None
        for one, area in zip(located, areas, strict=True)
        if area is None and one.place_id
        for code in network.routes_at(one.place_id)
    }
    return tuple(routes), regions, ()


def _area(place: Location, network: Network) -> str | None:
    if place.area:
        return place.area if network.sections_in(place.area) else None
    if not place.country or not place.region:
        return None
    _, *divisions = area_keys(place.country, place.region, place.cercle)
    return next((key for key in reversed(divisions) if network.sections_in(key)), None)


def _stop(place: Location, context: Context) -> str | None:
    """Return the name of the stop at or nearest to a place."""
    known = context.gazetteer.places.get(place.place_id or "")
    if known is None:
        return None
    spot, km = road_graph(context.config.network).nearest(known)
    return spot.name if km <= context.config.journeys.farthest_km else None
