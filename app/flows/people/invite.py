"""Somebody is asked whether he wants to be told, and answers; until then nothing else is sent."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from app.alerts.invitation_text import Answering, wording_of
from app.audit import store as audit
from app.core.errors import ConflictError, InvalidError, LimitError
from app.core.ids import new_id
from app.flows import turns
from app.flows.context import Context
from app.flows.sending.tell_newcomers import tell_newcomers
from app.subscribers.addresses import same_address
from app.subscribers.contact import (
    FIELD_OF,
    AddressStatus,
    Contact,
    ContactChannel,
    phone_indexes,
)
from app.subscribers.invitation import AnsweredBy, Invitation, State, Verdict, judge
from app.subscribers.store import addresses as address_store
from app.subscribers.store import contacts as contact_store
from app.subscribers.store import invitations as store
from app.subscribers.store import unwanted

_DAY = timedelta(days=1)
#: As many times the invitations of a day may be tried for: each refusal says that somebody else has
#: invited the address, and whoever may ask without end finds out whom Sira writes to.
_TRIES = 3
#: Whom nobody has asked comes first, then whoever is written to without proof that he agreed.
_ASKED = (AddressStatus.INVITED, AddressStatus.ACTIVE)


class NotInvitableError(ConflictError):
    """The address was invited some days ago, by whomever, or wants no invitation.

    Which of them is not told: what others did, or what its owner said, is not the caller's affair.
    """

    code: ClassVar[str] = "not-invitable"
    title: ClassVar[str] = "The address cannot be invited now"


class InvitationOpenError(ConflictError):
    """The contact has an invitation that is not answered yet."""

    code: ClassVar[str] = "invitation-open"
    title: ClassVar[str] = "The contact is invited already"


class NobodyToAskError(ConflictError):
    """The contact has no address that a person reads and that may be written to."""

    code: ClassVar[str] = "nobody-to-ask"
    title: ClassVar[str] = "There is nobody to ask"


class NoInvitationError(ConflictError):
    """No invitation of the contact is open: answered, run out, or void after wrong codes."""

    code: ClassVar[str] = "no-open-invitation"
    title: ClassVar[str] = "There is no open invitation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How people can answer: SMS providers that are set up, and whether we have a public URL."""

    sms_providers: Collection[str]
    public: bool


def invite(
    conn: Connection,
    contact: Contact,
    *,
    actor: str,
    reach: Reach,
    context: Context,
    now: datetime,
) -> Invitation:
    """Have a contact asked, in one message that the worker sends.

    1. The phone is asked, where there is one: a yes by SMS proves that it is his.
    2. An organisation asks so many people a day, and a contact once at a time.
    3. Whoever refused once, or was asked lately by anybody, is left alone; but not a reader of
       e-mails who wanted no more of them: there is no START by e-mail, so a yes is the way back.

    Raises:
        NobodyToAskError, NotInvitableError, LimitError, InvitationOpenError: It is not done.
    """
    policy = context.config.consent
    channel, address = _address(conn, contact, context)
    index = _index(channel, address, context)
    turns.for_phone(conn, index)
    known = store.history_of(conn, index)
    lately = known.invited_at is not None and now - known.invited_at < policy.again_after
    if (newest := store.newest_of(conn, contact.id)) is not None and newest.is_open(now):
        raise InvitationOpenError("The contact has been asked, and has not answered yet.")
    made = store.count_lately(conn, contact.organisation_id, since=now - _DAY)
    if made >= policy.per_day or not _may_try(contact.organisation_id, context, now=now):
        raise LimitError(
            f"An organisation may invite {policy.per_day} people within 24 hours.",
            retry_after_s=int(_DAY.total_seconds()),
        )
    no = known.declined if channel is ContactChannel.EMAIL else known.refused
    if no or lately:
        raise NotInvitableError(
            f"The address was invited within {policy.again_after.days} days, or wants no invitation"
        )
    wording = wording_of(contact.language, _answering(channel, address, reach, context))
    invitation = Invitation(
        id=new_id(now),
        contact_id=contact.id,
        organisation_id=contact.organisation_id,
        channel=channel,
        language=contact.language,
        wording=wording.name,
        wording_hash=wording.hash,
        invited_by=actor,
        state=State.OPEN,
        way=None,
        wrong=0,
        created_at=now,
        expires_at=now + policy.open_for,
        answered_at=None,
        sent_at=None,
    )
    try:
        store.add(conn, invitation, blind_index=index, now=now)
    except IntegrityError as error:
        raise InvitationOpenError("The contact has just been asked.") from error
    _record(conn, invitation, "invited", actor, now, channel=channel.value)
    return invitation


def _may_try(organisation_id: str, context: Context, *, now: datetime) -> bool:
    """Count a try, whatever becomes of it and of the transaction that it is part of."""
    share = 1 / (_TRIES * context.config.consent.per_day)
    return context.asking.take(organisation_id, share, now=now) == 0


def invite_new(
    conn: Connection,
    contacts: Mapping[str, str],
    *,
    actor: str,
    reach: Reach,
    context: Context,
    now: datetime,
) -> None:
    """Have contacts who were just added asked, all or none; until they agree nothing else is sent.

    Args:
        conn: Open transaction; who cannot be asked leaves none of them added.
        contacts: By id, where in the body each came in.
        actor: Who asks.
        reach: How they can answer.
        context: The service's.
        now: When.

    Raises:
        InvalidError: Some of them cannot be asked; says where each stands.
        LimitError: They are too many for a day.
    """
    found = []
    for contact_id in contacts:
        store.hold(conn, contact_id, now=now)
        found.append(contact_store.get_contact(conn, contact_id, vault=context.vault))
    asked = (_address(conn, one, context) for one in found)
    turns.for_phone(conn, *(_index(channel, address, context) for channel, address in asked))
    errors = []
    for one in found:
        try:
            invite(conn, one, actor=actor, reach=reach, context=context, now=now)
        except ConflictError as error:
            errors.append({"pointer": contacts[one.id], "detail": error.detail})
    if errors:
        raise InvalidError("Some of the contacts cannot be asked; see `errors`.", errors=errors)


def confirm_by_code(
    conn: Connection,
    invitation: Invitation | None,
    code: str,
    *,
    way: AnsweredBy,
    actor: str,
    context: Context,
    now: datetime,
) -> Verdict:
    """Take a code; a wrong one counts, so the caller commits whatever comes of it."""
    policy = context.config.consent
    verdict = judge(invitation, code, context.vault.token, wrong_codes=policy.wrong_codes, now=now)
    if invitation is None or verdict is Verdict.CLOSED:
        return Verdict.CLOSED
    if verdict is Verdict.RIGHT:
        agree(conn, invitation, way=way, actor=actor, context=context, now=now)
        _want(conn, _phone_of(conn, invitation, context), invitation, way=way, now=now)
        return verdict
    store.count_wrong(conn, invitation, spent=verdict is Verdict.SPENT, now=now)
    _record(conn, invitation, "code_refused", actor, now, verdict=verdict.value)
    return verdict


def agree(
    conn: Connection,
    invitation: Invitation,
    *,
    way: AnsweredBy,
    actor: str,
    context: Context,
    now: datetime,
) -> None:
    """Write down a yes; whoever had said no meanwhile, elsewhere, has changed his mind.

    Not so by a code that somebody passes on: a no that came after the question stays. From now on
    he is told what happens on his roads, and what holds there already.
    """
    store.confirm(conn, invitation, way=way, now=now)
    if (index := store.index_of(conn, invitation.id)) is not None:
        _want(conn, [index], invitation, way=way, now=now)
    _record(conn, invitation, "confirmed", actor, now, way=way.value)
    if invitation.contact_id is not None:
        tell_newcomers(conn, [invitation.contact_id], context=context, now=now)


def _want(
    conn: Connection,
    indexes: Collection[str],
    invitation: Invitation,
    *,
    way: AnsweredBy,
    now: datetime,
) -> None:
    unwanted.forget(conn, indexes, until=invitation.created_at if way is AnsweredBy.CODE else now)


def _phone_of(conn: Connection, invitation: Invitation, context: Context) -> list[str]:
    """Return the indexes of the phone that was invited, on all its channels; none of a mailbox."""
    channel, contact_id = invitation.channel, invitation.contact_id
    if FIELD_OF[channel] != "phone" or contact_id is None:
        return []
    found = address_store.open_addresses(conn, [(contact_id, channel)])
    return [
        index
        for one in found.values()
        for index in phone_indexes(context.vault, one.open(context.vault)).values()
    ]


def decline(
    conn: Connection, invitation: Invitation, *, way: AnsweredBy, actor: str, now: datetime
) -> None:
    """Write down a no, for good."""
    index = store.index_of(conn, invitation.id)
    if index is not None:
        store.refuse(conn, invitation, blind_index=index, way=way, now=now)
        _record(conn, invitation, "refused", actor, now, way=way.value)


def decline_by_link(conn: Connection, invitation: Invitation, *, now: datetime) -> None:
    """Take a no from a page or with one click: it is heard whenever it comes, a yes or not."""
    if invitation.state is not State.REFUSED:
        actor = f"invitation:{invitation.id}"
        decline(conn, invitation, way=AnsweredBy.PAGE, actor=actor, now=now)


def decline_by_id(conn: Connection, invitation_id: str, *, now: datetime) -> bool:
    """Take the one-click unsubscribe of the e-mail that invited; False: there was none."""
    invitation = store.find(conn, invitation_id)
    if invitation is not None:
        decline_by_link(conn, invitation, now=now)
    return invitation is not None


def _address(conn: Connection, contact: Contact, context: Context) -> tuple[ContactChannel, str]:
    """Return (channel, address in clear) of whom to ask."""
    asked = [
        one.channel
        for status in _ASKED
        for one in contact.addresses
        if one.status is status and FIELD_OF[one.channel] != "webhook"
    ]
    if not asked:
        raise NobodyToAskError("There is no address that a person reads and may be written to.")
    found = address_store.open_addresses(conn, [(contact.id, asked[0])])
    return asked[0], found[contact.id, asked[0]].open(context.vault)


def _index(channel: ContactChannel, address: str, context: Context) -> str:
    return store.index_for(context.vault, channel, same_address(address))


def _answering(channel: ContactChannel, address: str, reach: Reach, context: Context) -> Answering:
    if channel is ContactChannel.EMAIL:
        return Answering.LINK if reach.public else Answering.MAIL
    tariff = context.config.countries.tariff_of(address)
    return Answering.REPLY if tariff.can_answer(reach.sms_providers) else Answering.READ_OUT


def _record(
    conn: Connection,
    invitation: Invitation,
    done: str,
    actor: str,
    now: datetime,
    **detail: str,
) -> None:
    audit.record(
        conn,
        actor=actor,
        action=f"contact.{done}",
        subject_id=invitation.contact_id or invitation.id,
        organisation_id=invitation.organisation_id,
        detail=detail,
        now=now,
    )
