"""Whose phone a message comes from: reporters, contacts, and the words of duress agreed on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, case, delete, exists, insert, select, update

from app.core.errors import ConflictError, NotFoundError
from app.core.ids import new_id
from app.db.refused import REFUSED_BEFORE
from app.db.tables import (
    ContactChannelRow,
    ContactRow,
    DuressWordRow,
    InvitationRow,
    ReporterRow,
)
from app.subscribers.contact import AddressStatus, ContactChannel
from app.subscribers.invitation import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporter:
    """A phone that reports come from.

    Attributes:
        key_id: The API key of the same person; their reports are one source.
        has_duress_word: Whether one was agreed on; the word itself is not known.
    """

    id: str
    organisation_id: str | None
    key_id: str | None
    masked: str
    language: str | None
    created_at: datetime
    has_duress_word: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownContact:
    """A contact by the phone that a message came from; `status`: whether he may be written to."""

    id: str
    organisation_id: str
    language: str
    status: AddressStatus
    channel: ContactChannel = ContactChannel.SMS


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Who has a phone: perhaps a reporter, and contacts, of several organisations at times."""

    reporter: Reporter | None = None
    contacts: tuple[KnownContact, ...] = ()

    @property
    def language(self) -> str | None:
        """Return the language that was chosen for the phone."""
        if self.reporter and self.reporter.language:
            return self.reporter.language
        return self.contacts[0].language if self.contacts else None

    @property
    def organisation_id(self) -> str | None:
        """Return whose affair a message of the phone is; None: nobody's in particular.

        A reporter's is never that of who has him as a contact: any organisation may add a number,
        and would see what it writes, or from its costs when it does.
        """
        if self.reporter is not None:
            return self.reporter.organisation_id
        return self.contacts[0].organisation_id if self.contacts else None

    @property
    def subjects(self) -> tuple[str, ...]:
        """Return those whose word of duress counts in a message of the phone."""
        own = [reporter_subject(self.reporter.id)] if self.reporter else []
        theirs = [one.organisation_id for one in self.contacts]
        if self.reporter and self.reporter.organisation_id:
            theirs.append(self.reporter.organisation_id)
        return (*own, *map(organisation_subject, dict.fromkeys(theirs)))


class PhoneTakenError(ConflictError):
    """The phone is a reporter's already; delete that one first."""

    code = "phone-taken"
    title = "The phone is a reporter's already"


def reporter_subject(reporter_id: str) -> str:
    """Return what stands for a reporter where words of duress are kept."""
    return f"reporter:{reporter_id}"


def organisation_subject(organisation_id: str) -> str:
    """Return what stands for an organisation where words of duress are kept."""
    return f"organisation:{organisation_id}"


def find_known(
    conn: Connection, phone_index: str, *, at: tuple[ContactChannel, str] | None = None
) -> Known:
    """Return who has the phone.

    Of several contacts the first one is whose affair its messages are, and gets what they ask for.
    Any organisation may add a number: one that its owner has agreed with goes before all others.

    Args:
        conn: Open.
        phone_index: Of the phone, as SMS and reporters have it.
        at: The channel that it wrote on, and its index there: contacts that take that one come
            first, and with it.
    """
    channel, index = at or (ContactChannel.SMS, phone_index)
    query = _REPORTERS.where(ReporterRow.phone_index == phone_index)
    reporter = conn.execute(query).mappings().one_or_none()
    contacts = conn.execute(
        select(
            ContactRow.id,
            ContactRow.organisation_id,
            ContactRow.language,
            case(
                (REFUSED_BEFORE, AddressStatus.OPTED_OUT.value), else_=ContactChannelRow.status
            ).label("status"),
            ContactChannelRow.channel,
        )
        .join(ContactChannelRow, ContactChannelRow.contact_id == ContactRow.id)
        .where(
            ContactChannelRow.blind_index.in_({phone_index, index}),
            ContactChannelRow.channel.in_({ContactChannel.SMS, channel}),
        )
        .order_by(
            case((ContactChannelRow.channel == channel, 0), else_=1),
            case((_AGREED, 0), else_=1),
            ContactRow.id,
        )
    )
    first = {row.id: row for row in reversed(contacts.all())}
    return Known(
        reporter=Reporter(**reporter) if reporter else None,
        contacts=tuple(
            KnownContact(
                id=row.id,
                organisation_id=row.organisation_id,
                language=row.language,
                status=AddressStatus(row.status),
                channel=ContactChannel(row.channel),
            )
            for row in reversed(first.values())
        ),
    )


def add_reporter(
    conn: Connection,
    *,
    phone_index: str,
    masked: str,
    organisation_id: str | None,
    key_id: str | None,
    language: str | None,
    now: datetime,
) -> str:
    """Add a phone that reports come from; return its id.

    Raises:
        PhoneTakenError: It is one already.
    """
    taken = select(ReporterRow.id).where(ReporterRow.phone_index == phone_index)
    if conn.scalar(taken) is not None:
        raise PhoneTakenError("This phone is a reporter's already; delete that one first.")
    reporter_id = new_id(now)
    conn.execute(
        insert(ReporterRow).values(
            id=reporter_id,
            organisation_id=organisation_id,
            key_id=key_id,
            phone_index=phone_index,
            masked=masked,
            language=language,
            created_at=now,
        )
    )
    return reporter_id


def get_reporter(conn: Connection, reporter_id: str) -> Reporter:
    """Return one reporter.

    Raises:
        NotFoundError: There is none with that id.
    """
    found = _with_words(conn, _REPORTERS.where(ReporterRow.id == reporter_id))
    if not found:
        raise NotFoundError("There is no reporter with this id.")
    return found[0]


def phone_index_of(conn: Connection, reporter_id: str) -> str:
    """Return what finds a reporter's phone; his number is not kept."""
    query = select(ReporterRow.phone_index).where(ReporterRow.id == reporter_id)
    return str(conn.execute(query).scalar_one())


def list_reporters(conn: Connection, *, after: str | None, limit: int) -> list[Reporter]:
    """Return reporters in the order they were added."""
    query = _REPORTERS.order_by(ReporterRow.id).limit(limit)
    return _with_words(conn, query.where(ReporterRow.id > after) if after else query)


def delete_reporter(conn: Connection, reporter_id: str) -> None:
    """Remove a reporter with the word agreed on; what it reported stays.

    Raises:
        NotFoundError: There is none with that id.
    """
    if conn.execute(delete(ReporterRow).where(ReporterRow.id == reporter_id)).rowcount == 0:
        raise NotFoundError("There is no reporter with this id.")
    set_duress_word(conn, reporter_subject(reporter_id), None, now=None)


def set_duress_word(
    conn: Connection, subject: str, token: str | None, *, now: datetime | None
) -> None:
    """Agree on another word, by its keyed hash; None: on none any more."""
    conn.execute(delete(DuressWordRow).where(DuressWordRow.subject == subject))
    if token is not None:
        conn.execute(insert(DuressWordRow).values(subject=subject, token=token, changed_at=now))


def duress_words(conn: Connection, subjects: Sequence[str]) -> Mapping[str, str]:
    """Return the keyed hashes of the words agreed on, by subject."""
    rows = conn.execute(
        select(DuressWordRow.subject, DuressWordRow.token).where(
            DuressWordRow.subject.in_(subjects)
        )
    )
    return {row.subject: row.token for row in rows}


def set_language(conn: Connection, known: Known, language: str) -> None:
    """Write to this phone in `language` from now on, whoever does."""
    conn.execute(
        update(ContactRow)
        .where(ContactRow.id.in_([one.id for one in known.contacts]))
        .values(language=language)
    )
    if known.reporter is not None:
        conn.execute(
            update(ReporterRow).where(ReporterRow.id == known.reporter.id).values(language=language)
        )


#: By whoever had the number then: nobody has put another in its place since.
_AGREED = exists().where(
    InvitationRow.contact_id == ContactRow.id,
    InvitationRow.state == State.CONFIRMED,
    InvitationRow.answered_at >= ContactChannelRow.changed_at,
)
_REPORTERS = select(
    ReporterRow.id,
    ReporterRow.organisation_id,
    ReporterRow.key_id,
    ReporterRow.masked,
    ReporterRow.language,
    ReporterRow.created_at,
)


def _with_words(conn: Connection, query: "Select[*tuple[Any, ...]]") -> list[Reporter]:
    rows = conn.execute(query).mappings().all()
    words = duress_words(conn, [reporter_subject(row["id"]) for row in rows])
    return [Reporter(**row, has_duress_word=reporter_subject(row["id"]) in words) for row in rows]
