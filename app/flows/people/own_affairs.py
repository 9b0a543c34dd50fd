"""Organisations' own affairs: when people sleep, what they want no news of, what they read."""

from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from app.audit import store as audit
from app.core.errors import InvalidError
from app.delivery.outbox import gathering, moments
from app.flows.context import Context
from app.subscribers.contact import Contact, check_language
from app.subscribers.store import contacts as contact_store
from app.subscribers.store import hours as hours_store
from app.subscribers.store import mutes as mute_store
from app.subscribers.store.hours import KeptHours
from app.subscribers.store.mutes import Mute
from app.subscribers.store.organisations import get_organisation
from app.subscribers.store.subscriptions import follow_channels
from app.subscribers.targets import unknown_words

LONGEST_MUTE = timedelta(days=31)


class Insider(Protocol):
    """Who asks: somebody with a key, who sees his own organisation, or all."""

    @property
    def key_id(self) -> str:
        """Return the id of his key."""
        ...

    def must_see(self, organisation_id: str, *, what: str) -> None:
        """Refuse what is another organisation's as if it were not there."""
        ...


def check_zone(name: str) -> None:
    """Refuse what is no time zone.

    Raises:
        InvalidError: It is none.
    """
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError):  # ZoneInfoNotFoundError is a KeyError
        detail = f"There is no time zone {name!r}; Bamako's is Africa/Bamako."
        raise InvalidError(detail, errors=[{"pointer": "/zone", "detail": detail}]) from None


def organisation_seen(conn: Connection, contact_id: str, insider: Insider) -> str:
    """Return the organisation of a contact that `insider` sees.

    Raises:
        NotFoundError: There is none for him.
    """
    organisation_id = contact_store.organisation_of(conn, contact_id)
    insider.must_see(organisation_id, what="contact")
    return organisation_id


def set_hours(
    conn: Connection, contact_id: str, hours: KeptHours, *, insider: Insider, now: datetime
) -> KeptHours:
    """Let a contact sleep at these hours; empty: he hears at any.

    Raises:
        NotFoundError: The contact is not there for who asks.
    """
    organisation_id = organisation_seen(conn, contact_id, insider)
    hours_store.set_hours(conn, contact_id, hours, now=now)
    audit.record(
        conn,
        actor=insider.key_id,
        action="contact.hours_changed",
        subject_id=contact_id,
        organisation_id=organisation_id,
        now=now,
    )
    return hours_store.get_hours(conn, contact_id)


def set_language(
    conn: Connection,
    contact_id: str,
    language: str,
    *,
    insider: Insider,
    context: Context,
    now: datetime,
) -> None:
    """Let a contact read another language; his addresses stay.

    Raises:
        NotFoundError: The contact is not there for who asks.
        InvalidError: Nothing is written in that language.
    """
    organisation_seen(conn, contact_id, insider)
    if faults := check_language(language, context.config.subscribers):
        raise InvalidError(faults[0]["detail"], errors=faults)
    contact: Contact = contact_store.get_contact(conn, contact_id, vault=context.vault)
    contact_store.change_contact(
        conn,
        contact,
        vault=context.vault,
        countries=context.config.countries,
        name=contact.name,
        language=language,
        keep=[one.channel for one in contact.addresses],
        addresses={},
        now=now,
    )
    follow_channels(conn, contact_id)
    audit.record(
        conn,
        actor=insider.key_id,
        action="contact.changed",
        subject_id=contact_id,
        organisation_id=contact.organisation_id,
        detail={"fields": ["language"]},
        now=now,
    )


def add_mute(
    conn: Connection,
    organisation_id: str,
    *,
    route: str | None,
    reason: str,
    until: datetime,
    insider: Insider,
    context: Context,
    now: datetime,
) -> Mute:
    """Want no news for a time.

    Raises:
        NotFoundError: The organisation is not there for who asks.
    """
    insider.must_see(organisation_id, what="organisation")
    get_organisation(conn, organisation_id, vault=context.vault)
    mute = mute_store.add_mute(
        conn,
        organisation_id=organisation_id,
        route=route,
        reason=reason,
        until=until,
        actor=insider.key_id,
        now=now,
    )
    whose, who = mute.organisation_id, insider.key_id
    audit.record(conn, "mute.created", mute.id, actor=who, organisation_id=whose, now=now)
    return mute


def muted_route(
    *, route: str | None, until: datetime, context: Context, now: datetime
) -> str | None:
    """Return the code of the route of a mute, None for every route.

    Raises:
        InvalidError: The mute does not end, or its road is not there.
    """
    if not now < until <= now + LONGEST_MUTE:
        raise _refused("/until", "A mute ends in the future, at most 31 days from now.")
    if route is None:
        return None
    network = context.config.network
    if (corridor := network.find_corridor(route)) is not None:
        return corridor.code
    (fault,) = unknown_words("route", [route], list(network.corridors), at="/route")
    raise _refused("/route", fault.detail)


def lift_mute(conn: Connection, mute_id: str, *, insider: Insider, now: datetime) -> None:
    """End a mute; what waited because of it is told now.

    Raises:
        NotFoundError: It is not there for who asks.
    """
    mute = mute_store.get_mute(conn, mute_id)
    insider.must_see(mute.organisation_id, what="mute")
    moments.count_alone(conn)  # what another worker decides by it now is there to be released
    mute_store.lift(conn, mute_id, now=now)
    gathering.release_muted(conn, mute.organisation_id, now=now)
    whose, who = mute.organisation_id, insider.key_id
    audit.record(conn, "mute.lifted", mute.id, actor=who, organisation_id=whose, now=now)


def _refused(pointer: str, detail: str) -> InvalidError:
    return InvalidError(detail, errors=[{"pointer": pointer, "detail": detail}])
