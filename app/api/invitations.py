"""/v1/contacts/{id}/invite and /confirm: a contact is asked, and its code comes back."""

from datetime import datetime
from typing import Annotated

from pydantic import Field
from sqlalchemy import Connection

from app.core.errors import InvalidError
from app.flows.people.invite import NoInvitationError, Reach, confirm_by_code, invite
from app.http.deps import Caller, NowDep, StateDep, SubscriberDep
from app.http.model import ApiModel
from app.http.routing import api_router
from app.http.state import AppState
from app.subscribers.contact import Contact, ContactChannel
from app.subscribers.invitation import AnsweredBy, Invitation, State, Verdict
from app.subscribers.store import contacts
from app.subscribers.store import invitations as store

router = api_router("/contacts", tag="contacts")

Code = Annotated[str, Field(min_length=1, max_length=20, description="As the contact read it out.")]


class CodeIn(ApiModel):
    """The code of an invitation."""

    code: Code


class InvitationOut(ApiModel):
    """How a contact was asked, and what he answered: the proof of his consent."""

    channel: ContactChannel
    state: State
    way: AnsweredBy | None = Field(description="How the answer came.")
    wording: str = Field(description="Name of the text that was shown.")
    wording_hash: str = Field(description="SHA-256 of its words, before name and code are put in.")
    invited_by: str
    invited_at: datetime
    sent_at: datetime | None
    expires_at: datetime
    answered_at: datetime | None


@router.post("/{contact_id}/invite", status_code=202)
async def invite_contact(
    contact_id: str, caller: SubscriberDep, state: StateDep, now: NowDep
) -> InvitationOut:
    """Ask a contact in one message; an address that is not written to stays so until he agrees."""

    def work(conn: Connection) -> Invitation:
        return ask(conn, _visible(conn, state, caller, contact_id), state, caller, now=now)

    invitation = await state.db.write(work)
    state.wake()
    return shown(invitation, now=now)


@router.post("/{contact_id}/confirm")
async def confirm_contact(
    contact_id: str, body: CodeIn, caller: SubscriberDep, state: StateDep, now: NowDep
) -> InvitationOut:
    """Enter the code that the contact read out, where no answer by SMS reaches us."""

    def work(conn: Connection) -> tuple[Verdict, Invitation | None]:
        contact = _visible(conn, state, caller, contact_id)
        verdict = confirm_by_code(
            conn,
            store.newest_of(conn, contact.id),
            "".join(body.code.split()),
            way=AnsweredBy.CODE,
            actor=caller.key_id,
            context=state.context,
            now=now,
        )
        return verdict, store.newest_of(conn, contact.id)

    # what is wrong is said after the commit: it has to count
    verdict, invitation = await state.db.write(work)
    if invitation is None or verdict is Verdict.CLOSED:
        raise NoInvitationError("No invitation of this contact is open.")
    if verdict is not Verdict.RIGHT:
        void = " The invitation is void now." if verdict is Verdict.SPENT else ""
        detail = f"This is not the code.{void}"
        raise InvalidError(detail, errors=[{"pointer": "/code", "detail": detail}])
    return shown(invitation, now=now)


def ask(
    conn: Connection, contact: Contact, state: AppState, caller: Caller, *, now: datetime
) -> Invitation:
    """Have a contact asked by whoever calls."""
    reach, context = reach_of(state), state.context
    return invite(conn, contact, actor=caller.key_id, reach=reach, context=context, now=now)


def reach_of(state: AppState) -> Reach:
    """Return how people can answer an invitation."""
    settings = state.settings
    return Reach(sms_providers=settings.sms_providers, public=settings.public_url is not None)


def shown(invitation: Invitation, *, now: datetime) -> InvitationOut:
    """Return an invitation as it is shown: without its id, which opens its page."""
    return InvitationOut(
        channel=invitation.channel,
        state=invitation.state_at(now),
        way=invitation.way,
        wording=invitation.wording,
        wording_hash=invitation.wording_hash,
        invited_by=invitation.invited_by,
        invited_at=invitation.created_at,
        sent_at=invitation.sent_at,
        expires_at=invitation.expires_at,
        answered_at=invitation.answered_at,
    )


def _visible(conn: Connection, state: AppState, caller: Caller, contact_id: str) -> Contact:
    contact = contacts.get_contact(conn, contact_id, vault=state.vault)
    caller.must_see(contact.organisation_id, what="contact")
    return contact
