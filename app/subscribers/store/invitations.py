"""Invitations, the proof that they leave, and the addresses that are not to be invited."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    and_,
    bindparam,
    func,
    insert,
    or_,
    select,
    update,
)

from app.db.tables import (
    ContactChannelRow,
    InvitationRow,
    InvitedAddressRow,
    OrganisationRow,
)
from app.db.types import UtcDateTime
from app.subscribers.contact import AddressStatus, ContactChannel
from app.subscribers.invitation import AnsweredBy, Invitation, State, goes_along
from app.subscribers.store import unwanted
from app.subscribers.vault import Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What is known of an address that is to be invited.

    Attributes:
        refused: Its owner said no, here or to whomever: to an invitation, or to messages.
        declined: It was an invitation, the last one.
    """

    invited_at: datetime | None = None
    refused: bool = False
    declined: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """An invitation to send. `sealed`: the address, None where it is none to be invited any more.

    `organisation_sealed` is the name of who invites.
    """

    id: str
    contact_id: str
    channel: ContactChannel
    organisation_id: str
    organisation_sealed: bytes
    language: str
    wording: str
    expires_at: datetime
    tries: int
    sealed: bytes | None


def hold(conn: Connection, contact_id: str, *, now: datetime) -> int:
    """Write nothing but an invitation to a contact just added; return how many addresses are held.

    A webhook is no person's, and there is nobody behind it to ask.
    """
    result = conn.execute(
        update(ContactChannelRow)
        .where(
            ContactChannelRow.contact_id == contact_id,
            ContactChannelRow.channel != ContactChannel.WEBHOOK,
            ContactChannelRow.status == AddressStatus.ACTIVE,
        )
        .values(status=AddressStatus.INVITED, changed_at=now)
    )
    return result.rowcount


def count_lately(conn: Connection, organisation_id: str, *, since: datetime) -> int:
    """Return how many invitations an organisation made; nobody makes one for it meanwhile."""
    conn.execute(
        select(OrganisationRow.id)
        .where(OrganisationRow.id == organisation_id)
        # beside those who add contacts to it, as every one who asks here has just done
        .with_for_update(key_share=True)
    )
    query = select(func.count()).where(
        InvitationRow.organisation_id == organisation_id, InvitationRow.created_at > since
    )
    return conn.scalar(query) or 0


def history_of(conn: Connection, blind_index: str) -> History:
    """Return what is known of an address: invited when, refused here or told to stop anywhere."""
    row = conn.execute(
        select(
            InvitedAddressRow.invited_at,
            InvitedAddressRow.refused_at,
            InvitedAddressRow.invitation_id,
            InvitationRow.state,
        )
        .outerjoin(InvitationRow, InvitationRow.id == InvitedAddressRow.invitation_id)
        .where(InvitedAddressRow.blind_index == blind_index)
    ).first()
    stopped = conn.scalar(
        select(ContactChannelRow.contact_id)
        .where(
            ContactChannelRow.blind_index == blind_index,
            ContactChannelRow.status == AddressStatus.OPTED_OUT,
        )
        .limit(1)
    )
    said_no = row is not None and row.refused_at is not None
    return History(
        invited_at=row.invited_at if row else None,
        refused=stopped is not None or said_no,
        # what became of an invitation is gone with the organisation that made it
        declined=row is not None
        and said_no
        and row.invitation_id is not None
        and row.state in {State.REFUSED, None},
    )


def add(conn: Connection, invitation: Invitation, *, blind_index: str, now: datetime) -> None:
    """Keep an invitation, to be sent now; one that ran out makes room for it.

    Raises:
        IntegrityError: The contact has an open one.
    """
    conn.execute(
        update(InvitationRow)
        .where(
            InvitationRow.contact_id == invitation.contact_id,
            InvitationRow.state == State.OPEN,
            InvitationRow.expires_at <= now,
        )
        .values(state=State.EXPIRED, due_at=None)
    )
    values = {field: getattr(invitation, field) for field in _FIELDS}
    conn.execute(insert(InvitationRow).values(**values, due_at=now, tries=0))
    unwanted.keep(conn, blind_index, invitation_id=invitation.id, invited_at=now)


def peek(conn: Connection, invitation_id: str | None) -> Invitation | None:
    """Return an invitation to read."""
    return _one(conn, _INVITATIONS.where(InvitationRow.id == invitation_id))


def find(conn: Connection, invitation_id: str | None) -> Invitation | None:
    """Return an invitation, kept from changing until the transaction ends."""
    return _one(conn, _INVITATIONS.where(InvitationRow.id == invitation_id).with_for_update())


def newest_of(conn: Connection, contact_id: str) -> Invitation | None:
    """Return the last invitation of a contact, kept from changing until the transaction ends."""
    query = _INVITATIONS.where(InvitationRow.contact_id == contact_id)
    return _one(conn, query.order_by(InvitationRow.id.desc()).limit(1).with_for_update())


def list_of(conn: Connection, contact_id: str) -> Sequence[Invitation]:
    """Return the invitations of a contact, the last one first."""
    query = _INVITATIONS.where(InvitationRow.contact_id == contact_id)
    rows = conn.execute(query.order_by(InvitationRow.id.desc())).mappings()
    return [_invitation(row) for row in rows]


def open_at(conn: Connection, blind_index: str, *, now: datetime) -> Invitation | None:
    """Return the open invitation of an address; None: there is none."""
    invitation_id = conn.scalar(
        select(InvitedAddressRow.invitation_id).where(InvitedAddressRow.blind_index == blind_index)
    )
    found = find(conn, invitation_id) if invitation_id else None
    return found if found is not None and found.is_open(now) else None


def confirm(conn: Connection, invitation: Invitation, *, way: AnsweredBy, now: datetime) -> None:
    """Write to the contact from now on, at the address that was asked, and keep the proof.

    Also if its owner stopped another's messages since he was asked; not by a code that somebody
    else passes on: nobody knows when he told it.
    """
    _answer(conn, invitation, State.CONFIRMED, way, now)
    _set_status(conn, invitation, AddressStatus.ACTIVE, [AddressStatus.INVITED], now)
    if way is not AnsweredBy.CODE:
        asked = ContactChannelRow.channel == invitation.channel
        stopped = [AddressStatus.OPTED_OUT]
        _set_status(conn, invitation, AddressStatus.ACTIVE, stopped, now, asked)


def refuse(
    conn: Connection, invitation: Invitation, *, blind_index: str, way: AnsweredBy, now: datetime
) -> None:
    """Never write to the address, nor let anybody invite it again.

    Who agreed before has changed his mind: that he had agreed stays written. A link may be pressed
    years later: an address that took the place of that one since is another person's.
    """
    since = invitation.answered_at or invitation.created_at
    if invitation.state is not State.CONFIRMED:
        _answer(conn, invitation, State.REFUSED, way, now)
    statuses = [AddressStatus.INVITED, AddressStatus.ACTIVE]
    unchanged = [ContactChannelRow.changed_at <= since] if way is AnsweredBy.PAGE else []
    _set_status(conn, invitation, AddressStatus.OPTED_OUT, statuses, now, *unchanged)
    unwanted.remember(conn, blind_index, now=now)


def count_wrong(conn: Connection, invitation: Invitation, *, spent: bool, now: datetime) -> None:
    """Count a wrong code; `spent`: it was the last that was allowed."""
    values: dict[str, Any] = {"wrong": InvitationRow.wrong + 1}
    if spent:
        values |= {"state": State.SPENT, "answered_at": now, "due_at": None}
    conn.execute(update(InvitationRow).where(InvitationRow.id == invitation.id).values(**values))


def index_of(conn: Connection, invitation_id: str) -> str | None:
    """Return the index of the address that was invited, as far as that can still be told."""
    remembered = conn.scalar(
        select(InvitedAddressRow.blind_index).where(
            InvitedAddressRow.invitation_id == invitation_id
        )
    )
    if remembered is not None:
        return remembered
    return conn.scalar(  # another has been made for it since
        select(ContactChannelRow.blind_index)
        .join(
            InvitationRow,
            and_(
                InvitationRow.contact_id == ContactChannelRow.contact_id,
                InvitationRow.channel == ContactChannelRow.channel,
            ),
        )
        .where(
            InvitationRow.id == invitation_id,
            or_(  # the contact's address is still the one that was asked
                InvitationRow.state == State.OPEN,
                ContactChannelRow.changed_at
                <= func.coalesce(InvitationRow.answered_at, InvitationRow.created_at),
            ),
        )
    )


# built once: every worker asks all the time
_DUE = (
    select(
        InvitationRow.id,
        InvitationRow.contact_id,
        InvitationRow.channel,
        InvitationRow.organisation_id,
        OrganisationRow.name_sealed.label("organisation_sealed"),
        InvitationRow.language,
        InvitationRow.wording,
        InvitationRow.expires_at,
        InvitationRow.tries,
        ContactChannelRow.address_sealed.label("sealed"),
    )
    .join(OrganisationRow, OrganisationRow.id == InvitationRow.organisation_id)
    .outerjoin(
        ContactChannelRow,
        and_(
            ContactChannelRow.contact_id == InvitationRow.contact_id,
            ContactChannelRow.channel == InvitationRow.channel,
            ContactChannelRow.status.in_([AddressStatus.INVITED, AddressStatus.ACTIVE]),
        ),
    )
    .where(InvitationRow.due_at <= bindparam("b_now", type_=UtcDateTime()))
    .order_by(InvitationRow.due_at)
    .limit(bindparam("b_limit", type_=Integer()))
    .with_for_update(of=InvitationRow, skip_locked=True)
)


def take_due(conn: Connection, *, limit: int, now: datetime, lease: timedelta) -> list[Due]:
    """Return invitations to send, and keep other workers off for `lease`."""
    given = {"b_now": now, "b_limit": limit}
    rows = conn.execute(_DUE, given).mappings().all()
    if not rows:
        return []
    conn.execute(
        update(InvitationRow)
        .where(InvitationRow.id.in_([row["id"] for row in rows]))
        .values(due_at=now + lease, tries=InvitationRow.tries + 1)
    )
    return [Due(**{**row, "channel": ContactChannel(row["channel"])}) for row in rows]


def note_sent(conn: Connection, invitation_id: str, *, now: datetime) -> None:
    """Write down that an invitation left, or is about to."""
    _set(conn, invitation_id, sent_at=now, due_at=None)


def put_off(conn: Connection, invitation_id: str, *, due_at: datetime, code: str) -> None:
    """Try again at `due_at`: it has not left; `code`: the provider's."""
    _set(conn, invitation_id, sent_at=None, due_at=due_at, error_code=code[:40])


def give_up(conn: Connection, invitation_id: str, *, code: str) -> None:
    """Void an invitation that cannot be sent."""
    conn.execute(
        update(InvitationRow)
        .where(InvitationRow.id == invitation_id, InvitationRow.state == State.OPEN)
        .values(state=State.FAILED, due_at=None, error_code=code[:40])
    )
    _set(conn, invitation_id, sent_at=None, due_at=None)


def came_back(conn: Connection, invitation_id: str, *, code: str) -> bool:
    """Void an invitation that did not arrive; False: there is none. What is answered stays so."""
    invitation = find(conn, invitation_id)
    if invitation is not None and invitation.state is State.OPEN:
        give_up(conn, invitation_id, code=code)
    return invitation is not None


def index_for(vault: Vault, channel: ContactChannel, address: str) -> str:
    """Return the index of an address, of a phone the same whatever it is used for."""
    known_as = ContactChannel.SMS if channel is not ContactChannel.EMAIL else channel
    return vault.blind_index(known_as, address)


_FIELDS = (
    "id", "contact_id", "organisation_id", "channel", "language", "wording", "wording_hash",
    "invited_by", "state", "way", "wrong", "created_at", "expires_at", "answered_at", "sent_at",
)  # fmt: skip
_INVITATIONS = select(*(getattr(InvitationRow, field) for field in _FIELDS))


def _one(conn: Connection, query: Select[Any]) -> Invitation | None:
    row = conn.execute(query).mappings().first()
    return _invitation(row) if row is not None else None


def _invitation(row: Any) -> Invitation:
    return Invitation(
        **{
            **row,
            "channel": ContactChannel(row["channel"]),
            "state": State(row["state"]),
            "way": AnsweredBy(row["way"]) if row["way"] else None,
        }
    )


def _answer(
    conn: Connection, invitation: Invitation, state: State, way: AnsweredBy, now: datetime
) -> None:
    _set(conn, invitation.id, state=state, way=way, answered_at=now, due_at=None)


def _set(conn: Connection, invitation_id: str, **values: Any) -> None:
    conn.execute(update(InvitationRow).where(InvitationRow.id == invitation_id).values(**values))


def _set_status(
    conn: Connection,
    invitation: Invitation,
    status: AddressStatus,
    statuses: Sequence[AddressStatus],
    now: datetime,
    *more: ColumnElement[bool],
) -> None:
    along = [one for one in ContactChannel if goes_along(one, invitation.channel)]
    conn.execute(
        update(ContactChannelRow)
        .where(
            ContactChannelRow.contact_id == invitation.contact_id,
            ContactChannelRow.channel.in_(along),
            ContactChannelRow.status.in_(statuses),
            *more,
        )
        .values(status=status, changed_at=now)
    )
