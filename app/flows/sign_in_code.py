"""Signing in by a code: who may, how it is asked for, and how it is entered."""

import base64
from datetime import datetime

from sqlalchemy import Connection

from app.accounts import store as accounts_store
from app.accounts.keys import ApiKey, Scope
from app.accounts.one_time import (
    GOOD_FOR,
    MOST_ATTEMPTS,
    as_typed,
    count_asking,
    hash_code,
    is_code,
    new_code,
)
from app.accounts.sessions import hash_token
from app.accounts.store import sign_ins
from app.audit import store as audit
from app.delivery.outbox import notices
from app.flows.context import Context
from app.flows.own_affairs import Insider, organisation_seen
from app.flows.tell_duty import SEALED_CODE
from app.subscribers.addresses import AddressError, check_email, check_phone, same_address


def allow(conn: Connection, contact_id: str, *, insider: Insider, now: datetime) -> None:
    """Let a contact sign in for his organisation: with a key of his own that nobody holds.

    Raises:
        NotFoundError: The contact is not there for who asks.
    """
    organisation_id = organisation_seen(conn, contact_id, insider)
    if sign_ins.find_key(conn, contact_id) is not None:
        return
    key_id, _ = accounts_store.create_key(
        conn,
        scope=Scope.SUBSCRIBER,
        organisation_id=organisation_id,
        name=f"sign-in by code: contact {contact_id}",
        expires_at=None,
        now=now,
    )
    sign_ins.allow(conn, contact_id, key_id, now=now)
    _record(conn, "allowed", contact_id, organisation_id, insider, now=now)


def forbid(conn: Connection, contact_id: str, *, insider: Insider, now: datetime) -> None:
    """Let a contact sign in no more, and sign him out everywhere.

    Raises:
        NotFoundError: The contact is not there for who asks.
    """
    organisation_id = organisation_seen(conn, contact_id, insider)
    if end(conn, contact_id, now=now):
        _record(conn, "forbidden", contact_id, organisation_id, insider, now=now)


def end(conn: Connection, contact_id: str, *, now: datetime) -> bool:
    """End what a contact may see; tell whether he could sign in."""
    key_id = sign_ins.find_key(conn, contact_id)
    if key_id is None:
        return False
    accounts_store.revoke_key(conn, key_id, now=now)
    accounts_store.close_sessions(conn, key_id)
    sign_ins.forbid(conn, contact_id)
    return True


def ask(conn: Connection, address: str, visit: str, *, context: Context, now: datetime) -> bool:
    """Send a code to an address, if whoever has it may sign in; tell whether one was sent.

    Nobody but the phone may learn what this returns. Codes wait for no quiet hours, and are held
    to no budget: he stands there and waits.
    """
    allowed = sign_ins.find_allowed(conn, _indexes(address, context))
    if allowed is None or (asked := count_asking(allowed.asked, now=now)) is None:
        return False
    code, expires_at = new_code(), now + GOOD_FOR
    sign_ins.open_code(
        conn,
        sign_ins.Allowed(contact_id=allowed.contact_id, channel=allowed.channel, asked=asked),
        visit_hash=hash_token(visit),
        code_hash=hash_code(code, visit),
        expires_at=expires_at,
    )
    sealed = context.vault.seal(
        f"{code} {expires_at.isoformat()}", row_id=allowed.contact_id, field=SEALED_CODE
    )
    notices.send_code(
        conn,
        allowed.contact_id,
        channel=allowed.channel,
        sealed=base64.b64encode(sealed).decode(),
        now=now,
    )
    return True


def enter(conn: Connection, text: str, visit: str, *, now: datetime) -> ApiKey | None:
    """Return the key with whose rights the browser that asked may go on; None: not with this code.

    Every try counts, and after so many the code opens nothing.
    """
    waiting = sign_ins.find_code(conn, hash_token(visit), now=now)
    code = as_typed(text)
    if waiting is None or code is None or waiting.attempts >= MOST_ATTEMPTS:
        return None
    sign_ins.count_attempt(conn, waiting.contact_id)
    if not is_code(code, visit, waiting.code_hash):
        return None
    sign_ins.close_code(conn, waiting.contact_id)
    key = accounts_store.get_key(conn, waiting.key_id)
    return key if key.is_live(now) else None


def _indexes(address: str, context: Context) -> list[str]:
    """Return what an address is found by: as an e-mail's, or as a number's."""
    try:
        if "@" in address:
            found, channel = check_email(address), "email"
        else:
            country = context.config.subscribers.default_country
            found, channel = check_phone(address, country=country), "sms"
    except AddressError:
        return []
    return [context.vault.blind_index(channel, same_address(found))]


def _record(
    conn: Connection,
    what: str,
    contact_id: str,
    organisation_id: str,
    insider: Insider,
    *,
    now: datetime,
) -> None:
    audit.record(
        conn,
        actor=insider.key_id,
        action=f"contact.sign_in_{what}",
        subject_type="contact",
        subject_id=contact_id,
        organisation_id=organisation_id,
        now=now,
    )
