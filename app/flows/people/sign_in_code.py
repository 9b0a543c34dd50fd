"""Signing in by a code: who may, how it is asked for, and how it is entered."""

import base64
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from app.accounts import store as accounts_store
from app.accounts.keys import ApiKey, Scope
from app.accounts.letting_in import ALLOWED
from app.accounts.one_time import (
    GOOD_FOR,
    MOST_ATTEMPTS,
    MOST_OF_ORGANISATION,
    MOST_OF_STRANGERS,
    Asked,
    as_typed,
    hash_code,
    is_code,
    may_ask,
    new_code,
)
from app.accounts.sessions import hash_token
from app.accounts.store import sign_ins
from app.audit import store as audit
from app.core.logging import get_logger
from app.delivery.outbox import notices
from app.flows.context import Context
from app.flows.people.own_affairs import Insider, organisation_seen
from app.flows.sending.tell_duty import SEALED_CODE
from app.subscribers.addresses import AddressError, check_email, check_phone, same_address
from app.subscribers.store import contacts as contact_store
from app.subscribers.vault import Vault

_SEVERAL = 2
_FORBIDDEN = "contact.sign_in_forbidden"

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Browser:
    """Who asks for a code.

    Attributes:
        visit: The secret of this visit: the code opens something here only.
        known: The secret of the visit in which somebody last signed in by code; "": nobody did.
        network: Where the request came from.
    """

    visit: str
    known: str
    network: str


def allow(conn: Connection, contact_id: str, *, insider: Insider, now: datetime) -> None:
    """Let a contact sign in for his organisation: with a key of his own that nobody holds.

    Who may already is vouched for by one key more: he stays when the other is revoked.

    Raises:
        NotFoundError: The contact is not there for who asks.
    """
    organisation_id = organisation_seen(conn, contact_id, insider)
    known = next(iter(sign_ins.list_let_in(conn, contact_id=contact_id)), None)
    if known is not None and accounts_store.get_key(conn, known.key_id).is_live(now):
        if insider.key_id not in known.by:
            _record(conn, ALLOWED, contact_id, organisation_id, insider.key_id, now=now)
        return
    end(conn, contact_id, now=now)
    key_id, _ = accounts_store.create_key(
        conn,
        scope=Scope.SUBSCRIBER,
        organisation_id=organisation_id,
        name=f"sign-in by code: contact {contact_id}",
        expires_at=None,
        now=now,
    )
    sign_ins.allow(conn, contact_id, key_id, now=now)
    _record(conn, ALLOWED, contact_id, organisation_id, insider.key_id, now=now)


def forbid(conn: Connection, contact_id: str, *, insider: Insider, now: datetime) -> None:
    """Let a contact sign in no more, and sign him out everywhere.

    Raises:
        NotFoundError: The contact is not there for who asks.
    """
    organisation_id = organisation_seen(conn, contact_id, insider)
    if end(conn, contact_id, now=now):
        _record(conn, _FORBIDDEN, contact_id, organisation_id, insider.key_id, now=now)


def end_with_key(
    conn: Connection, contact_id: str, key_id: str, *, actor: str, now: datetime
) -> None:
    """Let a contact sign in no more because the key was revoked by which he came in."""
    organisation_id = contact_store.organisation_of(conn, contact_id)
    end(conn, contact_id, now=now)
    _record(conn, _FORBIDDEN, contact_id, organisation_id, actor, with_key=key_id, now=now)


def end(conn: Connection, contact_id: str, *, now: datetime) -> bool:
    """End what a contact may see; tell whether he could sign in."""
    key_id = sign_ins.find_key(conn, contact_id)
    if key_id is None:
        return False
    accounts_store.revoke_key(conn, key_id, now=now)
    accounts_store.close_sessions(conn, key_id)
    sign_ins.forbid(conn, contact_id)
    return True


def sign_out(conn: Connection, contact_id: str, *, insider: Insider, now: datetime) -> bool:
    """Sign a contact out everywhere whose address is another now; tell whether he was signed in.

    His codes go to the new one, so whoever gave it vouches for him from now on, and nobody else.
    """
    key_id = sign_ins.find_key(conn, contact_id)
    if key_id is None:
        return False
    sign_ins.allow_anew(conn, contact_id, now=now)
    organisation_id = contact_store.organisation_of(conn, contact_id)
    _record(conn, ALLOWED, contact_id, organisation_id, insider.key_id, now=now)
    return accounts_store.close_sessions(conn, key_id) > 0


def ask(conn: Connection, address: str, by: Browser, *, context: Context, now: datetime) -> bool:
    """Send a code to an address, if whoever has it may sign in; tell whether one was sent.

    Nobody but the phone may learn what this returns. Codes wait for no quiet hours, and are held
    to no budget: he stands there and waits.
    """
    country = context.config.subscribers.default_country
    index = index_of(address, country=country, vault=context.vault)
    allowed = sign_ins.find_allowed(conn, index) if index is not None else None
    if index is None or allowed is None:
        return False
    asked = _asked(conn, index, by, context, now)
    before = sign_ins.list_asked(conn, index, now=now)
    may = may_ask(before, by=asked.by, known=asked.known, now=now)
    if not may or not (asked.known or _is_left(conn, allowed.contact_id, index, context, now=now)):
        _log.warning("sign_in.held", extra={"contact_id": allowed.contact_id, "sent": len(before)})
        return False
    code = new_code()
    kept = sign_ins.NewCode(
        visit_hash=hash_token(by.visit),
        code_hash=hash_code(code, by.visit),
        expires_at=now + GOOD_FOR,
        asked=asked,
    )
    code_id = sign_ins.open_code(conn, allowed.contact_id, index, kept, now=now)
    sealed = context.vault.seal(
        f"{code} {kept.expires_at.isoformat()}", row_id=allowed.contact_id, field=SEALED_CODE
    )
    notices.send_code(
        conn,
        code_id,
        allowed.contact_id,
        channel=allowed.channel,
        sealed=base64.b64encode(sealed).decode(),
        now=now,
    )
    return True


def _is_left(
    conn: Connection, contact_id: str, index: str, context: Context, *, now: datetime
) -> bool:
    """Count a stranger's code, in this process; tell whether it may be sent today.

    Rows are not enough to count by: they go with the contact, who may be added again.
    """
    organisation_id = contact_store.organisation_of(conn, contact_id)
    return not any(
        context.asking.take(f"code {whose}", 1 / most, now=now)
        for whose, most in ((index, MOST_OF_STRANGERS), (organisation_id, MOST_OF_ORGANISATION))
    )


def enter(conn: Connection, text: str, visit: str, *, now: datetime) -> list[ApiKey]:
    """Return the keys with whose rights the browser that asked may go on; none with this code.

    There are several where somebody signs in for several organisations: `choose` takes one. Every
    try counts, and after so many the code opens nothing.
    """
    waiting = sign_ins.find_code(conn, hash_token(visit), now=now)
    code = as_typed(text)
    if waiting is None or code is None or waiting.attempts >= MOST_ATTEMPTS:
        return []
    sign_ins.count_attempt(conn, waiting.id)
    if not is_code(code, visit, waiting.code_hash):
        return []
    sign_ins.note_entered(conn, waiting.id, now=now)
    keys = _keys(conn, waiting.blind_index, now=now)
    if len(keys) < _SEVERAL:
        sign_ins.close_code(conn, waiting.id, now=now)
    return keys


def choose(conn: Connection, organisation_id: str, visit: str, *, now: datetime) -> ApiKey | None:
    """Return the key for one of several organisations, to the browser that entered the code."""
    entered = sign_ins.find_code(conn, hash_token(visit), now=now)
    if entered is None or entered.entered_at is None:
        return None
    keys = _keys(conn, entered.blind_index, now=now)
    key = next((one for one in keys if one.organisation_id == organisation_id), None)
    if key is not None:
        sign_ins.close_code(conn, entered.id, now=now)
    return key


def _keys(conn: Connection, blind_index: str, *, now: datetime) -> list[ApiKey]:
    found = (accounts_store.get_key(conn, one) for one in sign_ins.find_keys(conn, blind_index))
    return [key for key in found if key.is_live(now)]


def _asked(
    conn: Connection, blind_index: str, by: Browser, context: Context, now: datetime
) -> Asked:
    """Return who asks: a browser that is known by itself, any other by its network."""
    known = hash_token(by.known)
    if by.known and sign_ins.is_known(conn, blind_index, known, now=now):
        return Asked(at=now, by=known, known=True)
    return Asked(at=now, by=context.vault.token(f"network {by.network}"), known=False)


def index_of(address: str, *, country: str, vault: Vault) -> str | None:
    """Return what an address is found by: as an e-mail's, or as a number's; None: it is neither."""
    try:
        if "@" in address:
            found, channel = check_email(address), "email"
        else:
            found, channel = check_phone(address, country=country), "sms"
    except AddressError:
        return None
    return vault.blind_index(channel, same_address(found))


def _record(
    conn: Connection,
    action: str,
    contact_id: str,
    organisation_id: str,
    actor: str,
    *,
    now: datetime,
    **detail: str,
) -> None:
    audit.record(
        conn,
        actor=actor,
        action=action,
        subject_type="contact",
        subject_id=contact_id,
        organisation_id=organisation_id,
        detail=detail,
        now=now,
    )
