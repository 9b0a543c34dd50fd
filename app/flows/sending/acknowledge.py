"""Somebody has taken note of an alert: by answering, by a link, or through the API."""

import base64
import hmac
from binascii import Error as Base64Error
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from app.alerts import store as alert_store
from app.alerts.alert import NotedBy
from app.alerts.records import Acknowledgement, StoredAlert
from app.audit import store as audit_store
from app.core.errors import NotFoundError
from app.core.own_link import OWN_TOKEN
from app.delivery.outbox import answering, unanswered
from app.delivery.outbox.answering import Told
from app.flows.context import Context
from app.subscribers.store import forced as forced_store
from app.subscribers.store import names
from app.subscribers.vault import Vault

_ID_BYTES = 16
#: Of the signature as much as nobody guesses over the network, and an SMS has room for.
_SIGNATURE_BYTES = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """What became of a press on the button: `new` is False when it was known."""

    alert: StoredAlert
    language: str
    new: bool


def token_of(delivery_id: str, *, vault: Vault) -> str:
    """Return what a link needs to acknowledge for the recipient of a delivery, and nobody else."""
    raw = UUID(delivery_id).bytes + _signature(delivery_id, vault)
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def delivery_of(token: str, *, vault: Vault) -> str | None:
    """Return the delivery that a token was made for; None: we did not make it."""
    if len(token) != len(OWN_TOKEN) or not token.isascii():
        return None
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        delivery_id = str(UUID(bytes=raw[:_ID_BYTES]))
    except (Base64Error, ValueError):
        return None
    good = hmac.compare_digest(raw[_ID_BYTES:], _signature(delivery_id, vault))
    return delivery_id if good else None


def by_reply(
    conn: Connection, alert_id: str, contact_ids: list[str], *, actor: str, now: datetime
) -> None:
    """Keep that whoever has a phone has taken note of the message that told him of an alert."""
    for told in answering.told_with(conn, alert_id, contact_ids):
        _keep(conn, told, NotedBy.REPLY, key_id=None, actor=actor, now=now)


def asked_by_link(
    conn: Connection, delivery_id: str, *, context: Context, now: datetime
) -> tuple[StoredAlert, str]:
    """Return what a link is about, and in which language its page is; changes nothing.

    Raises:
        NotFoundError: There is no such delivery any more, or it is too old.
    """
    told = _told_lately(conn, delivery_id, context=context, now=now)
    return alert_store.get_alert(conn, told.alert_id), _language(conn, told, context)


def by_link(conn: Connection, delivery_id: str, *, context: Context, now: datetime) -> Noted:
    """Keep that the recipient of a delivery has taken note; a second time changes nothing.

    Whoever has the phone of somebody forced is told so, and has answered for nobody.

    Raises:
        NotFoundError: There is no such delivery any more, or it is too old.
    """
    told = _told_lately(conn, delivery_id, context=context, now=now)
    actor, new = f"delivery:{delivery_id}", False
    forced = forced_store.has_contact(conn, told.contact_id)
    for one in () if forced else answering.told_with(conn, told.alert_id, [told.contact_id]):
        new = _keep(conn, one, NotedBy.LINK, key_id=None, actor=actor, now=now) or new
    alert = alert_store.get_alert(conn, told.alert_id)
    return Noted(alert=alert, language=_language(conn, told, context), new=new or forced)


def _told_lately(conn: Connection, delivery_id: str, *, context: Context, now: datetime) -> Told:
    found = answering.told_by_message(conn, delivery_id)
    if found is None or now - found[1] > context.config.inbound.acknowledge_within:
        raise NotFoundError("This link is not valid, or no longer.")
    return found[0]


def _language(conn: Connection, told: Told, context: Context) -> str:
    found = names.language_of(conn, told.contact_id)
    return found or context.config.subscribers.default_language


def by_call(
    conn: Connection, delivery_id: str, alert_id: str, contact_id: str, *, now: datetime
) -> None:
    """Keep that whoever was called pressed the key that says so; whoever is forced has not."""
    if forced_store.has_contact(conn, contact_id):
        return
    for told in answering.told_with(conn, alert_id, [contact_id]):
        _keep(conn, told, NotedBy.CALL, key_id=None, actor=f"delivery:{delivery_id}", now=now)


def by_key(
    conn: Connection,
    alert_id: str,
    *,
    key_id: str,
    organisation_id: str | None,
    contact_id: str | None,
    now: datetime,
) -> StoredAlert:
    """Keep that whoever holds a key, or the contact it speaks for, has taken note.

    What a contact was told in the same message counts for him, too; without a contact it is this
    alert alone. The word of the desk for itself answers for no organisation.

    Raises:
        AlertNotFoundError: There is no such alert.
    """
    told = answering.told_with(conn, alert_id, [contact_id]) if contact_id else []
    if not told:
        one = _of_key(alert_id, contact_id, key_id, organisation_id, now)
        if alert_store.acknowledge(conn, one):
            _follow(conn, one, actor=key_id, now=now)
    for each in told:
        _keep(conn, each, NotedBy.API, key_id=key_id, actor=key_id, now=now)
    return alert_store.get_alert(conn, alert_id)


def _of_key(
    alert_id: str, contact_id: str | None, key_id: str, organisation_id: str | None, now: datetime
) -> Acknowledgement:
    return Acknowledgement(
        alert_id=alert_id,
        contact_id=contact_id,
        key_id=key_id,
        organisation_id=organisation_id,
        way=NotedBy.API,
        at=now,
    )


def _keep(
    conn: Connection, told: Told, way: NotedBy, *, key_id: str | None, actor: str, now: datetime
) -> bool:
    one = Acknowledgement(
        alert_id=told.alert_id,
        contact_id=told.contact_id,
        key_id=key_id,
        organisation_id=told.organisation_id,
        way=way,
        at=now,
    )
    new = alert_store.acknowledge(conn, one)
    if new:
        _follow(conn, one, actor=actor, now=now)
    return new


def _follow(conn: Connection, one: Acknowledgement, *, actor: str, now: datetime) -> None:
    """Tell the record, and stop calling others of the organisation."""
    if one.organisation_id is not None:
        unanswered.answered(conn, one.alert_id, organisation_id=one.organisation_id, now=now)
    audit_store.record(
        conn,
        actor=actor,
        action="alert.acknowledged",
        subject_id=one.alert_id,
        organisation_id=one.organisation_id,
        detail={"way": one.way.value, "contact_id": one.contact_id},
        now=now,
    )


def _signature(delivery_id: str, vault: Vault) -> bytes:
    return bytes.fromhex(vault.token(f"acknowledge|{delivery_id}"))[:_SIGNATURE_BYTES]
