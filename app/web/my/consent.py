"""What a person of an organisation has agreed to, on its page: asked, answered, asked again."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from app.flows.people.invite import Reach, confirm_by_code, invite, invite_new
from app.http.state import AppState
from app.subscribers.contact import AddressStatus, Contact, ContactChannel
from app.subscribers.invitation import AnsweredBy, State, Verdict
from app.subscribers.store import contacts as contact_store
from app.subscribers.store import invitations as invitation_store
from app.web.signed import Sitting

#: What is said when somebody cannot be asked or written to, by the code of the error.
REFUSALS: Mapping[str, str] = {
    "not-invitable": "consent_not_now",
    "invitation-open": "consent_is_open",
    "nobody-to-ask": "consent_nobody",
    "rate-limited": "consent_limit",
    "tried-often": "my_tried_often",
}
#: Where nobody but the person himself begins again.
_OWN = frozenset({ContactChannel.SMS, ContactChannel.WHATSAPP, ContactChannel.EMAIL})
#: Why a code was not taken.
CODES: Mapping[Verdict, str] = {
    Verdict.WRONG: "consent_code_wrong",
    Verdict.SPENT: "consent_code_spent",
    Verdict.CLOSED: "consent_code_closed",
}


def consent_values(conn: Connection, contact: Contact, sitting: Sitting) -> dict[str, Any]:
    """Return what the page of a contact shows of the invitation that counts, and of a STOP."""
    invitation = next(iter(invitation_store.list_of(conn, contact.id)), None)
    words, now = sitting.words, sitting.now
    own = [one for one in contact.addresses if one.channel in _OWN]
    stopped = any(one.status is AddressStatus.OPTED_OUT for one in own)
    askable = not stopped or any(one.status is not AddressStatus.OPTED_OUT for one in own)
    if invitation is None:
        never = {"consent": words("consent_never"), "asks": askable, "takes_code": False}
        return never | {"stopped": stopped}
    state = invitation.state_at(now)
    at = invitation.answered_at or invitation.created_at
    shown = {
        "when": words.moment(at, now),
        "channel": words(f"channel_{invitation.channel}"),
        "until": words.moment(invitation.expires_at, now),
    }
    said = words(f"consent_{state}", **shown)
    if state is State.CONFIRMED and invitation.way is not None:
        said = f"{said} {words(f'consent_by_{invitation.way}')}"
    is_open = invitation.is_open(now)
    return {
        "consent": said,
        "asks": askable and not is_open and state is not State.REFUSED,
        "takes_code": is_open,
        "stopped": stopped,
    }


def ask_new(conn: Connection, contact_id: str, sitting: Sitting, state: AppState) -> None:
    """Have somebody who was just added asked; until he agrees nothing else is sent.

    Raises:
        InvalidError: He cannot be asked. LimitError: Too many were today.
    """
    invite_new(
        conn,
        {contact_id: "/confirm"},
        actor=sitting.caller.key_id,
        reach=_reach(state),
        context=state.context,
        now=sitting.now,
    )


def ask_again(conn: Connection, contact_id: str, sitting: Sitting, state: AppState) -> None:
    """Have a contact asked.

    Raises:
        ConflictError: He cannot be. LimitError: Too many were today.
    """
    contact = contact_store.get_contact(conn, contact_id, vault=state.vault)
    invite(
        conn,
        contact,
        actor=sitting.caller.key_id,
        reach=_reach(state),
        context=state.context,
        now=sitting.now,
    )


def take_code(
    conn: Connection, contact_id: str, code: str, sitting: Sitting, state: AppState
) -> Verdict:
    """Take the code that a contact read out; a wrong one counts, whatever is answered."""
    return confirm_by_code(
        conn,
        invitation_store.newest_of(conn, contact_id),
        "".join(code.split())[:20],
        way=AnsweredBy.CODE,
        actor=sitting.caller.key_id,
        context=state.context,
        now=sitting.now,
    )


def _reach(state: AppState) -> Reach:
    settings = state.settings
    return Reach(sms_providers=settings.sms_providers, public=settings.public_url is not None)
