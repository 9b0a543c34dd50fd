"""What dispatch and receipts need of addresses: open them in batches, stop writing to them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, case, func, not_, or_, select, update

from app.db.refused import REFUSED_BEFORE
from app.db.tables import ContactChannelRow, ContactRow, OrganisationRow
from app.subscribers.addresses import HIDDEN
from app.subscribers.contact import AddressStatus, ContactChannel
from app.subscribers.store.contacts import CHUNK
from app.subscribers.store.contacts import NAME as CONTACT_NAME
from app.subscribers.store.organisations import NAME as ORGANISATION_NAME
from app.subscribers.vault import Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedAddress:
    """An address as it lies in the database."""

    contact_id: str
    channel: str
    sealed: bytes
    status: AddressStatus

    def open(self, vault: Vault) -> str:
        """Return the address in clear: E.164 or e-mail; keep it in memory only.

        Raises:
            VaultKeyError: the vault has not the key that sealed it.
        """
        return vault.open(self.sealed, row_id=self.contact_id, field=self.channel)


def open_addresses(
    conn: Connection, wanted: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], SealedAddress]:
    """Return the sealed address of each (contact id, channel); absent when there is none any more.

    Opening is the caller's, with no transaction open: `found[key].open(vault)`.
    """
    pairs = set(wanted)
    ids = sorted({contact_id for contact_id, _ in wanted})
    channels = sorted({channel for _, channel in wanted})
    found: dict[tuple[str, str], SealedAddress] = {}
    for start in range(0, len(ids), CHUNK):
        rows = conn.execute(
            select(
                ContactChannelRow.contact_id,
                ContactChannelRow.channel,
                ContactChannelRow.address_sealed,
                ContactChannelRow.status,
            ).where(
                ContactChannelRow.contact_id.in_(ids[start : start + CHUNK]),
                ContactChannelRow.channel.in_(channels),
            )
        )
        for contact_id, channel, sealed, status in rows:
            if (contact_id, channel) in pairs:
                found[contact_id, channel] = SealedAddress(
                    contact_id=contact_id,
                    channel=channel,
                    sealed=sealed,
                    status=AddressStatus(status),
                )
    return found


def first_reachable(conn: Connection, organisation_id: str) -> tuple[str, str] | None:
    """Return (contact id, channel) of whom to write to in an organisation; e-mail before SMS.

    The contact that was added first: whoever set the organisation up. None: nobody.
    """
    row = conn.execute(
        select(ContactChannelRow.contact_id, ContactChannelRow.channel)
        .where(
            ContactChannelRow.organisation_id == organisation_id,
            ContactChannelRow.status == AddressStatus.ACTIVE,
            ~REFUSED_BEFORE,
            ContactChannelRow.channel.in_([ContactChannel.EMAIL, ContactChannel.SMS]),
        )
        .order_by(ContactChannelRow.channel, ContactChannelRow.contact_id)
        .limit(1)
    ).first()
    return (row.contact_id, row.channel) if row else None


def index_of(
    conn: Connection, *, channel: str, contact_id: str, unchanged_since: datetime | None
) -> str | None:
    """Return the blind index of an address; None: there is none, or another one since."""
    query = select(ContactChannelRow.blind_index).where(
        ContactChannelRow.contact_id == contact_id, ContactChannelRow.channel == channel
    )
    if unchanged_since is not None:
        query = query.where(ContactChannelRow.changed_at <= unchanged_since)
    return conn.scalar(query)


def list_having(
    conn: Connection, *, channel: str, blind_index: str, opted_out: bool
) -> list[tuple[str, str]]:
    """Return (contact, organisation) of everybody who has an address, and has opted out or not."""
    stopped = ContactChannelRow.status == AddressStatus.OPTED_OUT
    query = select(ContactChannelRow.contact_id, ContactChannelRow.organisation_id).where(
        ContactChannelRow.blind_index == blind_index,
        ContactChannelRow.channel == channel,
        stopped if opted_out else ~stopped,
    )
    rows = conn.execute(query.order_by(ContactChannelRow.contact_id))
    return [(row.contact_id, row.organisation_id) for row in rows]


def mark_opted_out(
    conn: Connection,
    *,
    channel: str,
    now: datetime,
    contact_id: str | None = None,
    blind_index: str | None = None,
) -> int:
    """Stop writing to an address, by its contact or, for every organisation, by its blind index.

    Returns:
        How many addresses changed: 0 when they had opted out before, or there is none.
    """
    if (contact_id is None) == (blind_index is None):
        raise ValueError("name the address by its contact or by its blind index, one of the two")
    which = (
        ContactChannelRow.contact_id == contact_id
        if contact_id is not None
        else ContactChannelRow.blind_index == blind_index
    )
    status = AddressStatus.OPTED_OUT
    statement = (
        update(ContactChannelRow)
        .where(which, ContactChannelRow.channel == channel, ContactChannelRow.status != status)
        .values(status=status, changed_at=now)
    )
    return conn.execute(statement).rowcount


def opted_out(conn: Connection) -> list[tuple[str, str]]:
    """Return every (contact id, channel) that is not to be written to."""
    query = select(ContactChannelRow.contact_id, ContactChannelRow.channel).where(
        ContactChannelRow.status == AddressStatus.OPTED_OUT
    )
    return [(row.contact_id, row.channel) for row in conn.execute(query)]


def active_of_late(
    conn: Connection, contact_ids: Collection[str], *, since: datetime
) -> list[tuple[str, str, str]]:
    """Return (contact id, channel, index) written to since then, or of one of these contacts."""
    row = ContactChannelRow
    query = select(row.contact_id, row.channel, row.blind_index, row.changed_at).where(
        row.status == AddressStatus.ACTIVE
    )
    return [
        (one.contact_id, one.channel, one.blind_index)
        for one in conn.execute(query)
        if one.changed_at > since or one.contact_id in contact_ids
    ]


def begin_again(
    conn: Connection, *, contact_id: str, channel: str, blind_index: str, now: datetime
) -> None:
    """Write to a contact again at the address that is meant, if it had opted out."""
    conn.execute(
        update(ContactChannelRow)
        .where(
            ContactChannelRow.contact_id == contact_id,
            ContactChannelRow.channel == channel,
            ContactChannelRow.blind_index == blind_index,
            ContactChannelRow.status == AddressStatus.OPTED_OUT,
        )
        .values(status=AddressStatus.ACTIVE, changed_at=now)
    )


def mark_restarted(conn: Connection, *, channel: str, blind_index: str, now: datetime) -> int:
    """Write to an address again, for every organisation: its owner asked for it from there.

    Returns:
        How many addresses changed.
    """
    result = conn.execute(
        update(ContactChannelRow)
        .where(
            ContactChannelRow.channel == channel,
            ContactChannelRow.blind_index == blind_index,
            # who was asked answers the invitation: that is the proof
            ContactChannelRow.status.not_in([AddressStatus.ACTIVE, AddressStatus.INVITED]),
        )
        .values(status=AddressStatus.ACTIVE, changed_at=now)
    )
    return result.rowcount


def reseal(conn: Connection, *, vault: Vault, after: str | None, limit: int) -> str | None:
    """Seal up to `limit` contacts with the newest key; return the last id, None at the end.

    Call it until it returns None, a transaction each time, so that nothing waits for it.
    """
    query = select(ContactRow.id, ContactRow.name_sealed).order_by(ContactRow.id).limit(limit)
    if after is not None:
        query = query.where(ContactRow.id > after)
    contacts = conn.execute(query).all()
    for contact_id, sealed in contacts:
        if not vault.is_current(sealed):
            fresh = vault.rotate(sealed, row_id=contact_id, field=CONTACT_NAME)
            conn.execute(
                update(ContactRow).where(ContactRow.id == contact_id).values(name_sealed=fresh)
            )
    wanted = [(contact_id, channel) for contact_id, _ in contacts for channel in ContactChannel]
    for (contact_id, channel), address in open_addresses(conn, wanted).items():
        if not vault.is_current(address.sealed):
            fresh = vault.rotate(address.sealed, row_id=contact_id, field=channel)
            conn.execute(
                update(ContactChannelRow)
                .where(
                    ContactChannelRow.contact_id == contact_id,
                    ContactChannelRow.channel == channel,
                )
                .values(address_sealed=fresh)
            )
    return contacts[-1].id if contacts else None


def reseal_organisations(conn: Connection, *, vault: Vault) -> None:
    """Seal the name of every organisation with the newest key."""
    for organisation_id, sealed in conn.execute(
        select(OrganisationRow.id, OrganisationRow.name_sealed)
    ).all():
        if not vault.is_current(sealed):
            fresh = vault.rotate(sealed, row_id=organisation_id, field=ORGANISATION_NAME)
            conn.execute(
                update(OrganisationRow)
                .where(OrganisationRow.id == organisation_id)
                .values(name_sealed=fresh)
            )


def hide_domains(conn: Connection, *, limit: int) -> int:
    """Take domains and hosts out of masks that show them; return how many masks were changed."""
    showing = (
        select(ContactChannelRow.contact_id, ContactChannelRow.channel)
        .where(_SHOWS_A_DOMAIN)
        .limit(limit)
    )
    found = conn.execute(showing).all()
    for channel, hidden in _HIDDEN.items():
        conn.execute(
            update(ContactChannelRow)
            .where(
                ContactChannelRow.channel == channel,
                ContactChannelRow.contact_id.in_([one for one, on in found if on == channel]),
            )
            .values(masked=hidden)
        )
    return len(found)


_MASKED = ContactChannelRow.masked
_SHOWS_A_DOMAIN: ColumnElement[bool] = or_(
    and_(ContactChannelRow.channel == ContactChannel.EMAIL, not_(_MASKED.like(f"%***@{HIDDEN}"))),
    and_(ContactChannelRow.channel == ContactChannel.WEBHOOK, _MASKED != HIDDEN),
)
_HIDDEN: dict[ContactChannel, ColumnElement[str] | str] = {
    ContactChannel.EMAIL: case((_MASKED.like("***@%"), ""), else_=func.substr(_MASKED, 1, 1))
    + f"***@{HIDDEN}",
    ContactChannel.WEBHOOK: HIDDEN,
}
