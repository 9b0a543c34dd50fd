"""Contacts and their addresses: sealed, unique within an organisation by blind index."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from app.channels.webhook_endpoint import Endpoint, new_secret, read_endpoint
from app.core.errors import ConflictError, NotFoundError
from app.core.ids import new_id
from app.db.tables import ContactChannelRow, ContactRow, InvitationRow
from app.subscribers.addresses import mask, mask_at_rest, same_address
from app.subscribers.contact import (
    FIELD_OF,
    Address,
    AddressStatus,
    Contact,
    ContactChannel,
    ContactDraft,
    ContactState,
)
from app.subscribers.countries import Countries
from app.subscribers.vault import Vault

#: The field that the vault binds a contact's name to; an address is bound to its channel.
NAME = "contact.name"

#: Values in one IN (...): below the limit of bound parameters of either database.
CHUNK = 500


class AddressTakenError(ConflictError):
    """Another contact of the same organisation has this address."""

    code = "address-taken"
    title = "The address is already a contact's"


def add_contacts(
    conn: Connection,
    organisation_id: str,
    drafts: Sequence[ContactDraft],
    *,
    vault: Vault,
    countries: Countries,
    now: datetime,
    at: str | None = None,
) -> list[str]:
    """Add contacts, all or none, and return their ids in order.

    Args:
        conn: Open; two statements whatever the number of contacts, and one look-up per 500.
        organisation_id: Must exist.
        drafts: Checked.
        vault: Seals their names and addresses.
        countries: Tell the tariff of a number: all of it that is kept in clear.
        now: When.
        at: JSON Pointer of the list they came in, for errors; None: a single one, the body.

    Raises:
        AddressTakenError: names the field, and says nothing of the contact that has it.
    """
    ids = [new_id(now) for _ in drafts]
    channels: list[dict[str, Any]] = []
    where: dict[str, str] = {}
    for index, (contact_id, draft) in enumerate(zip(ids, drafts, strict=True)):
        for row in _channel_rows(
            contact_id, organisation_id, draft, vault=vault, countries=countries, now=now
        ):
            pointer = f"{'' if at is None else f'{at}/{index}'}/{FIELD_OF[row['channel']]}"
            if row["blind_index"] in where:
                raise _taken([where[row["blind_index"]], pointer])
            where[row["blind_index"]] = pointer
            channels.append(row)
    _refuse_taken(conn, organisation_id, where, except_contact=None)
    contacts = [
        {
            "id": contact_id,
            "organisation_id": organisation_id,
            "name_sealed": vault.seal(draft.name, row_id=contact_id, field=NAME),
            "language": draft.language,
            "created_at": now,
        }
        for contact_id, draft in zip(ids, drafts, strict=True)
    ]
    if contacts:
        conn.execute(insert(ContactRow), contacts)
        _insert_channels(conn, channels)
    return ids


def get_contact(conn: Connection, contact_id: str, *, vault: Vault) -> Contact:
    """Return the contact with that id, its addresses masked.

    Raises:
        NotFoundError: there is none.
    """
    found = read_contacts(conn, vault, select(ContactRow).where(ContactRow.id == contact_id))
    if not found:
        raise NotFoundError("There is no contact with this id.")
    return found[0]


def list_contacts(
    conn: Connection,
    *,
    vault: Vault,
    organisation_id: str | None,
    after: str | None,
    limit: int,
    state: ContactState | None = None,
) -> Sequence[Contact]:
    """Return the contacts of one organisation, or of all, in the order they were added.

    `state`: those alone that have an address in it.
    """
    query = select(ContactRow).order_by(ContactRow.id).limit(limit)
    if state is not None:
        query = query.where(
            ContactRow.id.in_(select(ContactChannelRow.contact_id).where(_IN_STATE[state]))
        )
    if after is not None:
        query = query.where(ContactRow.id > after)
    if organisation_id is not None:
        query = query.where(ContactRow.organisation_id == organisation_id)
    return read_contacts(conn, vault, query)


def count_unreachable(conn: Connection, organisation_id: str) -> int:
    """Return how many contacts of an organisation have an address where nothing arrives."""
    query = select(func.count(ContactChannelRow.contact_id.distinct())).where(
        ContactChannelRow.organisation_id == organisation_id,
        _IN_STATE[ContactState.UNREACHABLE],
    )
    return conn.scalar(query) or 0


def organisation_of(conn: Connection, contact_id: str) -> str:
    """Return the id of the organisation that the contact belongs to.

    Raises:
        NotFoundError: there is no such contact.
    """
    found = conn.scalar(select(ContactRow.organisation_id).where(ContactRow.id == contact_id))
    if found is None:
        raise NotFoundError("There is no contact with this id.")
    return found


def tariff_of(conn: Connection, contact_id: str) -> str | None:
    """Return the tariff of a contact's number, None where it is not known or there is none."""
    return conn.scalar(
        select(ContactChannelRow.tariff).where(
            ContactChannelRow.contact_id == contact_id,
            ContactChannelRow.channel == ContactChannel.SMS,
        )
    )


def change_contact(
    conn: Connection,
    contact: Contact,
    *,
    vault: Vault,
    countries: Countries,
    name: str,
    language: str,
    keep: Iterable[ContactChannel],
    addresses: Mapping[ContactChannel, str],
    now: datetime,
) -> bool:
    """Replace what is known of a contact; tell whether an address of before is gone.

    An address given again as it was keeps its status: writing it once more does not undo a STOP.
    A webhook is no person's: given again, it begins anew, with a new secret.

    Args:
        conn: Open.
        contact: As it is now.
        vault: Seals.
        countries: Tell the tariff of a number.
        name: The new one.
        language: The new one.
        keep: Channels that stay as they are.
        addresses: New addresses by channel. A channel in neither is removed.
        now: When.

    Raises:
        AddressTakenError: another contact of the organisation has one of the addresses.
    """
    conn.execute(
        update(ContactRow)
        .where(ContactRow.id == contact.id)
        .values(
            name_sealed=vault.seal(name, row_id=contact.id, field=NAME),
            language=language,
        )
    )
    draft = ContactDraft(name=name, language=language, addresses=addresses)
    rows = _channel_rows(
        contact.id, contact.organisation_id, draft, vault=vault, countries=countries, now=now
    )
    where = {row["blind_index"]: f"/{FIELD_OF[row['channel']]}" for row in rows}
    _refuse_taken(conn, contact.organisation_id, where, except_contact=contact.id)
    mine = ContactChannelRow.contact_id == contact.id
    same = set(
        conn.scalars(
            select(ContactChannelRow.blind_index).where(
                mine,
                ContactChannelRow.blind_index.in_(list(where)),
                ContactChannelRow.channel != ContactChannel.WEBHOOK,
            )
        )
    )
    rows = [row for row in rows if row["blind_index"] not in same]
    _keep_held(conn, contact.id, rows)
    gone = conn.execute(
        delete(ContactChannelRow).where(
            mine,
            ContactChannelRow.channel.not_in([*keep]),
            ContactChannelRow.blind_index.not_in(list(same)),
        )
    )
    if rows:
        _insert_channels(conn, rows)
    return gone.rowcount > 0


def _keep_held(conn: Connection, contact_id: str, rows: list[dict[str, Any]]) -> None:
    """Hold new addresses in the place of such that have not agreed; nobody was asked at these."""
    channels = [row["channel"] for row in rows]
    held = set(
        conn.scalars(
            select(ContactChannelRow.channel).where(
                ContactChannelRow.contact_id == contact_id,
                ContactChannelRow.status == AddressStatus.INVITED,
            )
        )
    )
    for row in rows:
        if row["channel"] in held:
            row["status"] = AddressStatus.INVITED
    conn.execute(
        update(InvitationRow)
        .where(
            InvitationRow.contact_id == contact_id,
            InvitationRow.channel.in_(channels),
            InvitationRow.state == "open",
        )
        .values(state="expired", due_at=None)
    )


def delete_contact(conn: Connection, contact_id: str) -> None:
    """Remove a contact with its addresses and subscriptions; deliveries keep its bare id.

    Raises:
        NotFoundError: there is none with that id.
    """
    result = conn.execute(delete(ContactRow).where(ContactRow.id == contact_id))
    if result.rowcount == 0:
        raise NotFoundError("There is no contact with this id.")


def _channel_rows(
    contact_id: str,
    organisation_id: str,
    draft: ContactDraft,
    *,
    vault: Vault,
    countries: Countries,
    now: datetime,
) -> list[dict[str, Any]]:
    return [
        {
            "contact_id": contact_id,
            "channel": channel,
            "organisation_id": organisation_id,
            "address_sealed": vault.seal(
                _sealed_as(channel, address), row_id=contact_id, field=channel
            ),
            "blind_index": vault.blind_index(channel, same_address(address)),
            "masked": mask_at_rest(channel, address),
            "status": AddressStatus.ACTIVE,
            "changed_at": now,
            "tariff": (
                countries.tariff_on(channel, address).code if FIELD_OF[channel] == "phone" else None
            ),
        }
        for channel, address in draft.addresses.items()
    ]


def _sealed_as(channel: ContactChannel, address: str) -> str:
    """Return what the vault keeps of an address: of a webhook its secret besides, a new one."""
    if channel is ContactChannel.WEBHOOK:
        return Endpoint(url=address, secret=new_secret()).text()
    return address


def _opened_as(channel: ContactChannel, kept: str) -> str:
    """Return the address in what the vault keeps of it."""
    return read_endpoint(kept).url if channel is ContactChannel.WEBHOOK else kept


def _refuse_taken(
    conn: Connection, organisation_id: str, where: Mapping[str, str], *, except_contact: str | None
) -> None:
    indexes = list(where)
    for start in range(0, len(indexes), CHUNK):
        query = select(ContactChannelRow.blind_index).where(
            ContactChannelRow.organisation_id == organisation_id,
            ContactChannelRow.blind_index.in_(indexes[start : start + CHUNK]),
        )
        if except_contact is not None:
            query = query.where(ContactChannelRow.contact_id != except_contact)
        taken = [where[index] for index in conn.scalars(query)]
        if taken:
            raise _taken(taken)


def _insert_channels(conn: Connection, rows: list[dict[str, Any]]) -> None:
    try:
        conn.execute(insert(ContactChannelRow), rows)
    except IntegrityError as error:
        # Somebody added the same address between our look and our insert.
        pointers = [f"/{FIELD_OF[row['channel']]}" for row in rows]
        raise _taken(sorted(set(pointers))) from error


def _taken(pointers: Sequence[str]) -> AddressTakenError:
    detail = (
        "A contact of this organisation already has this address; change that contact, or give it"
        " a further subscription (POST /v1/subscriptions)."
    )
    return AddressTakenError(
        detail, errors=[{"pointer": pointer, "detail": detail} for pointer in pointers]
    )


def read_contacts(conn: Connection, vault: Vault, query: Any) -> list[Contact]:
    """Return the contacts that a query of whole rows finds, their addresses masked."""
    rows = conn.execute(query).all()
    addresses = _addresses(conn, [row.id for row in rows], vault=vault)
    return [
        Contact(
            id=row.id,
            organisation_id=row.organisation_id,
            name=vault.open(row.name_sealed, row_id=row.id, field=NAME),
            language=row.language,
            addresses=tuple(addresses.get(row.id, ())),
            created_at=row.created_at,
        )
        for row in rows
    ]


def _addresses(
    conn: Connection, contact_ids: Sequence[str], *, vault: Vault
) -> Mapping[str, list[Address]]:
    """Return the addresses of each contact, in the order of the channels: sms before email."""
    found: dict[str, list[Address]] = {}
    rows = conn.execute(
        select(
            ContactChannelRow.contact_id,
            ContactChannelRow.channel,
            ContactChannelRow.address_sealed,
            ContactChannelRow.status,
            ContactChannelRow.unreachable_since,
            ContactChannelRow.unreachable_why,
        )
        .where(ContactChannelRow.contact_id.in_(contact_ids))
        .order_by(ContactChannelRow.contact_id)
    )
    for contact_id, channel, sealed, status, since, why in rows:
        kept = vault.open(sealed, row_id=contact_id, field=channel)
        found.setdefault(contact_id, []).append(
            Address(
                channel=ContactChannel(channel),
                masked=mask(channel, _opened_as(ContactChannel(channel), kept)),
                status=AddressStatus(status),
                unreachable_since=since,
                unreachable_why=why,
            )
        )
    for addresses in found.values():
        addresses.sort(key=lambda one: _ORDER[one.channel])
    return found


_IN_STATE: Mapping[ContactState, ColumnElement[bool]] = {
    ContactState.UNREACHABLE: ContactChannelRow.unreachable_since.is_not(None),
    ContactState.INVITED: ContactChannelRow.status == AddressStatus.INVITED,
}
_ORDER = {channel: place for place, channel in enumerate(ContactChannel)}
