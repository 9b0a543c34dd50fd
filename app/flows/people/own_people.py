"""Organisations' people, added and removed by one of them, or by whoever may."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import ClassVar

from sqlalchemy import Connection

from app.audit import store as audit
from app.core.errors import InvalidError, LimitError
from app.flows.context import Context
from app.flows.people import sign_in_code
from app.flows.people.own_affairs import Insider, organisation_seen
from app.subscribers.contact import Contact, ContactDraft, check_contact
from app.subscribers.store import contacts as contact_store
from app.subscribers.store import people
from app.subscribers.store.organisations import get_organisation

#: As over the API: a name is what a person is opened by at `/my`.
_LONGEST_NAME = 200
_DAY = timedelta(hours=24)


class TooManyAddedError(LimitError):
    """An organisation has added as many contacts as it may within 24 hours; an admin adds more."""

    code: ClassVar[str] = "too-many-added"
    title: ClassVar[str] = "Too many contacts for one day"


def find(
    conn: Connection, organisation_id: str, sought: str, *, limit: int, context: Context
) -> tuple[Sequence[Contact], int]:
    """Return the first people of this name, number or e-mail, and how many there are."""
    vault = context.vault
    country = get_organisation(conn, organisation_id, vault=vault).country
    index = sign_in_code.index_of(sought, country=country, vault=vault)
    ids = people.find_people(conn, organisation_id, sought, blind_index=index, vault=vault)
    return people.list_these(conn, ids[:limit], vault=vault), len(ids)


def add(
    conn: Connection,
    organisation_id: str,
    *,
    name: str,
    phone: str | None,
    email: str | None,
    language: str,
    insider: Insider,
    bounded: bool,
    context: Context,
    now: datetime,
) -> str:
    """Add a contact, who hears of nothing until he is subscribed; return his id.

    Raises:
        NotFoundError: The organisation is not there for who asks.
        TooManyAddedError: See `add_checked`, as of `bounded`.
        InvalidError: With every fault.
        AddressTakenError: The address is one of its contacts' already.
    """
    insider.must_see(organisation_id, what="organisation")
    if not 1 <= len(name) <= _LONGEST_NAME:
        detail = f"Give a name of 1 to {_LONGEST_NAME} characters."
        raise InvalidError(detail, errors=[{"pointer": "/name", "detail": detail}])
    organisation = get_organisation(conn, organisation_id, vault=context.vault)
    draft = check_contact(
        name=name,
        phone=phone,
        email=email,
        language=language,
        channels=None,
        country=organisation.country,
        policy=context.config.subscribers,
    )
    (contact_id,) = add_checked(
        conn,
        organisation_id,
        [draft],
        actor=insider.key_id,
        bounded=bounded,
        context=context,
        now=now,
    )
    return contact_id


def add_checked(
    conn: Connection,
    organisation_id: str,
    drafts: Sequence[ContactDraft],
    *,
    actor: str,
    bounded: bool,
    context: Context,
    now: datetime,
    at: str | None = None,
) -> list[str]:
    """Add contacts that were checked, all or none; return their ids in order.

    `at`: JSON Pointer of the list they came in, for errors; None: a single one, the body.
    `bounded`: By the organisation itself, whose key may be stolen: so many within 24 hours.

    Raises:
        AddressTakenError: An address is one of the organisation's contacts' already.
        TooManyAddedError: It would be more than it may add in a day.
    """
    if bounded:
        _refuse_too_many(conn, organisation_id, len(drafts), context, now=now)
    ids = contact_store.add_contacts(
        conn,
        organisation_id,
        drafts,
        vault=context.vault,
        countries=context.config.countries,
        now=now,
        at=at,
    )
    for contact_id, draft in zip(ids, drafts, strict=True):
        audit.record(
            conn,
            actor=actor,
            action="contact.created",
            subject_id=contact_id,
            organisation_id=organisation_id,
            detail={"fields": sorted({"name", "language", *draft.addresses})},
            now=now,
        )
    return ids


def _refuse_too_many(
    conn: Connection, organisation_id: str, more: int, context: Context, *, now: datetime
) -> None:
    """Keep what a day adds within bounds: each is an SMS more, of every severe danger.

    A list of a million numbers would be paid for, and stand before everybody's next warning.
    """
    most = context.config.consent.contacts_per_day
    if more + people.count_people(conn, organisation_id, since=now - _DAY) > most:
        raise TooManyAddedError(
            f"An organisation adds {most} contacts within 24 hours at most; an admin may add more.",
            retry_after_s=int(_DAY.total_seconds()),
        )


def remove(conn: Connection, contact_id: str, *, insider: Insider, now: datetime) -> None:
    """Remove a contact with his addresses and subscriptions, and sign him out everywhere.

    Raises:
        NotFoundError: He is not there for who asks.
    """
    organisation_id = organisation_seen(conn, contact_id, insider)
    sign_in_code.end(conn, contact_id, now=now)
    contact_store.delete_contact(conn, contact_id)
    audit.record(
        conn,
        actor=insider.key_id,
        action="contact.deleted",
        subject_id=contact_id,
        organisation_id=organisation_id,
        now=now,
    )
