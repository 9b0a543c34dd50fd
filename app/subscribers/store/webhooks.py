"""A contact's webhook: its secret is shown when it is made, and never again."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from app.channels.webhook_endpoint import Endpoint, new_secret, read_endpoint
from app.core.errors import NotFoundError
from app.db.tables import ContactChannelRow
from app.subscribers.contact import ContactChannel
from app.subscribers.vault import Vault


def get_endpoint(conn: Connection, contact_id: str, *, vault: Vault) -> Endpoint:
    """Return where a contact's events go, and what signs them; keep it in memory only.

    Nobody changes it until the transaction ends.

    Raises:
        NotFoundError: The contact has no webhook.
    """
    sealed = conn.scalar(
        select(ContactChannelRow.address_sealed)
        .where(
            ContactChannelRow.contact_id == contact_id,
            ContactChannelRow.channel == ContactChannel.WEBHOOK,
        )
        .with_for_update()
    )
    if sealed is None:
        raise NotFoundError("This contact has no webhook.")
    return read_endpoint(vault.open(sealed, row_id=contact_id, field=ContactChannel.WEBHOOK))


def rotate_secret(
    conn: Connection, contact_id: str, *, vault: Vault, overlap: timedelta, now: datetime
) -> Endpoint:
    """Give a webhook a new secret; the one until now signs beside it for the overlap.

    Raises:
        NotFoundError: The contact has no webhook.
    """
    endpoint = get_endpoint(conn, contact_id, vault=vault)
    endpoint = endpoint.rotated(new_secret(), overlap=overlap, now=now)
    sealed = vault.seal(endpoint.text(), row_id=contact_id, field=ContactChannel.WEBHOOK)
    conn.execute(
        update(ContactChannelRow)
        .where(
            ContactChannelRow.contact_id == contact_id,
            ContactChannelRow.channel == ContactChannel.WEBHOOK,
        )
        .values(address_sealed=sealed)
    )
    return endpoint
